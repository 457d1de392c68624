/* y = the mean of each window
 *
 * x (n, c, h, w), y (n, c, ho, wo)
 * Adds the window's positions inside the image in row-major order from +0.0, then divides by their
 * count. */
#include "tinycl.h"

void tinycl_avg_pool_forward(const float *x, float *y, const struct tinycl_pool_shape *s,
                             int core, int cores)
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
        const int32_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
        float sum = 0.0f;

        for (int32_t row = rows.begin; row < rows.end; row++)
            for (int32_t column = columns.begin; column < columns.end; column++)
                sum += image[row * s->w + column];
        y[i] = sum / (float)count;
    }
}
