/* dw = the sum of x * dy over everything that the weight has touched
 *
 * x (n, c, h, w), dy (n, c, ho, wo), dw (c, kh, kw)
 * Sums over (n, ho, wo) from +0.0, one chain through the whole batch; a pixel outside the image
 * takes part as +0.0. */
#include "tinycl.h"

void tinycl_depthwise_weight_grad(const float *x, const float *dy, float *dw,
                                  const struct tinycl_depthwise_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c * s->kh * s->kw, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t kw = i % s->kw;
        const int32_t kh = i / s->kw % s->kh;
        const int32_t c = i / s->kw / s->kh;
        float sum = s->resume ? dw[i] : 0.0f;

        for (int32_t n = 0; n < s->n; n++) {
            const float *image = x + (n * s->c + c) * s->h * s->w;
            const float *gradient = dy + (n * s->c + c) * s->ho * s->wo;

            for (int32_t ho = 0; ho < s->ho; ho++)
                for (int32_t wo = 0; wo < s->wo; wo++) {
                    const int32_t row = ho * s->stride_h + kh - s->pad_top;
                    const int32_t column = wo * s->stride_w + kw - s->pad_left;
                    const float pixel = tinycl_padded(image, row, column, s->h, s->w);
                    sum = __builtin_fmaf(pixel, gradient[ho * s->wo + wo], sum);
                }
        }
        dw[i] = sum;
    }
}
