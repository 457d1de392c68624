/* peak = the largest y so far, this one included
 *
 * y (n), y_max one element, which changes in place, peak (n)
 * Samples in order; a NaN never becomes the largest. One chain, so core 0 does it. */
#include "tinycl_sparse.h"

void tinycl_running_max(const float *y, float *y_max, float *peak, int32_t n, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);

    for (int32_t i = 0; mine.begin < mine.end && i < n; i++) {
        if (y[i] > *y_max)
            *y_max = y[i];
        peak[i] = *y_max;
    }
}
