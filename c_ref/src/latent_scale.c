/* scale = a_max / (2^bits - 1), one element each: a_max is the highest of 2^bits steps. */
#include "tinycl_replay.h"

void tinycl_latent_scale(const float *a_max, float *scale, int32_t bits, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);

    if (mine.begin < mine.end)
        *scale = *a_max / (float)((1 << bits) - 1);
}
