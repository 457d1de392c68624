/* dx = dy where 0 < x < 6, else +0.0: at 0, at 6 and at a NaN too. x, dy, dx (count) */
#include "tinycl.h"

void tinycl_relu6_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                             int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        dx[i] = x[i] > 0.0f && x[i] < 6.0f ? dy[i] : 0.0f;
}
