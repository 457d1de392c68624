/* q = x / scale to the nearest whole number, ties to even, plus zero, held between 0 and 255
 *
 * x, q (count); the quotient is rounded as a float. A NaN gives zero. */
#include "tinycl_int8.h"

/* Nothing is cast that an int32_t does not hold. */
static int32_t nearest(float value)
{
    if (!(value > -256.0f))
        return value != value ? 0 : -256;
    if (value >= 256.0f)
        return 256;

    const int32_t whole = (int32_t)value; /* towards 0 */
    const float rest = value - (float)whole; /* exact */
    const int odd = whole % 2 != 0;

    if (rest > 0.5f || (rest == 0.5f && odd))
        return whole + 1;
    if (rest < -0.5f || (rest == -0.5f && odd))
        return whole - 1;
    return whole;
}

void tinycl_quantise(const float *x, float scale, int32_t zero, uint8_t *q, int32_t count,
                     int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        q[i] = tinycl_held(nearest(x[i] / scale) + zero);
}
