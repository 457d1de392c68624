/* db = the sum of the entries of dy that survive, over everything that the bias was added to
 *
 * dy (n, c, positions), db (c)
 * Adds over n, then over the channel's survivors in their order, from +0.0, one chain through the
 * whole batch. A core has some of the channels. */
#include "tinycl_sparse.h"

void tinycl_sparse_bias_grad(const float *dy, const struct tinycl_survivors *kept, float *db,
                             int32_t n, int32_t c, int32_t positions, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(c, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        db[i] = 0.0f;
    for (int32_t sample = 0; sample < n; sample++) {
        const float *gradient = dy + sample * c * positions;
        struct tinycl_walk walk = tinycl_walk(kept, sample, c, positions);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries)) {
            const int32_t channel = entries.begin / positions;

            if (channel < mine.begin || channel >= mine.end)
                continue;
            for (int32_t i = entries.begin; i < entries.end; i++)
                db[channel] += gradient[i];
        }
    }
}
