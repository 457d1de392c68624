/* y = the sum of x, divided by count
 *
 * x (n), y one element; count is more than n when x is a part of a larger batch
 * Adds in order from +0.0. One output, so core 0 does it. */
#include "tinycl.h"

void tinycl_mean(const float *x, float *y, int32_t n, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        float sum = 0.0f;

        for (int32_t k = 0; k < n; k++)
            sum += x[k];
        y[i] = sum / (float)count;
    }
}
