/* y = x, without the axes of the image. x (n, c, h, w), y (n, c*h*w), count elements each */
#include "tinycl.h"

void tinycl_flatten_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = x[i];
}
