/* bits = where an activation lets its gradient through: 0 < x < below, or x > 0
 *
 * x (count), bits (ceil(count / 32))
 * Bit b of word i is that of x[32i + b]; bits behind the last element are 0. ReLU6 has 6 for
 * `below`, ReLU Inf, which bounds nothing; a NaN lets nothing through. A core has some of the words. */
#include <float.h>

#include "tinycl_sparse.h"

void tinycl_gate_bits(const float *x, int32_t *bits, int32_t count, float below, int core,
                      int cores)
{
    const struct tinycl_range mine = tinycl_share((count - 1) / 32 + 1, core, cores);

    for (int32_t word = mine.begin; word < mine.end; word++) {
        const int32_t left = count - word * 32;
        uint32_t open = 0;

        for (int32_t b = 0; b < 32 && b < left; b++) {
            const float value = x[word * 32 + b];
            if (value > 0.0f && (value < below || below > FLT_MAX))
                open |= UINT32_C(1) << b;
        }
        ((uint32_t *)bits)[word] = open;
    }
}
