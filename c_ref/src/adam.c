/* Adam, with weight decay added to the gradient
 *
 * w, g, m and v (count), correction (2) = k1, k2; w, m and v change in place.
 * trained (n) or NULL: nothing changes if it is all zero.
 *     g' = weight_decay * w + g       (g when weight_decay is 0)
 *     m  = beta1 * m + c1 * g'        c1 = 1 - beta1
 *     v  = beta2 * v + (c2 * g') * g' c2 = 1 - beta2
 *     w  = -lr * ((m / k1) / (sqrt(v / k2) + eps)) + w
 * The first product of each line and its sum are one fma; every other operator rounds. */
#include "tinycl.h"

void tinycl_adam(float *w, const float *g, float *m, float *v, const float *correction,
                 const int32_t *trained, int32_t n, const struct tinycl_adam_rates *r,
                 int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);
    const float c1 = 1.0f - r->beta1, c2 = 1.0f - r->beta2;
    const float k1 = correction[0], k2 = correction[1];

    if (!tinycl_any_trains(trained, n))
        return;
    for (int32_t i = mine.begin; i < mine.end; i++) {
        float step = g[i];

        if (r->weight_decay != 0.0f)
            step = __builtin_fmaf(r->weight_decay, w[i], step);
        m[i] = __builtin_fmaf(r->beta1, m[i], c1 * step);
        v[i] = __builtin_fmaf(r->beta2, v[i], c2 * step * step);

        const float direction = m[i] / k1 / (__builtin_sqrtf(v[i] / k2) + r->eps);
        w[i] = __builtin_fmaf(-r->lr, direction, w[i]);
    }
}
