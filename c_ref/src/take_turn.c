/* index = order at turn * count + j, modulo its length
 *
 * order (n), index (count)
 * The product needs 64 bits; behind its end the order begins again. */
#include "tinycl_replay.h"

void tinycl_take_turn(const int32_t *order, uint32_t turn, int32_t *index, int32_t n,
                      int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);
    const uint64_t first = (uint64_t)turn * (uint32_t)count + (uint32_t)mine.begin;
    int32_t at = (int32_t)(first % (uint32_t)n);

    for (int32_t j = mine.begin; j < mine.end; j++) {
        index[j] = order[at];
        at = at + 1 < n ? at + 1 : 0;
    }
}
