/* x = y at some places of one axis, as it was at the others
 *
 * x (outer, length, inner), which changes in place, y (outer, k, inner), index (k)
 * Of two equal indices the later wins: a core has some of the axis, and walks the whole list. */
#include "tinycl_sparse.h"

void tinycl_scatter(float *x, const float *y, const int32_t *index,
                    const struct tinycl_subset_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->length, core, cores);

    for (int32_t at = 0; at < s->k; at++) {
        if (index[at] < mine.begin || index[at] >= mine.end)
            continue;
        for (int32_t outer = 0; outer < s->outer; outer++) {
            float *to = x + (outer * s->length + index[at]) * s->inner;
            const float *from = y + (outer * s->k + at) * s->inner;

            for (int32_t i = 0; i < s->inner; i++)
                to[i] = from[i];
        }
    }
}
