/* The walk over the survivors of one sample, in the order of the sums
 *
 * Ascending: by index, however the list is ordered. Heap: in the order of the list; but where
 * everything survives, ascending, so that the sums are the dense ones. */
#include <stddef.h>

#include "tinycl_sparse.h"

static int ascends(const int32_t *index, int32_t count)
{
    for (int32_t i = 1; i < count; i++)
        if (index[i] <= index[i - 1])
            return 0;
    return 1;
}

struct tinycl_walk tinycl_walk(const struct tinycl_survivors *kept, int32_t n, int32_t c,
                               int32_t positions)
{
    const int32_t row = kept->rows == 1 ? 0 : n;
    const int32_t total = kept->channels ? c : c * positions;
    const int32_t most = kept->cap < total ? kept->cap : total;
    const int32_t told = kept->count[row];
    const int32_t count = told < 0 ? 0 : told < most ? told : most;
    const int32_t *index = kept->index + row * kept->cap;

    if (count == total)
        return (struct tinycl_walk){.count = c, .total = c, .each = positions, .whole = 1};
    return (struct tinycl_walk){
        .index = index, .count = count, .total = total, .last = -1,
        .each = kept->channels ? positions : 1, .whole = kept->channels != 0,
        .listed = kept->order == TINYCL_HEAP || ascends(index, count),
    };
}

/* The least index above the last one; a search, for lists in no order. */
static int32_t following(struct tinycl_walk *w)
{
    int32_t least = w->total;

    for (int32_t i = 0; i < w->count; i++)
        if (w->index[i] > w->last && w->index[i] < least)
            least = w->index[i];
    w->last = least;
    return least < w->total ? least : -1;
}

static int32_t next_of_list(struct tinycl_walk *w)
{
    while (w->at < w->count) {
        const int32_t found = w->index[w->at++];
        if (found >= 0 && found < w->total)
            return found;
    }
    return -1;
}

int tinycl_next(struct tinycl_walk *w, struct tinycl_range *entries)
{
    int32_t found;

    if (w->index == NULL)
        found = w->at < w->count ? w->at++ : -1;
    else
        found = w->listed ? next_of_list(w) : following(w);
    if (found < 0)
        return 0;
    *entries = (struct tinycl_range){found * w->each, (found + 1) * w->each};
    return 1;
}
