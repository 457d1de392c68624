/* r = std / moving_std between 1 / rmax and rmax, d = (mean - moving_mean) / moving_std between
 * -dmax and dmax; a NaN stays. All tensors (count) */
#include "tinycl.h"
#include "tinycl_norm.h"

static float held(float value, float low, float high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

void tinycl_renorm_corrections(const float *mean, const float *std, const float *moving_mean,
                               const float *moving_std, float *r, float *d,
                               const struct tinycl_renorm_bounds *bounds, int32_t count, int core,
                               int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);
    const float rmin = 1.0f / bounds->rmax;

    for (int32_t i = mine.begin; i < mine.end; i++) {
        r[i] = held(std[i] / moving_std[i], rmin, bounds->rmax);
        d[i] = held((mean[i] - moving_mean[i]) / moving_std[i], -bounds->dmax, bounds->dmax);
    }
}
