/* y = some rows of x
 *
 * x (rows, columns), index (k), y (k, columns)
 * A core has some columns of every row. A row outside x gives zeros. */
#include "tinycl_replay.h"

void tinycl_gather_bytes(const uint8_t *x, const int32_t *index, uint8_t *y,
                         const struct tinycl_rows_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->columns, core, cores);

    for (int32_t j = 0; j < s->k; j++) {
        const int inside = index[j] >= 0 && index[j] < s->rows;
        const uint8_t *from = inside ? x + index[j] * s->columns : x;
        uint8_t *to = y + j * s->columns;

        for (int32_t i = mine.begin; i < mine.end; i++)
            to[i] = inside ? from[i] : 0;
    }
}
