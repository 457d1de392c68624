/* The walk over the survivors of one sample: in the order of the list; but where everything
 * survives, by channel, so that the sums are the dense ones. */
#include <stddef.h>

#include "tinycl_sparse.h"

struct tinycl_walk tinycl_walk(const struct tinycl_survivors *kept, int32_t n, int32_t c,
                               int32_t positions)
{
    const int32_t row = kept->rows == 1 ? 0 : n;
    const int32_t total = kept->channels ? c : c * positions;
    const int32_t most = kept->cap < total ? kept->cap : total;
    const int32_t told = kept->count[row];
    const int32_t count = told < 0 ? 0 : told < most ? told : most;

    if (count == total)
        return (struct tinycl_walk){.count = c, .total = c, .each = positions, .whole = 1};
    return (struct tinycl_walk){
        .index = kept->index + row * kept->cap, .count = count, .total = total,
        .each = kept->channels ? positions : 1, .whole = kept->channels != 0,
    };
}

int tinycl_next(struct tinycl_walk *w, struct tinycl_range *entries)
{
    while (w->at < w->count) {
        const int32_t found = w->index != NULL ? w->index[w->at] : w->at;

        w->at++;
        if (found >= 0 && found < w->total) {
            *entries = (struct tinycl_range){found * w->each, (found + 1) * w->each};
            return 1;
        }
    }
    return 0;
}
