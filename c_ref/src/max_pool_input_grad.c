/* dx = the sum of the dy of all windows that chose this place
 *
 * dy and index (n, c, ho, wo), dx (n, c, h, w)
 * Adds over ascending (ho, wo) from +0.0. */
#include "tinycl.h"

void tinycl_max_pool_input_grad(const float *dy, const int32_t *index, float *dx,
                                const struct tinycl_pool_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->h * s->w, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t column = i % s->w;
        const int32_t row = i / s->w % s->h;
        const int32_t plane = i / s->w / s->h; /* n * C + c */
        const struct tinycl_range down =
            tinycl_covering(row + s->pad_top, s->kh, s->stride_h, s->ho);
        const struct tinycl_range across =
            tinycl_covering(column + s->pad_left, s->kw, s->stride_w, s->wo);
        float sum = 0.0f;

        for (int32_t ho = down.begin; ho < down.end; ho++)
            for (int32_t wo = across.begin; wo < across.end; wo++) {
                const int32_t window = (plane * s->ho + ho) * s->wo + wo;
                if (index[window] == row * s->w + column)
                    sum += dy[window];
            }
        dx[i] = sum;
    }
}
