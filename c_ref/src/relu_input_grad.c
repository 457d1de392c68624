/* dx = dy where x > 0, else +0.0, at a NaN too. x, dy, dx (count) */
#include "tinycl.h"

void tinycl_relu_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                            int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        dx[i] = x[i] > 0.0f ? dy[i] : 0.0f;
}
