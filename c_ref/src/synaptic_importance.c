/* importance = importance + (factor * -path) / (d * d + eps), between +0 and clip
 *
 * importance, path, anchor and weight (count), d = weight - anchor; importance changes in place,
 * and stays where the quotient is a NaN. */
#include "tinycl_replay.h"

void tinycl_synaptic_importance(float *importance, const float *path, const float *anchor,
                                const float *weight, const struct tinycl_importance *r,
                                int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const float d = weight[i] - anchor[i];
        const float share = r->factor * -path[i] / __builtin_fmaf(d, d, r->eps);
        const float total = importance[i] + share;

        if (share != share)
            continue;
        importance[i] = total > 0.0f ? (total < r->clip ? total : r->clip) : 0.0f;
    }
}
