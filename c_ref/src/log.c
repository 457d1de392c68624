/* log(x), correctly rounded, in integer arithmetic.
 *
 * x = 2^e m with m between sqrt(1/2) and sqrt(2), s = (m-1)/(m+1), and
 * log x = e ln2 + 2s (1 + s^2/3 + s^4/5 + ...). s is a normalised quotient, so the result has full
 * relative precision near x = 1. The relative error before the one rounding is below 2^-60;
 * tinycl/num/explog.py derives it. */
#include "tinycl_num.h"

#include "fixed.h"

#define SQRT2 UINT32_C(0xb504f3)            /* floor(sqrt(2) * 2^23) */
#define LOG_TERM_COUNT 12

/* floor(2^64 / (2k+1)), k = 1..12 */
static const uint64_t log_terms[LOG_TERM_COUNT] = {
    UINT64_C(0x5555555555555555), UINT64_C(0x3333333333333333), UINT64_C(0x2492492492492492),
    UINT64_C(0x1c71c71c71c71c71), UINT64_C(0x1745d1745d1745d1), UINT64_C(0x13b13b13b13b13b1),
    UINT64_C(0x1111111111111111), UINT64_C(0x0f0f0f0f0f0f0f0f), UINT64_C(0x0d79435e50d79435),
    UINT64_C(0x0c30c30c30c30c30), UINT64_C(0x0b21642c8590b216), UINT64_C(0x0a3d70a3d70a3d70),
};

float tinycl_log(float x)
{
    uint32_t bits = float_to_bits(x);

    if ((bits & UINT32_C(0x7fffffff)) == 0)
        return bits_to_float(FLOAT_INFINITY | UINT32_C(0x80000000));
    if (bits > FLOAT_INFINITY)              /* a NaN, or the sign bit is set */
        return bits_to_float(FLOAT_NAN);
    if (bits == FLOAT_INFINITY)
        return x;
    if (bits == FLOAT_ONE)
        return bits_to_float(0);

    /* x = significand / 2^23 * 2^e, 2^23 <= significand < 2^24. */
    int e = (int)(bits >> 23) - 127;
    uint32_t significand = (bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000);
    if (bits >> 23 == 0) {
        int shift = 24 - bit_length(bits);
        e = -126 - shift;
        significand = bits << shift;
    }
    /* Larger m are halved, which makes s negative. */
    int halved = significand > SQRT2;
    e += halved;
    uint32_t one = UINT32_C(1) << (halved ? 24 : 23);
    uint32_t numerator = halved ? one - significand : significand - one;
    uint64_t denominator = significand + one;

    /* |s| = q 2^-t: numerator / denominator, two digits of 32 bits by long division. */
    int t = 24 - bit_length(numerator);
    uint64_t scaled = (uint64_t)numerator << (t + 32);
    uint64_t high = scaled / denominator;
    uint64_t low = ((scaled - high * denominator) << 32) / denominator;
    uint64_t q = high << 32 | low;

    uint64_t s2 = multiply_high(q, q) >> (2 * t);
    uint64_t w = multiply_high(s2, series(log_terms, LOG_TERM_COUNT, s2));
    uint64_t log_m = q + multiply_high(q, w);  /* |log m| = log_m 2^(1-t-64) */

    /* |log x| = magnitude 2^(scale-64). */
    uint64_t magnitude = log_m;
    int scale = 1 - t;
    int negative = halved;
    if (e != 0) {
        /* A product with a 32-bit half of ln2 fits in 40 bits. */
        uint64_t size = (uint64_t)(e < 0 ? -e : e);
        int b = bit_length((uint32_t)size);
        uint64_t e_ln2 = (size * (LN2 >> 32) << (32 - b)) + (size * (LN2 & 0xffffffff) >> b);
        uint64_t part = log_m >> (t + b - 1);
        magnitude = (e > 0) != halved ? e_ln2 + part : e_ln2 - part;
        scale = b;
        negative = e < 0;
    }

    int shift = 32 - bit_length((uint32_t)(magnitude >> 32));
    uint32_t rounded = round_to_float32(magnitude << shift, scale - 1 - shift);
    return bits_to_float(rounded | (uint32_t)negative << 31);
}
