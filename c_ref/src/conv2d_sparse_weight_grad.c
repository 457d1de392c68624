/* dw = the sum of x * dy over the entries of dy that survive
 *
 * x (n, ci, h, w), dy (n, co, ho, wo), dw (co, ci, kh, kw), effort (ci)
 * Sums over n, then over the survivors in their order, from +0.0, one chain through the whole
 * batch; a pixel outside the image takes part as +0.0. A core has some of the input channels. */
#include "taps.h"
#include "tinycl_sparse.h"

static void clear(float *dw, int32_t *effort, const struct tinycl_conv2d_shape *s,
                  struct tinycl_range mine)
{
    const int32_t taps = s->kh * s->kw;

    for (int32_t ci = mine.begin; ci < mine.end; ci++) {
        effort[ci] = 0;
        for (int32_t co = 0; co < s->co; co++)
            for (int32_t i = 0; i < taps; i++)
                dw[(co * s->ci + ci) * taps + i] = 0.0f;
    }
}

void tinycl_conv2d_sparse_weight_grad(const float *x, const float *dy,
                                      const struct tinycl_survivors *kept, float *dw,
                                      int32_t *effort, const struct tinycl_conv2d_shape *s,
                                      int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->ci, core, cores);
    const struct tinycl_depthwise_shape planes = planes_of(s);
    const int32_t area = s->ho * s->wo;

    clear(dw, effort, s, mine);
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->co, area);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries))
            for (int32_t i = entries.begin; i < entries.end; i++) {
                const int32_t co = i / area;
                const float *gradient = dy + (n * s->co + co) * area;

                for (int32_t ci = mine.begin; ci < mine.end; ci++)
                    effort[ci] += add_to_weights(dw + (co * s->ci + ci) * s->kh * s->kw,
                                                 x + (n * s->ci + ci) * s->h * s->w, gradient,
                                                 i % area, &planes);
            }
    }
}
