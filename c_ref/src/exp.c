/* exp(x), correctly rounded, in integer arithmetic.
 *
 * x = n ln2 + r with 0 <= r < ln2, and exp(x) = 2^n (1 + r + r^2 G(r)), G(r) = sum r^(k-2)/k!.
 * The relative error before the one rounding is below 2^-61; tinycl/num/explog.py derives it. */
#include "tinycl_num.h"

#include "fixed.h"

#define INVERSE_LN2 INT64_C(0x5c551d94)     /* floor(2^30 / ln2) */
#define EXP_TINY UINT32_C(0x33000000)       /* 2^-25: up to here exp rounds to 1 */
#define EXP_HUGE UINT32_C(0x43000000)       /* 2^7: from here on exp overflows or rounds to 0 */
#define EXP_TERM_COUNT 17

/* floor(2^64 / k!), k = 2..18 */
static const uint64_t exp_terms[EXP_TERM_COUNT] = {
    UINT64_C(0x8000000000000000), UINT64_C(0x2aaaaaaaaaaaaaaa), UINT64_C(0x0aaaaaaaaaaaaaaa),
    UINT64_C(0x0222222222222222), UINT64_C(0x005b05b05b05b05b), UINT64_C(0x000d00d00d00d00d),
    UINT64_C(0x0001a01a01a01a01), UINT64_C(0x00002e3bc74aad8e), UINT64_C(0x0000049f93edde27),
    UINT64_C(0x0000006b99159fd5), UINT64_C(0x00000008f76c77fc), UINT64_C(0x00000000b092309d),
    UINT64_C(0x000000000c9cba54), UINT64_C(0x0000000000d73f9f), UINT64_C(0x00000000000d73f9),
    UINT64_C(0x000000000000ca96), UINT64_C(0x0000000000000b41),
};

float tinycl_exp(float x)
{
    uint32_t bits = float_to_bits(x);
    uint32_t magnitude = bits & UINT32_C(0x7fffffff);
    int negative = bits >> 31 != 0;

    if (magnitude > FLOAT_INFINITY)
        return bits_to_float(FLOAT_NAN);
    if (magnitude >= EXP_HUGE)
        return bits_to_float(negative ? 0 : FLOAT_INFINITY);
    if (magnitude <= EXP_TINY)
        return bits_to_float(FLOAT_ONE);

    /* x as Q48: exact, since its last bit is worth 2^-48 or more. */
    int64_t significand = (int64_t)((bits & UINT32_C(0x7fffff)) | UINT32_C(0x800000));
    int64_t fixed = significand << ((magnitude >> 23) - 102);
    if (negative)
        fixed = -fixed;

    /* n = floor(x / ln2), or one less: x goes down to Q16 and one more, which outweighs the error
     * of the Q30 constant. r = x - n ln2 is in [0, 1), so Q64 modulo 2^64 holds it. */
    int64_t n = (((fixed >> 32) - 1) * INVERSE_LN2) >> 46;
    uint64_t n_ln2 = (uint64_t)n * LN2 + (uint64_t)((n * LN2_LOW) >> 32);
    uint64_t r = ((uint64_t)fixed << 16) - n_ln2;
    if (r >= LN2) {
        n += 1;
        r -= LN2;
    }

    uint64_t g = series(exp_terms, EXP_TERM_COUNT, r);
    uint64_t fraction = r + multiply_high(r, multiply_high(r, g));  /* e^r - 1 < 1 */
    return bits_to_float(round_to_float32((UINT64_C(1) << 63) | fraction >> 1, (int)n));
}
