/* dx = the sum of w * dy over everything that the input has touched
 *
 * w (c, kh, kw), dy (n, c, ho, wo), dx (n, c, h, w)
 * Sums from +0.0 over the taps from last to first, which meets ascending (ho, wo). Each tap takes
 * part: where it meets no output, outside or between two strides, dy is +0.0. */
#include "tinycl.h"

void tinycl_depthwise_input_grad(const float *w, const float *dy, float *dx,
                                 const struct tinycl_depthwise_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->h * s->w, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t column = i % s->w + s->pad_left;
        const int32_t row = i / s->w % s->h + s->pad_top;
        const int32_t plane = i / s->w / s->h; /* n * C + c */
        const float *gradient = dy + plane * s->ho * s->wo;
        const float *kernel = w + plane % s->c * s->kh * s->kw;
        float sum = s->resume ? dx[i] : 0.0f;

        for (int32_t kh = s->kh - 1; kh >= 0; kh--)
            for (int32_t kw = s->kw - 1; kw >= 0; kw--) {
                const float met = tinycl_spread(gradient, row - kh, column - kw, s->ho, s->wo,
                                                s->stride_h, s->stride_w);
                sum = __builtin_fmaf(met, kernel[kh * s->kw + kw], sum);
            }
        dx[i] = sum;
    }
}
