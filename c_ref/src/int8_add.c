/* y = a + b, bytes of three scales
 *
 * a, b, y (count), multiplier (2), zeros (3); a sum of two products is below 2^40. */
#include "tinycl_int8.h"

void tinycl_int8_add(const uint8_t *a, const uint8_t *b, const int32_t *multiplier, int32_t shift,
                     const int32_t *zeros, uint8_t *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int64_t of_a = (int64_t)(a[i] - zeros[0]) * multiplier[0];
        const int64_t of_b = (int64_t)(b[i] - zeros[1]) * multiplier[1];

        y[i] = tinycl_scaled(of_a + of_b, shift, zeros[2]);
    }
}
