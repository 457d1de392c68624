/* dw = dy' x
 *
 * x (n, fi), dy (n, fo), dw (fo, fi)
 * Sums over n from +0.0. */
#include "tinycl.h"

void tinycl_linear_weight_grad(const float *x, const float *dy, float *dw,
                               const struct tinycl_linear_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->fo * s->fi, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t fi = i % s->fi;
        const int32_t fo = i / s->fi;
        float sum = s->resume ? dw[i] : 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            sum = __builtin_fmaf(x[n * s->fi + fi], dy[n * s->fo + fo], sum);
        dw[i] = sum;
    }
}
