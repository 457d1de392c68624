/* turn = turn + 1, modulo 2^32: one element, which changes in place. */
#include "tinycl_replay.h"

void tinycl_next_turn(uint32_t *turn, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);

    if (mine.begin < mine.end)
        *turn += 1;
}
