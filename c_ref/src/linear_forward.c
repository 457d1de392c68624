/* y = x w' + bias
 *
 * x (n, fi), w (fo, fi), bias (fo) or NULL, y (n, fo)
 * Sums over fi from +0.0, then adds the bias. */
#include "tinycl.h"

void tinycl_linear_forward(const float *x, const float *w, const float *bias, float *y,
                           const struct tinycl_linear_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->fo, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t fo = i % s->fo;
        const int32_t n = i / s->fo;
        float sum = s->resume ? y[i] : 0.0f;

        for (int32_t fi = 0; fi < s->fi; fi++)
            sum = __builtin_fmaf(x[n * s->fi + fi], w[fo * s->fi + fi], sum);
        y[i] = bias ? sum + bias[fo] : sum;
    }
}
