/* y = w x + bias at each place of the image: a convolution with a 1x1 kernel
 *
 * x (n, ci, h, w), w (co, ci), bias (co) or NULL, y (n, co, h, w)
 * Sums over ci from +0.0, then adds the bias. */
#include "tinycl.h"

void tinycl_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->n * s->co * area, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t place = i % area;
        const int32_t co = i / area % s->co;
        const int32_t n = i / area / s->co;
        float sum = s->resume ? y[i] : 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++)
            sum = __builtin_fmaf(x[(n * s->ci + ci) * area + place], w[co * s->ci + ci], sum);
        y[i] = bias ? sum + bias[co] : sum;
    }
}
