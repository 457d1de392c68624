/* places = `stored` different places of a memory, at random ones of the new samples
 *
 * places (count), -1 where a sample is not kept
 * The free places come first, in order, then random filled ones (Floyd's sampling); then the list
 * is shuffled, so that its first entries need no memory besides it. One chain: core 0 does it. */
#include "tinycl_num.h"
#include "tinycl_replay.h"

static int32_t drawn(const struct tinycl_draw *from, int32_t index, int32_t bound)
{
    uint32_t number;

    tinycl_integers(&number, (uint32_t)bound, from->seed, from->stream, (uint32_t)index, 1);
    return (int32_t)number;
}

static int contains(const int32_t *list, int32_t count, int32_t place)
{
    for (int32_t i = 0; i < count; i++)
        if (list[i] == place)
            return 1;
    return 0;
}

void tinycl_random_places(int32_t *places, const struct tinycl_draw *from,
                          const struct tinycl_replacement *r, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);
    const int32_t room = r->slots - r->filled, free = r->stored < room ? r->stored : room;
    const int32_t others = r->stored - free;

    if (mine.begin == mine.end)
        return;
    for (int32_t j = 0; j < r->count; j++)
        places[j] = j < free ? r->filled + j : -1;
    for (int32_t j = 0; j < others; j++) {
        const int32_t last = r->filled - others + j;
        const int32_t place = drawn(from, r->count + j, last + 1);

        places[free + j] = contains(places + free, j, place) ? last : place;
    }
    for (int32_t i = r->count - 1; i > 0; i--) {
        const int32_t j = drawn(from, i, i + 1), kept = places[i];

        places[i] = places[j];
        places[j] = kept;
    }
}
