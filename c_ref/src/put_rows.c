/* x = rows of y at some places, as it was at the others
 *
 * x (rows, columns), which changes in place, y (k, columns), places (k)
 * A place outside x takes nothing. Of two equal places the later wins: a core has some columns of
 * every row, and walks the whole list. */
#include "tinycl_replay.h"

void tinycl_put_rows(float *x, const float *y, const int32_t *places,
                     const struct tinycl_rows_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->columns, core, cores);

    for (int32_t j = 0; j < s->k; j++) {
        if (places[j] < 0 || places[j] >= s->rows)
            continue;
        float *to = x + places[j] * s->columns;
        const float *from = y + j * s->columns;

        for (int32_t i = mine.begin; i < mine.end; i++)
            to[i] = from[i];
    }
}
