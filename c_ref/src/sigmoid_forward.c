/* y = 1 / (1 + exp(-x)), rounded after each operator. x, y (count) */
#include "tinycl.h"
#include "tinycl_num.h"

void tinycl_sigmoid_forward(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = 1.0f / (1.0f + tinycl_exp(-x[i]));
}
