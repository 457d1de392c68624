/* Stochastic gradient descent with momentum and weight decay
 *
 * w, g and velocity (count), velocity NULL without momentum; w and velocity change in place.
 * trained (n) or NULL: nothing changes if it is all zero.
 *     g' = weight_decay * w + g       (g when weight_decay is 0)
 *     v  = momentum * v + g'
 *     w  = -lr * v + w                (-lr * g' + w without velocity)
 * one fma a line. */
#include "tinycl.h"

void tinycl_sgd(float *w, const float *g, float *velocity, const int32_t *trained, int32_t n,
                const struct tinycl_sgd_rates *r, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    if (!tinycl_any_trains(trained, n))
        return;
    for (int32_t i = mine.begin; i < mine.end; i++) {
        float step = g[i];

        if (r->weight_decay != 0.0f)
            step = __builtin_fmaf(r->weight_decay, w[i], step);
        if (velocity)
            velocity[i] = step = __builtin_fmaf(r->momentum, velocity[i], step);
        w[i] = __builtin_fmaf(-r->lr, step, w[i]);
    }
}
