/* 64-bit fixed point and float32 bits, shared by exp.c and log.c.
 *
 * "Qk" is an integer that counts units of 2^-k. Nothing here is a floating-point operation. */
#ifndef TINYCL_FIXED_H
#define TINYCL_FIXED_H

#include <stdint.h>

#define FLOAT_NAN UINT32_C(0x7fc00000)
#define FLOAT_INFINITY UINT32_C(0x7f800000)
#define FLOAT_ONE UINT32_C(0x3f800000)

#define LN2 UINT64_C(0xb17217f7d1cf79ab)    /* floor(ln2 * 2^64) */
#define LN2_LOW INT64_C(0xc9e3b398)         /* the next 32 bits of ln2 */

_Static_assert(sizeof(float) == 4, "float is binary32");
_Static_assert((INT64_C(-3) >> 1) == -2, "a right shift of a negative number rounds down");

static inline uint32_t float_to_bits(float value)
{
    union { float value; uint32_t bits; } cast = { .value = value };
    return cast.bits;
}

static inline float bits_to_float(uint32_t bits)
{
    union { uint32_t bits; float value; } cast = { .bits = bits };
    return cast.value;
}

/* Upper 64 bits of the 128-bit product a * b, from four 32-bit products. */
static inline uint64_t multiply_high(uint64_t a, uint64_t b)
{
    const uint64_t mask = UINT64_C(0xffffffff);
    uint64_t a_high = a >> 32, a_low = a & mask;
    uint64_t b_high = b >> 32, b_low = b & mask;
    uint64_t middle = a_high * b_low + (a_low * b_low >> 32);
    uint64_t other = a_low * b_high + (middle & mask);
    return a_high * b_high + (middle >> 32) + (other >> 32);
}

/* Horner: terms[0] + z * (terms[1] + z * (...)), everything Q64. */
static inline uint64_t series(const uint64_t *terms, int count, uint64_t z)
{
    uint64_t sum = terms[count - 1];
    for (int k = count - 2; k >= 0; k--)
        sum = multiply_high(sum, z) + terms[k];
    return sum;
}

/* Bits needed for n: 0 for 0, 1 for 1, 2 for 2 and 3. */
static inline int bit_length(uint32_t n)
{
    int length = 0;
    for (int step = 16; step > 0; step >>= 1) {
        if (n >> step != 0) {
            length += step;
            n >>= step;
        }
    }
    return length + (int)n;
}

/* Bits of significand * 2^(exponent-63), bit 63 set, rounded once to nearest even. */
static inline uint32_t round_to_float32(uint64_t significand, int exponent)
{
    if (exponent > 127)
        return FLOAT_INFINITY;
    /* Below 2^-126 the last place stays at 2^-149: bits under it collapse into a sticky bit. */
    int lost = exponent >= -126 ? 0 : exponent <= -152 ? 26 : -126 - exponent;
    uint64_t kept = significand >> lost;
    kept |= (uint64_t)((kept << lost) != significand);
    uint64_t top = kept >> 40;
    uint64_t rest = kept & ((UINT64_C(1) << 40) - 1);
    uint64_t up = rest + (top & 1) > UINT64_C(1) << 39;
    /* The leading bit of `top` adds one to the exponent field, and so does a carry out of it. */
    uint32_t field = exponent > -126 ? (uint32_t)(exponent + 126) : 0;
    return (field << 23) + (uint32_t)(top + up);
}

#endif
