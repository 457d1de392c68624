/* ds = the sum of x * dy over a plane, from +0.0, one fma a term
 *
 * x, dy (planes, area), ds (planes) */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_channel_scale_gate_grad(const float *x, const float *dy, float *ds, int32_t planes,
                                    int32_t area, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(planes, core, cores);

    for (int32_t plane = mine.begin; plane < mine.end; plane++) {
        float sum = 0.0f;

        for (int32_t i = plane * area; i < (plane + 1) * area; i++)
            sum = __builtin_fmaf(x[i], dy[i], sum);
        ds[plane] = sum;
    }
}
