/* What a convolution's sparse gradients do to one plane: one input channel, one output channel.
 *
 * The shape is that of a depthwise convolution; n and c of it are not read. */
#ifndef TAPS_H
#define TAPS_H

#include "tinycl.h"

/* The planes of a convolution. */
static inline struct tinycl_depthwise_shape planes_of(const struct tinycl_conv2d_shape *s)
{
    return (struct tinycl_depthwise_shape){
        .n = s->n, .c = s->ci, .h = s->h, .w = s->w, .kh = s->kh, .kw = s->kw,
        .ho = s->ho, .wo = s->wo, .stride_h = s->stride_h, .stride_w = s->stride_w,
        .pad_top = s->pad_top, .pad_left = s->pad_left,
    };
}

/* Adds the terms of one entry of dy to dw (kh, kw), those with a pixel outside the image as well.
 * Returns how many there were. */
static inline int32_t add_to_weights(float *dw, const float *image, const float *gradient,
                                     int32_t entry, const struct tinycl_depthwise_shape *s)
{
    const int32_t top = entry / s->wo * s->stride_h - s->pad_top;
    const int32_t left = entry % s->wo * s->stride_w - s->pad_left;
    int32_t macs = 0;

    for (int32_t kh = 0; kh < s->kh; kh++)
        for (int32_t kw = 0; kw < s->kw; kw++, macs++) {
            const float pixel = tinycl_padded(image, top + kh, left + kw, s->h, s->w);
            float *sum = dw + kh * s->kw + kw;

            *sum = __builtin_fmaf(pixel, gradient[entry], *sum);
        }
    return macs;
}

/* Adds the terms of one entry of dy to dx (h, w); taps outside the image have nowhere to go.
 * Returns how many taps there were. */
static inline int32_t add_to_image(float *dx, const float *kernel, const float *gradient,
                                   int32_t entry, const struct tinycl_depthwise_shape *s)
{
    const int32_t top = entry / s->wo * s->stride_h - s->pad_top;
    const int32_t left = entry % s->wo * s->stride_w - s->pad_left;
    int32_t macs = 0;

    for (int32_t kh = 0; kh < s->kh; kh++)
        for (int32_t kw = 0; kw < s->kw; kw++, macs++) {
            const int32_t row = top + kh, column = left + kw;

            if (row >= 0 && row < s->h && column >= 0 && column < s->w) {
                float *sum = dx + row * s->w + column;
                *sum = __builtin_fmaf(gradient[entry], kernel[kh * s->kw + kw], *sum);
            }
        }
    return macs;
}

/* Adds the terms of a whole channel of dy to dx (h, w), as the dense gradient does: all taps, from
 * last to first; where one meets no output, outside or between two strides, dy is +0.0. Returns
 * how many taps its entries have. */
static inline int32_t add_channel_to_image(float *dx, const float *kernel, const float *gradient,
                                           const struct tinycl_depthwise_shape *s)
{
    for (int32_t i = 0; i < s->h * s->w; i++) {
        const int32_t column = i % s->w + s->pad_left;
        const int32_t row = i / s->w + s->pad_top;

        for (int32_t kh = s->kh - 1; kh >= 0; kh--)
            for (int32_t kw = s->kw - 1; kw >= 0; kw--) {
                const float met = tinycl_spread(gradient, row - kh, column - kw, s->ho, s->wo,
                                                s->stride_h, s->stride_w);
                dx[i] = __builtin_fmaf(met, kernel[kh * s->kw + kw], dx[i]);
            }
    }
    return s->ho * s->wo * s->kh * s->kw;
}

#endif
