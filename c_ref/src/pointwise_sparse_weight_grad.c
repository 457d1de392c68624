/* dw = the sum of x * dy over the entries of dy that survive
 *
 * x (n, ci, h, w), dy (n, co, h, w), dw (co, ci), effort (ci)
 * Sums over n, then over the survivors in their order, from +0.0, one chain through the whole
 * batch. A core has some of the input channels. */
#include "tinycl_sparse.h"

void tinycl_pointwise_sparse_weight_grad(const float *x, const float *dy,
                                         const struct tinycl_survivors *kept, float *dw,
                                         int32_t *effort, const struct tinycl_pointwise_shape *s,
                                         int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->ci, core, cores);
    const int32_t area = s->h * s->w;

    for (int32_t ci = mine.begin; ci < mine.end; ci++) {
        effort[ci] = 0;
        for (int32_t co = 0; co < s->co; co++)
            dw[co * s->ci + ci] = 0.0f;
    }
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->co, area);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries))
            for (int32_t i = entries.begin; i < entries.end; i++) {
                const float gradient = dy[n * s->co * area + i];
                float *sums = dw + i / area * s->ci;

                for (int32_t ci = mine.begin; ci < mine.end; ci++) {
                    const float pixel = x[(n * s->ci + ci) * area + i % area];
                    sums[ci] = __builtin_fmaf(pixel, gradient, sums[ci]);
                    effort[ci]++;
                }
            }
    }
}
