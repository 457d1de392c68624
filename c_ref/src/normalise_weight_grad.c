/* dgamma = the sum of dy * v, dbeta = the sum of dy, v as in normalise_forward
 *
 * x, dy (n, c, area); dgamma, dbeta (c)
 * Both over (n, area) from +0.0, the first one fma a term. */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_normalise_weight_grad(const float *x, const struct tinycl_norm *t, const float *dy,
                                  float *dgamma, float *dbeta, const struct tinycl_norm_shape *s,
                                  int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->c, core, cores);

    for (int32_t c = mine.begin; c < mine.end; c++) {
        float products = 0.0f, sum = 0.0f;

        for (int32_t n = 0; n < s->n; n++) {
            const int32_t plane = (n * s->c + c) * s->area;

            for (int32_t i = plane; i < plane + s->area; i++) {
                products = __builtin_fmaf(dy[i], tinycl_normalised(t, x[i], c), products);
                sum += dy[i];
            }
        }
        dgamma[c] = products;
        dbeta[c] = sum;
    }
}
