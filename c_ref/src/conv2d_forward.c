/* y = x * w + bias
 *
 * x (n, ci, h, w), w (co, ci, kh, kw), bias (co) or NULL, y (n, co, ho, wo)
 * Sums over (ci, kh, kw) from +0.0; a tap outside the image takes part as +0.0. Then adds
 * the bias. */
#include "tinycl.h"

void tinycl_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                           const struct tinycl_conv2d_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->co * s->ho * s->wo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const int32_t co = i / s->wo / s->ho % s->co;
        const int32_t n = i / s->wo / s->ho / s->co;
        float sum = s->resume ? y[i] : 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++) {
            const float *image = x + (n * s->ci + ci) * s->h * s->w;
            const float *kernel = w + (co * s->ci + ci) * s->kh * s->kw;

            for (int32_t kh = 0; kh < s->kh; kh++)
                for (int32_t kw = 0; kw < s->kw; kw++) {
                    const int32_t row = ho * s->stride_h + kh - s->pad_top;
                    const int32_t column = wo * s->stride_w + kw - s->pad_left;
                    const float pixel = tinycl_padded(image, row, column, s->h, s->w);
                    sum = __builtin_fmaf(pixel, kernel[kh * s->kw + kw], sum);
                }
        }
        y[i] = bias ? sum + bias[co] : sum;
    }
}
