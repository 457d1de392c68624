/* Checks tinycl_exp and tinycl_log on a range of bit patterns; tools/exhaustive builds and drives it.
 *
 * The oracle is the double precision exp/log of the C library, whose error is below one ulp (2^-52).
 * Every value in an interval of +-2^-48 around its result is taken as possible: where both ends
 * round to the same float, that float is the answer. The other inputs are handed back undecided. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tinycl_num.h"

#define NAN_BITS UINT32_C(0x7fc00000)

enum { FUNCTION_EXP, FUNCTION_LOG };

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return value != value ? NAN_BITS : bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t raw(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* out[i] = the function of in[i], as bits. */
void check_apply(int function, const uint32_t *in, uint32_t *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        float x = float_of(in[i]);
        out[i] = raw(function == FUNCTION_EXP ? tinycl_exp(x) : tinycl_log(x));
    }
}

/* Inputs first .. first+count-1. Fills undecided (at most capacity of them; the count is exact) and
 * first_wrong, and returns the number of decided inputs whose result is wrong. */
uint64_t check_range(int function, uint32_t first, uint32_t count, uint32_t *undecided,
                     uint32_t capacity, uint32_t *undecided_count, uint32_t *first_wrong)
{
    uint64_t wrong = 0;
    *undecided_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t input = first + i;
        float x = float_of(input);
        double y = function == FUNCTION_EXP ? exp((double)x) : log((double)x);
        uint32_t low = bits_of((float)(y * (1 - 0x1p-48)));
        uint32_t high = bits_of((float)(y * (1 + 0x1p-48)));
        if (low != high) {
            if (*undecided_count < capacity)
                undecided[*undecided_count] = input;
            *undecided_count += 1;
            continue;
        }
        uint32_t got = raw(function == FUNCTION_EXP ? tinycl_exp(x) : tinycl_log(x));
        if (got != low && wrong++ == 0)
            *first_wrong = input;
    }
    return wrong;
}
