/* dx = the sum of w * dy over everything that the input has touched
 *
 * w (co, ci, kh, kw), dy (n, co, ho, wo), dx (n, ci, h, w)
 * Sums from +0.0 over co, then over the taps from last to first, which meets ascending (ho, wo).
 * Each tap of each co takes part: where it meets no output, outside or between two strides, dy
 * is +0.0. */
#include "tinycl.h"

void tinycl_conv2d_input_grad(const float *w, const float *dy, float *dx,
                              const struct tinycl_conv2d_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->ci * s->h * s->w, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t column = i % s->w + s->pad_left;
        const int32_t row = i / s->w % s->h + s->pad_top;
        const int32_t ci = i / s->w / s->h % s->ci;
        const int32_t n = i / s->w / s->h / s->ci;
        float sum = s->resume ? dx[i] : 0.0f;

        for (int32_t co = 0; co < s->co; co++) {
            const float *gradient = dy + (n * s->co + co) * s->ho * s->wo;
            const float *kernel = w + (co * s->ci + ci) * s->kh * s->kw;

            for (int32_t kh = s->kh - 1; kh >= 0; kh--)
                for (int32_t kw = s->kw - 1; kw >= 0; kw--) {
                    const float met = tinycl_spread(gradient, row - kh, column - kw, s->ho, s->wo,
                                                    s->stride_h, s->stride_w);
                    sum = __builtin_fmaf(met, kernel[kh * s->kw + kw], sum);
                }
        }
        dx[i] = sum;
    }
}
