/* y = x * w + bias in whole numbers, each channel with a kernel of its own, scaled back to bytes
 *
 * x (n, c, h, w), w (c, kh, kw), bias, multiplier and shift (c), y (n, c, ho, wo)
 * Sums (x - zero) * w modulo 2^32 from the bias on; outside the image x is its zero, and adds
 * nothing. */
#include "tinycl_int8.h"

void tinycl_int8_depthwise(const uint8_t *x, const int8_t *w, const struct tinycl_int8_scales *to,
                           uint8_t *y, const struct tinycl_depthwise_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c * s->ho * s->wo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t wo = i % s->wo;
        const int32_t ho = i / s->wo % s->ho;
        const int32_t plane = i / s->wo / s->ho; /* n * C + c */
        const int32_t c = plane % s->c;
        const uint8_t *image = x + plane * s->h * s->w;
        const int8_t *kernel = w + c * s->kh * s->kw;
        const struct tinycl_range rows =
            tinycl_covered(ho * s->stride_h - s->pad_top, s->kh, s->h);
        const struct tinycl_range columns =
            tinycl_covered(wo * s->stride_w - s->pad_left, s->kw, s->w);
        uint32_t sum = (uint32_t)to->bias[c];

        for (int32_t row = rows.begin; row < rows.end; row++)
            for (int32_t column = columns.begin; column < columns.end; column++) {
                const int32_t kh = row - ho * s->stride_h + s->pad_top;
                const int32_t kw = column - wo * s->stride_w + s->pad_left;
                const int32_t pixel = image[row * s->w + column] - to->zeros[0];
                sum += (uint32_t)(pixel * kernel[kh * s->kw + kw]);
            }
        y[i] = tinycl_rescaled(sum, to->multiplier[c], to->shift[c], to->zeros[1]);
    }
}
