/* dx = +0.0 up to x = -3, dy from x = 3 on, between them dy * (((x + x) + 3) / 6), rounded after
 * each operator; a NaN takes the middle way. x, dy, dx (count) */
#include "tinycl.h"

void tinycl_hard_swish_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                                  int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        if (x[i] <= -3.0f)
            dx[i] = 0.0f;
        else if (x[i] >= 3.0f)
            dx[i] = dy[i];
        else
            dx[i] = dy[i] * ((x[i] + x[i] + 3.0f) / 6.0f);
    }
}
