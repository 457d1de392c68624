/* mask = uniform < rate ? +0 : 1 / (1 - rate), y = x * mask. x, y, mask (count)
 *
 * Element i takes uniform i of its stream, whichever core does it. */
#include "tinycl.h"
#include "tinycl_norm.h"
#include "tinycl_num.h"

void tinycl_dropout_forward(const float *x, float *y, float *mask, const struct tinycl_dropout *s,
                            int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);
    const float kept = 1.0f / (1.0f - s->rate);

    tinycl_uniform(mask + mine.begin, s->seed, s->stream, (uint64_t)mine.begin,
                   (uint32_t)(mine.end - mine.begin));
    for (int32_t i = mine.begin; i < mine.end; i++) {
        mask[i] = mask[i] < s->rate ? 0.0f : kept;
        y[i] = x[i] * mask[i];
    }
}
