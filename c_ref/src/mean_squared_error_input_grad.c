/* dy = (d + d) / M with d = y - t, M = batch * features
 *
 * y, t and dy (n, features); rounded after each operator; M is one integer, rounded once. */
#include "tinycl.h"

/* An integer rounded once. Bits below the last 32 count only as being there or not, which is all
 * that rounding to 24 asks of them; conversion of 64 bits would need software on a 32-bit core. */
static float rounded(uint64_t whole)
{
    float scale = 1.0f;

    for (; whole >> 32; scale *= 2.0f)
        whole = whole >> 1 | (whole & 1);
    return (float)(uint32_t)whole * scale;
}

void tinycl_mean_squared_error_input_grad(const float *y, const float *t, float *dy, int32_t n,
                                          int32_t features, int32_t batch, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(n * features, core, cores);
    const float divisor = rounded((uint64_t)batch * (uint64_t)features);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const float d = y[i] - t[i];
        dy[i] = (d + d) / divisor;
    }
}
