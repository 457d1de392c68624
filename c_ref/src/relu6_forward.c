/* y = x between 0 and 6, 6 above, +0.0 below; a NaN stays. x, y (count) */
#include "tinycl.h"

void tinycl_relu6_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = tinycl_relu6(x[i]);
}
