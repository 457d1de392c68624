/* count = how many entries of a sample survive (TinyProp), ratio = the share of them aimed at
 *
 * y, peak (n), trained (n) or NULL, count and ratio (n)
 *     ratio = (s_min + (y * (s_max - s_min)) / peak) * zeta, s_min * zeta when peak is 0
 *     count = entries * ratio without its fraction, or rounded half to even, from 1 to entries;
 *             entries when ratio is not finite
 * each operator rounded. A sample with trained 0 has count 0 and ratio +0.0. */
#include "tinycl_sparse.h"

/* Nothing is cast that an int32_t does not hold. */
static int32_t whole(float wanted, int32_t entries, int32_t half_even)
{
    if (!(wanted >= 1.0f))
        return 1;
    if (wanted >= 2147483648.0f)
        return entries;

    int32_t k = (int32_t)wanted;
    const float rest = wanted - (float)k; /* exact: k has no more bits than `wanted` */

    if (half_even && k < entries && (rest > 0.5f || (rest == 0.5f && k % 2 != 0)))
        k++;
    return k < entries ? k : entries;
}

void tinycl_tinyprop_count(const float *y, const float *peak, const int32_t *trained,
                           int32_t *count, float *ratio, const struct tinycl_sparsity *p,
                           int32_t n, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(n, core, cores);
    const float span = p->s_max - p->s_min;

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const float above = peak[i] == 0.0f ? p->s_min : p->s_min + y[i] * span / peak[i];
        const float share = above * p->zeta;
        const int finite = share - share == 0.0f;

        if (trained && trained[i] == 0) {
            count[i] = 0;
            ratio[i] = 0.0f;
            continue;
        }
        count[i] = finite ? whole((float)p->entries * share, p->entries, p->half_even)
                          : p->entries;
        ratio[i] = share;
    }
}
