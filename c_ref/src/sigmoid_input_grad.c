/* dx = dy * (y * (1 - y)), rounded after each operator; y is what sigmoid gave.
 * y, dy, dx (count) */
#include "tinycl.h"

void tinycl_sigmoid_input_grad(const float *y, const float *dy, float *dx, int32_t count,
                               int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}
