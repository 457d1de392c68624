/* dx = (dy * gamma [* r]) / std: mean and std are constants
 *
 * dy, dx (n, c, area); std, gamma, r (c). Cores share the planes. */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_normalise_input_grad(const struct tinycl_norm *t, const float *dy, float *dx,
                                 const struct tinycl_norm_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->c, core, cores);

    for (int32_t plane = mine.begin; plane < mine.end; plane++) {
        const int32_t c = plane % s->c;

        for (int32_t i = plane * s->area; i < (plane + 1) * s->area; i++)
            dx[i] = tinycl_norm_scaled(t, dy[i], c) / t->std[c];
    }
}
