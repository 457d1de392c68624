/* x = (q - zero) * scale
 *
 * q, x (count); the difference is exact, the product is rounded. */
#include "tinycl_int8.h"

void tinycl_dequantise(const uint8_t *q, float scale, int32_t zero, float *x, int32_t count,
                       int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        x[i] = (float)(q[i] - zero) * scale;
}
