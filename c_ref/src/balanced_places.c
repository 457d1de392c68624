/* places = where new samples go in a memory that holds as much of each class as it can
 *
 * kept (slots): labels of the entries, which change in place; labels and places (n), -1 where a
 * sample is not kept; counts (classes): entries of each class
 * The samples come in random order, each of those that are left being as likely: places marks
 * them. One chain, so core 0 does it. */
#include "tinycl_num.h"
#include "tinycl_replay.h"

enum { UNSEEN = -2 };

static int32_t drawn(const struct tinycl_draw *from, int32_t index, int32_t bound)
{
    uint32_t number;

    tinycl_integers(&number, (uint32_t)bound, from->seed, from->stream, (uint32_t)index, 1);
    return (int32_t)number;
}

/* Where a value stands for the n-th time, n = 0, 1, ...; `count` if it does not. */
static int32_t nth(const int32_t *list, int32_t count, int32_t value, int32_t n)
{
    int32_t i = 0;

    for (; i < count; i++)
        if (list[i] == value && n-- == 0)
            break;
    return i;
}

static int32_t largest_class(const int32_t *counts, int32_t classes)
{
    int32_t most = 0;

    for (int32_t c = 1; c < classes; c++)
        if (counts[c] > counts[most])
            most = c;
    return most;
}

void tinycl_balanced_places(int32_t *kept, const int32_t *labels, int32_t *places,
                            int32_t *counts, const struct tinycl_draw *from,
                            const struct tinycl_balance *b, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);
    int32_t filled = b->filled;

    if (mine.begin == mine.end)
        return;
    for (int32_t c = 0; c < b->classes; c++)
        counts[c] = 0;
    for (int32_t s = 0; s < filled; s++)
        if (kept[s] >= 0 && kept[s] < b->classes)
            counts[kept[s]]++;
    for (int32_t i = 0; i < b->n; i++)
        places[i] = UNSEEN;
    for (int32_t k = 0; k < b->n; k++) {
        const int32_t i = nth(places, b->n, UNSEEN, drawn(from, k, b->n - k)), own = labels[i];
        const int32_t most = largest_class(counts, b->classes);
        int32_t place = filled;

        places[i] = -1;
        if (own < 0 || own >= b->classes)
            continue;
        if (filled < b->slots) {
            filled++;
        } else if (counts[own] < counts[most]) {
            place = nth(kept, b->slots, most, drawn(from, b->n + k, counts[most]));
            counts[most]--;
            const int32_t replaced = nth(places, b->n, place, 0);
            if (replaced < b->n)
                places[replaced] = -1;
        } else {
            continue;
        }
        places[i] = place;
        kept[place] = own;
        counts[own]++;
    }
}
