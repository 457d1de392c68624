/* db = the sum of dy over everything that the bias was added to, in the samples that train
 *
 * dy (n, c, positions), trained (n), db (c)
 * Adds over (n, positions) from +0.0, one chain through the samples with trained not 0. */
#include "tinycl_sparse.h"

void tinycl_sampled_bias_grad(const float *dy, const int32_t *trained, float *db, int32_t n,
                              int32_t c, int32_t positions, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(c, core, cores);

    for (int32_t channel = mine.begin; channel < mine.end; channel++) {
        float sum = 0.0f;

        for (int32_t sample = 0; sample < n; sample++) {
            const float *gradient = dy + (sample * c + channel) * positions;

            for (int32_t i = 0; trained[sample] != 0 && i < positions; i++)
                sum += gradient[i];
        }
        db[channel] = sum;
    }
}
