/* dw = dy' x, of dy only what survives
 *
 * x (n, fi), dy (n, fo), dw (fo, fi), effort (fi)
 * Sums over n from +0.0. A core has some of the input features. */
#include "tinycl_sparse.h"

void tinycl_linear_sparse_weight_grad(const float *x, const float *dy,
                                      const struct tinycl_survivors *kept, float *dw,
                                      int32_t *effort, const struct tinycl_linear_shape *s,
                                      int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->fi, core, cores);

    for (int32_t fi = mine.begin; fi < mine.end; fi++) {
        effort[fi] = 0;
        for (int32_t fo = 0; fo < s->fo; fo++)
            dw[fo * s->fi + fi] = 0.0f;
    }
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->fo, 1);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries)) {
            const int32_t fo = entries.begin;

            for (int32_t fi = mine.begin; fi < mine.end; fi++) {
                float *sum = dw + fo * s->fi + fi;
                *sum = __builtin_fmaf(x[n * s->fi + fi], dy[n * s->fo + fo], *sum);
                effort[fi]++;
            }
        }
    }
}
