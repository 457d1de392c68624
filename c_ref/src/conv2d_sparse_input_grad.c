/* dx = the sum of w * dy over the entries of dy that survive
 *
 * w (co, ci, kh, kw), dy (n, co, ho, wo), dx (n, ci, h, w), effort (ci)
 * Sums over the survivors in their order, from +0.0. Of a whole channel each tap takes part, +0.0
 * where it meets no output; a sample all of whose entries survive is made of whole channels. A
 * core has some of the input channels. */
#include "taps.h"
#include "tinycl_sparse.h"

static void clear(float *dx, int32_t *effort, const struct tinycl_conv2d_shape *s,
                  struct tinycl_range mine)
{
    const int32_t area = s->h * s->w;

    for (int32_t ci = mine.begin; ci < mine.end; ci++) {
        effort[ci] = 0;
        for (int32_t n = 0; n < s->n; n++)
            for (int32_t i = 0; i < area; i++)
                dx[(n * s->ci + ci) * area + i] = 0.0f;
    }
}

void tinycl_conv2d_sparse_input_grad(const float *w, const float *dy,
                                     const struct tinycl_survivors *kept, float *dx,
                                     int32_t *effort, const struct tinycl_conv2d_shape *s,
                                     int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->ci, core, cores);
    const struct tinycl_depthwise_shape planes = planes_of(s);
    const int32_t area = s->ho * s->wo;

    clear(dx, effort, s, mine);
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->co, area);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries)) {
            const int32_t co = entries.begin / area;
            const float *gradient = dy + (n * s->co + co) * area;

            for (int32_t ci = mine.begin; ci < mine.end; ci++) {
                const float *kernel = w + (co * s->ci + ci) * s->kh * s->kw;
                float *image = dx + (n * s->ci + ci) * s->h * s->w;

                effort[ci] += walk.whole
                                  ? add_channel_to_image(image, kernel, gradient, &planes)
                                  : add_to_image(image, kernel, gradient, entries.begin % area,
                                                 &planes);
            }
        }
    }
}
