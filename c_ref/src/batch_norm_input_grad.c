/* dx where mean and std are those of x
 *
 * x, dy, dx (n, c, area); mean, std, gamma, r (c)
 *     u  = (x - mean) / std
 *     g  = dy * gamma [* r]
 *     a  = (sum of g) / count, b = (sum of g * u, one fma a term) / count
 *     dx = (-u * b + (g - a)) / std, product and sum one fma
 * Sums over (n, area) from +0.0. */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_batch_norm_input_grad(const float *x, const struct tinycl_norm *t, const float *dy,
                                  float *dx, const struct tinycl_norm_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c, core, cores);
    const float count = (float)(s->n * s->area);

    for (int32_t c = mine.begin; c < mine.end; c++) {
        const float mean = t->mean[c], std = t->std[c];
        float a = 0.0f, b = 0.0f;

        for (int32_t n = 0; n < s->n; n++) {
            const int32_t plane = (n * s->c + c) * s->area;

            for (int32_t i = plane; i < plane + s->area; i++) {
                const float g = tinycl_norm_scaled(t, dy[i], c);
                a += g;
                b = __builtin_fmaf(g, (x[i] - mean) / std, b);
            }
        }
        a = a / count;
        b = b / count;
        for (int32_t n = 0; n < s->n; n++) {
            const int32_t plane = (n * s->c + c) * s->area;

            for (int32_t i = plane; i < plane + s->area; i++) {
                const float u = (x[i] - mean) / std;
                dx[i] = __builtin_fmaf(-u, b, tinycl_norm_scaled(t, dy[i], c) - a) / std;
            }
        }
    }
}
