/* y = the labels of a, then those of b. a (n), b (m), y (n + m) */
#include "tinycl_replay.h"

void tinycl_concat_labels(const int32_t *a, const int32_t *b, int32_t *y, int32_t n, int32_t m,
                          int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(n + m, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = i < n ? a[i] : b[i - n];
}
