/* dx = the sum of w * dy over the entries of dy that survive
 *
 * w (c, kh, kw), dy (n, c, ho, wo), dx (n, c, h, w), effort (c)
 * Sums over the channel's survivors in their order, from +0.0. Of a whole channel each tap takes
 * part, +0.0 where it meets no output; a sample all of whose entries survive is made of whole
 * channels. A core has some of the channels. */
#include "taps.h"
#include "tinycl_sparse.h"

static void clear(float *dx, int32_t *effort, const struct tinycl_depthwise_shape *s,
                  struct tinycl_range mine)
{
    const int32_t area = s->h * s->w;

    for (int32_t c = mine.begin; c < mine.end; c++)
        effort[c] = 0;
    for (int32_t n = 0; n < s->n; n++)
        for (int32_t i = mine.begin * area; i < mine.end * area; i++)
            dx[n * s->c * area + i] = 0.0f;
}

void tinycl_depthwise_sparse_input_grad(const float *w, const float *dy,
                                        const struct tinycl_survivors *kept, float *dx,
                                        int32_t *effort, const struct tinycl_depthwise_shape *s,
                                        int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c, core, cores);
    const int32_t area = s->ho * s->wo;

    clear(dx, effort, s, mine);
    for (int32_t n = 0; n < s->n; n++) {
        struct tinycl_walk walk = tinycl_walk(kept, n, s->c, area);
        struct tinycl_range entries;

        while (tinycl_next(&walk, &entries)) {
            const int32_t c = entries.begin / area;
            const int32_t plane = n * s->c + c;
            const float *kernel = w + c * s->kh * s->kw, *gradient = dy + plane * area;
            float *image = dx + plane * s->h * s->w;

            if (c < mine.begin || c >= mine.end)
                continue;
            effort[c] += walk.whole ? add_channel_to_image(image, kernel, gradient, s)
                                    : add_to_image(image, kernel, gradient,
                                                   entries.begin % area, s);
        }
    }
}
