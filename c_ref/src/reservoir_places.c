/* places = where a uniform sample of all samples so far keeps the new ones (Vitter's algorithm R)
 *
 * places (count), -1 where a sample is not kept
 * Sample t of all has place t, or a random number from 0 to t that may be a place. */
#include "tinycl_num.h"
#include "tinycl_replay.h"

void tinycl_reservoir_places(int32_t *places, const struct tinycl_draw *from, int32_t slots,
                             int32_t seen, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t j = mine.begin; j < mine.end; j++) {
        uint32_t place = (uint32_t)(seen + j);

        if (place >= (uint32_t)slots)
            tinycl_integers(&place, place + 1, from->seed, from->stream, (uint32_t)j, 1);
        places[j] = place < (uint32_t)slots ? (int32_t)place : -1;
    }
}
