/* x = y at some places, as it was at the others
 *
 * x (rows), which changes in place, y (k), places (k); a place outside x takes nothing. Of two
 * equal places the later wins: a core has some of x, and walks the whole list. */
#include "tinycl_replay.h"

void tinycl_put_labels(int32_t *x, const int32_t *y, const int32_t *places, int32_t rows,
                       int32_t k, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(rows, core, cores);

    for (int32_t j = 0; j < k; j++)
        if (places[j] >= mine.begin && places[j] < mine.end)
            x[places[j]] = y[j];
}
