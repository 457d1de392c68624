/* y = x * w + bias, each channel with a kernel of its own
 *
 * x (n, c, h, w), w (c, kh, kw), bias (c) or NULL, y (n, c, ho, wo)
 * Sums over (kh, kw) from +0.0; a tap outside the image takes part as +0.0. Then adds the
 * bias. */
#include "tinycl.h"

void tinycl_depthwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_depthwise_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->ho * s->wo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const int32_t plane = i / s->wo / s->ho; /* n * C + c */
        const int32_t c = plane % s->c;
        const float *image = x + plane * s->h * s->w;
        const float *kernel = w + c * s->kh * s->kw;
        float sum = s->resume ? y[i] : 0.0f;

        for (int32_t kh = 0; kh < s->kh; kh++)
            for (int32_t kw = 0; kw < s->kw; kw++) {
                const int32_t row = ho * s->stride_h + kh - s->pad_top;
                const int32_t column = wo * s->stride_w + kw - s->pad_left;
                const float pixel = tinycl_padded(image, row, column, s->h, s->w);
                sum = __builtin_fmaf(pixel, kernel[kh * s->kw + kw], sum);
            }
        y[i] = bias ? sum + bias[c] : sum;
    }
}
