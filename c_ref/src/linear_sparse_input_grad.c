/* dx = dy w, of dy only what survives
 *
 * w (fo, fi), dy (n, fo), dx (n, fi), effort (fi)
 * Sums over the survivors in their order, from +0.0. Of w it reads only the rows of survivors. A
 * core has some of the input features. */
#include "tinycl_sparse.h"

void tinycl_linear_sparse_input_grad(const float *w, const float *dy,
                                     const struct tinycl_survivors *kept, float *dx,
                                     int32_t *effort, const struct tinycl_linear_shape *s,
                                     int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->fi, core, cores);

    for (int32_t fi = mine.begin; fi < mine.end; fi++)
        effort[fi] = 0;
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->fo, 1);
        struct tinycl_range entries;

        for (int32_t fi = mine.begin; fi < mine.end; fi++)
            dx[n * s->fi + fi] = 0.0f;
        while (tinycl_next(&walk, &entries)) {
            const int32_t fo = entries.begin;

            for (int32_t fi = mine.begin; fi < mine.end; fi++) {
                float *sum = dx + n * s->fi + fi;
                *sum = __builtin_fmaf(dy[n * s->fo + fo], w[fo * s->fi + fi], *sum);
                effort[fi]++;
            }
        }
    }
}
