/* y = the sum of |a| of each row
 *
 * a (rows, each), y (rows)
 * Adds along the row from +0.0. */
#include "tinycl_sparse.h"

void tinycl_magnitude_sum(const float *a, float *y, int32_t rows, int32_t each, int core,
                          int cores)
{
    const struct tinycl_range mine = tinycl_share(rows, core, cores);

    for (int32_t row = mine.begin; row < mine.end; row++) {
        float sum = 0.0f;

        for (int32_t i = 0; i < each; i++)
            sum += __builtin_fabsf(a[row * each + i]);
        y[row] = sum;
    }
}
