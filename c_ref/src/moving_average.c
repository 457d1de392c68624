/* m = rate * (scale * value - m) + m, the last product and sum one fma. m, value (count) */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_moving_average(float *m, const float *value, float rate, float scale, int32_t count,
                           int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        m[i] = __builtin_fmaf(rate, scale * value[i] - m[i], m[i]);
}
