/* y = (x * relu6(x + 3)) / 6, rounded after each operator. x, y (count) */
#include "tinycl.h"

void tinycl_hard_swish_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = x[i] * tinycl_relu6(x[i] + 3.0f) / 6.0f;
}
