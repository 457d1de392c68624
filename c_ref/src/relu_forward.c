/* y = x where x > 0, else +0.0; a NaN stays. x, y (count) */
#include "tinycl.h"

void tinycl_relu_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = x[i] > 0.0f || x[i] != x[i] ? x[i] : 0.0f;
}
