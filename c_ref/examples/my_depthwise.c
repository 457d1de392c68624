/* A depthwise convolution that tests each column only at the sides of the image
 *
 * It has one bug, to be found with `tinycl run --kernels`; the end of this file names it. */
#include "tinycl.h"

void tinycl_depthwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_depthwise_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->ho * s->wo, core, cores);
    const int32_t last = s->w - s->kw + s->pad_left; /* windows up to here end inside the image */

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const int32_t plane = i / s->wo / s->ho;
        const int32_t c = plane % s->c;
        const int32_t top = ho * s->stride_h - s->pad_top;
        const int32_t left = wo * s->stride_w - s->pad_left;
        const int inside = left >= 0 && wo <= last;
        float sum = 0.0f;

        for (int32_t kh = 0; kh < s->kh; kh++) {
            const int32_t row = top + kh;
            const int empty = row < 0 || row >= s->h;
            const int32_t line = (plane * s->h + row) * s->w;
            const float *taps = w + (c * s->kh + kh) * s->kw;

            for (int32_t kw = 0; kw < s->kw; kw++) {
                const int32_t column = left + kw;
                const int there = !empty && (inside || (column >= 0 && column < s->w));

                sum = __builtin_fmaf(there ? x[line + column] : 0.0f, taps[kw], sum);
            }
        }
        y[i] = bias ? sum + bias[c] : sum;
    }
}

/* The bug: `inside` compares an output's place with that of a pixel. It should say
 * `wo * s->stride_w <= last`. With stride 1 there is no difference; with another one the windows
 * that hang over the right side of the image read the next row instead of zeros. */
