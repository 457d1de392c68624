/* loss = the mean of (y - t)^2 over the elements of a sample
 *
 * y and t (n, features), loss (n)
 * Sums over features from +0.0, then divides by their number. */
#include "tinycl.h"

void tinycl_mean_squared_error_forward(const float *y, const float *t, float *loss, int32_t n,
                                       int32_t features, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(n, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        float sum = 0.0f;

        for (int32_t f = 0; f < features; f++) {
            const float d = y[i * features + f] - t[i * features + f];
            sum = __builtin_fmaf(d, d, sum);
        }
        loss[i] = sum / (float)features;
    }
}
