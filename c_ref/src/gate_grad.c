/* dx = dy where its bit is set, +0.0 elsewhere
 *
 * bits (ceil(count / 32)), dy and dx (count) */
#include "tinycl_sparse.h"

void tinycl_gate_grad(const int32_t *bits, const float *dy, float *dx, int32_t count, int core,
                      int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const uint32_t word = (uint32_t)bits[i / 32];
        dx[i] = word >> (i % 32) & 1 ? dy[i] : 0.0f;
    }
}
