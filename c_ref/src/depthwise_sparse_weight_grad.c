/* dw = the sum of x * dy over the entries of dy that survive
 *
 * x (n, c, h, w), dy (n, c, ho, wo), dw (c, kh, kw), effort (c)
 * Sums over n, then over the channel's survivors in their order, from +0.0, one chain through the
 * whole batch; a pixel outside the image takes part as +0.0. A core has some of the channels. */
#include "taps.h"
#include "tinycl_sparse.h"

void tinycl_depthwise_sparse_weight_grad(const float *x, const float *dy,
                                         const struct tinycl_survivors *kept, float *dw,
                                         int32_t *effort, const struct tinycl_depthwise_shape *s,
                                         int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c, core, cores);
    const int32_t area = s->ho * s->wo, taps = s->kh * s->kw;

    for (int32_t i = mine.begin * taps; i < mine.end * taps; i++)
        dw[i] = 0.0f;
    for (int32_t c = mine.begin; c < mine.end; c++)
        effort[c] = 0;
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->c, area);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries)) {
            const int32_t c = entries.begin / area;
            const int32_t plane = n * s->c + c;

            if (c < mine.begin || c >= mine.end)
                continue;
            for (int32_t i = entries.begin; i < entries.end; i++)
                effort[c] += add_to_weights(dw + c * taps, x + plane * s->h * s->w,
                                            dy + plane * area, i % area, s);
        }
    }
}
