/* dx = the sum of dy / count over the windows that cover this place
 *
 * dy (n, c, ho, wo), dx (n, c, h, w)
 * Divides the dy of a window by the count of its positions inside the image, and adds these
 * quotients over ascending (ho, wo) from +0.0. */
#include "tinycl.h"

void tinycl_avg_pool_input_grad(const float *dy, float *dx, const struct tinycl_pool_shape *s,
                                int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->h * s->w, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t column = i % s->w;
        const int32_t row = i / s->w % s->h;
        const float *gradient = dy + i / s->w / s->h * s->ho * s->wo;
        const struct tinycl_range down =
            tinycl_covering(row + s->pad_top, s->kh, s->stride_h, s->ho);
        const struct tinycl_range across =
            tinycl_covering(column + s->pad_left, s->kw, s->stride_w, s->wo);
        float sum = 0.0f;

        for (int32_t ho = down.begin; ho < down.end; ho++)
            for (int32_t wo = across.begin; wo < across.end; wo++) {
                const struct tinycl_range rows =
                    tinycl_covered(ho * s->stride_h - s->pad_top, s->kh, s->h);
                const struct tinycl_range columns =
                    tinycl_covered(wo * s->stride_w - s->pad_left, s->kw, s->w);
                const int32_t count = (rows.end - rows.begin) * (columns.end - columns.begin);
                sum += gradient[ho * s->wo + wo] / (float)count;
            }
        dx[i] = sum;
    }
}
