/* mean and var = mean and biased variance of each channel
 *
 * x (n, c, area), mean and var (c)
 * Sums over (n, area) from +0.0; the second pass adds (x - mean)^2, one fma a term. */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_channel_moments(const float *x, float *mean, float *var,
                            const struct tinycl_norm_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c, core, cores);
    const float count = (float)(s->n * s->area);

    for (int32_t c = mine.begin; c < mine.end; c++) {
        float sum = 0.0f, squares = 0.0f, middle;

        for (int32_t n = 0; n < s->n; n++) {
            const float *plane = x + (n * s->c + c) * s->area;

            for (int32_t i = 0; i < s->area; i++)
                sum += plane[i];
        }
        middle = sum / count;
        for (int32_t n = 0; n < s->n; n++) {
            const float *plane = x + (n * s->c + c) * s->area;

            for (int32_t i = 0; i < s->area; i++) {
                const float d = plane[i] - middle;
                squares = __builtin_fmaf(d, d, squares);
            }
        }
        mean[c] = middle;
        var[c] = squares / count;
    }
}
