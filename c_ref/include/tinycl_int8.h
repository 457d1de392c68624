/* Bytes with a scale and a zero point: x = (q - zero) * scale (tinycl/CONTRACT.md, section 7).
 *
 * Layouts, cores and buffers as tinycl.h says. x and y are bytes, weights signed bytes; each
 * output channel has a bias, a multiplier from 2^30 to 2^31 - 1 and a shift from 1 to 62. The
 * multipliers of an addition are from 0 to 2^31 - 1. zeros: the bytes that stand for 0, of the
 * inputs in their order, then of y. */
#ifndef TINYCL_INT8_H
#define TINYCL_INT8_H

#include "tinycl.h"

static inline uint8_t tinycl_held(int64_t value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
}

/* total / 2^shift to the nearest whole number, halves up, plus zero, as a byte. Of a negative
 * number -1 minus it is shifted: C does not say what becomes of the number itself. */
static inline uint8_t tinycl_scaled(int64_t total, int32_t shift, int32_t zero)
{
    const int64_t half = (int64_t)1 << (shift - 1);
    const int64_t up = total + half; /* below 2^63: |total| <= 2^62, half <= 2^61 */
    const int64_t floor = up >= 0 ? (int64_t)((uint64_t)up >> shift)
                                  : -1 - (int64_t)((uint64_t)(-1 - up) >> shift);

    return tinycl_held(floor + zero);
}

/* A sum modulo 2^32 as the int32_t of the same bits. */
static inline int32_t tinycl_signed(uint32_t bits)
{
    return bits <= INT32_MAX ? (int32_t)bits : -1 - (int32_t)~bits;
}

/* A sum that begins with the bias, scaled: y's byte. */
static inline uint8_t tinycl_rescaled(uint32_t sum, int32_t multiplier, int32_t shift, int32_t zero)
{
    return tinycl_scaled((int64_t)tinycl_signed(sum) * multiplier, shift, zero);
}

/* What one channel multiplies and adds with. */
struct tinycl_int8_scales {
    const int32_t *bias, *multiplier, *shift, *zeros;
};

/* x (n, ci, h, w), w (co, ci, kh, kw), y (n, co, ho, wo) */
void tinycl_int8_conv2d(const uint8_t *x, const int8_t *w, const struct tinycl_int8_scales *to,
                        uint8_t *y, const struct tinycl_conv2d_shape *s, int core, int cores);
/* x (n, c, h, w), w (c, kh, kw), y (n, c, ho, wo) */
void tinycl_int8_depthwise(const uint8_t *x, const int8_t *w, const struct tinycl_int8_scales *to,
                           uint8_t *y, const struct tinycl_depthwise_shape *s, int core, int cores);
/* x (n, ci, h, w), w (co, ci), y (n, co, h, w) */
void tinycl_int8_pointwise(const uint8_t *x, const int8_t *w, const struct tinycl_int8_scales *to,
                           uint8_t *y, const struct tinycl_pointwise_shape *s, int core, int cores);
/* multiplier (2) of a and b, one shift, zeros (3) of a, b and y; element by element. */
void tinycl_int8_add(const uint8_t *a, const uint8_t *b, const int32_t *multiplier, int32_t shift,
                     const int32_t *zeros, uint8_t *y, int32_t count, int core, int cores);
/* x (n, c, h, w), y (n, c, ho, wo): the padding is smaller than the kernel. */
void tinycl_int8_max_pool(const uint8_t *x, uint8_t *y, const struct tinycl_pool_shape *s,
                          int core, int cores);

/* q = x / scale to the nearest, ties to even, plus zero, held between 0 and 255; a NaN gives zero.
 */
void tinycl_quantise(const float *x, float scale, int32_t zero, uint8_t *q, int32_t count,
                     int core, int cores);
/* x = (q - zero) * scale */
void tinycl_dequantise(const uint8_t *q, float scale, int32_t zero, float *x, int32_t count,
                       int core, int cores);

#endif
