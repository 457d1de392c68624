/* dx = the sum of w * dy over the entries of dy that survive
 *
 * w (co, ci), dy (n, co, h, w), dx (n, ci, h, w), effort (ci)
 * Sums over the survivors of this place of the image in their order, from +0.0. A core has some
 * of the input channels. */
#include "tinycl_sparse.h"

void tinycl_pointwise_sparse_input_grad(const float *w, const float *dy,
                                        const struct tinycl_survivors *kept, float *dx,
                                        int32_t *effort, const struct tinycl_pointwise_shape *s,
                                        int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->ci, core, cores);
    const int32_t area = s->h * s->w;

    for (int32_t ci = mine.begin; ci < mine.end; ci++)
        effort[ci] = 0;
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->co, area);
        struct tinycl_range entries;
        float *image = dx + n * s->ci * area;

        for (int32_t i = mine.begin * area; i < mine.end * area; i++)
            image[i] = 0.0f;
        while (tinycl_next(&walk, &entries))
            for (int32_t i = entries.begin; i < entries.end; i++) {
                const float gradient = dy[n * s->co * area + i];
                const float *weights = w + i / area * s->ci;

                for (int32_t ci = mine.begin; ci < mine.end; ci++) {
                    float *sum = image + ci * area + i % area;
                    *sum = __builtin_fmaf(gradient, weights[ci], *sum);
                    effort[ci]++;
                }
            }
    }
}
