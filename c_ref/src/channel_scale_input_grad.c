/* dx = dy * s, one s a plane. dy, dx (planes, area), s (planes) */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_channel_scale_input_grad(const float *s, const float *dy, float *dx, int32_t planes,
                                     int32_t area, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(planes, core, cores);

    for (int32_t plane = mine.begin; plane < mine.end; plane++)
        for (int32_t i = plane * area; i < (plane + 1) * area; i++)
            dx[i] = dy[i] * s[plane];
}
