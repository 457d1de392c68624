/* places = turn * count + j, modulo 2^32. places (count) */
#include "tinycl_replay.h"

void tinycl_turn_places(uint32_t turn, int32_t *places, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t j = mine.begin; j < mine.end; j++)
        places[j] = (int32_t)(turn * (uint32_t)count + (uint32_t)j);
}
