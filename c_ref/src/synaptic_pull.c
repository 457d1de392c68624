/* gradient = (strength * importance) * (weight - anchor) + gradient, the last product and sum one
 * fma, element by element, in place */
#include "tinycl_replay.h"

void tinycl_synaptic_pull(float *gradient, const float *importance, const float *weight,
                          const float *anchor, float strength, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        gradient[i] = __builtin_fmaf(strength * importance[i], weight[i] - anchor[i],
                                     gradient[i]);
}
