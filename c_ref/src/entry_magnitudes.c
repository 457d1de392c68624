/* a = the sum of |dy| over the batch, for each entry
 *
 * dy (n, m), a (m)
 * Adds over n from +0.0. */
#include "tinycl_sparse.h"

void tinycl_entry_magnitudes(const float *dy, float *a, int32_t n, int32_t m, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(m, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        float sum = 0.0f;

        for (int32_t sample = 0; sample < n; sample++)
            sum += __builtin_fabsf(dy[sample * m + i]);
        a[i] = sum;
    }
}
