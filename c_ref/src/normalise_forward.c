/* y = gamma * v + beta, one fma, with v = ((x - mean) [* r]) / std [+ d]
 *
 * x, y (n, c, area); mean, std, gamma, beta, r, d (c). Cores share the planes. */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_normalise_forward(const float *x, const struct tinycl_norm *t, float *y,
                              const struct tinycl_norm_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c, core, cores);

    for (int32_t plane = mine.begin; plane < mine.end; plane++) {
        const int32_t c = plane % s->c;

        for (int32_t i = plane * s->area; i < (plane + 1) * s->area; i++)
            y[i] = __builtin_fmaf(t->gamma[c], tinycl_normalised(t, x[i], c), t->beta[c]);
    }
}
