/* y = x at some places of one axis
 *
 * x (outer, length, inner), index (k), y (outer, k, inner)
 * An index that points nowhere leaves +0.0. */
#include "tinycl_sparse.h"

void tinycl_gather(const float *x, const int32_t *index, float *y,
                   const struct tinycl_subset_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->outer * s->k * s->inner, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t outer = i / s->inner / s->k;
        const int32_t from = index[i / s->inner % s->k];
        const int inside = from >= 0 && from < s->length;

        y[i] = inside ? x[(outer * s->length + from) * s->inner + i % s->inner] : 0.0f;
    }
}
