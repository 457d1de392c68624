/* turn = turn + 1, modulo 2^32. */
#include "tinycl_replay.h"

void tinycl_next_turn(uint32_t *turn, int core)
{
    if (core == 0)
        *turn += 1;
}
