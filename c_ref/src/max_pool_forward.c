/* y = the maximum of each window, index = its place in the image, as row * W + column
 *
 * x (n, c, h, w), y and index (n, c, ho, wo)
 * Places outside the image are left out. In row-major order the first maximum wins; a NaN wins
 * over every number, the first NaN over later ones. */
#include "tinycl.h"

void tinycl_max_pool_forward(const float *x, float *y, int32_t *index,
                             const struct tinycl_pool_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->ho * s->wo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const float *image = x + i / s->wo / s->ho * s->h * s->w;
        const struct tinycl_range rows =
            tinycl_covered(ho * s->stride_h - s->pad_top, s->kh, s->h);
        const struct tinycl_range columns =
            tinycl_covered(wo * s->stride_w - s->pad_left, s->kw, s->w);
        int32_t best = rows.begin * s->w + columns.begin;

        for (int32_t row = rows.begin; row < rows.end; row++)
            for (int32_t column = columns.begin; column < columns.end; column++) {
                const int32_t place = row * s->w + column;
                if (tinycl_beats(image[place], image[best]))
                    best = place;
            }
        y[i] = image[best];
        index[i] = best;
    }
}
