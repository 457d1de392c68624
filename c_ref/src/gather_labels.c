/* y = x at some places. x (rows), index (k), y (k); a place outside x gives 0. */
#include "tinycl_replay.h"

void tinycl_gather_labels(const int32_t *x, const int32_t *index, int32_t *y, int32_t rows,
                          int32_t k, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(k, core, cores);

    for (int32_t j = mine.begin; j < mine.end; j++)
        y[j] = index[j] >= 0 && index[j] < rows ? x[index[j]] : 0;
}
