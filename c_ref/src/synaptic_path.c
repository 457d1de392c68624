/* path = gradient * (after - before) + path, one fma, element by element, in place */
#include "tinycl_replay.h"

void tinycl_synaptic_path(float *path, const float *gradient, const float *before,
                          const float *after, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        path[i] = __builtin_fmaf(gradient[i], after[i] - before[i], path[i]);
}
