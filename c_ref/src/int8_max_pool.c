/* y = the largest byte of each window
 *
 * x (n, c, h, w), y (n, c, ho, wo); places outside the image are left out. */
#include "tinycl_int8.h"

void tinycl_int8_max_pool(const uint8_t *x, uint8_t *y, const struct tinycl_pool_shape *s,
                          int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->ho * s->wo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const uint8_t *image = x + i / s->wo / s->ho * s->h * s->w;
        const struct tinycl_range rows =
            tinycl_covered(ho * s->stride_h - s->pad_top, s->kh, s->h);
        const struct tinycl_range columns =
            tinycl_covered(wo * s->stride_w - s->pad_left, s->kw, s->w);
        uint8_t best = 0;

        for (int32_t row = rows.begin; row < rows.end; row++)
            for (int32_t column = columns.begin; column < columns.end; column++) {
                const uint8_t value = image[row * s->w + column];
                best = value > best ? value : best;
            }
        y[i] = best;
    }
}
