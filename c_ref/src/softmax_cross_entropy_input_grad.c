/* dz = (p - y) / batch, y being 1 at the target and +0.0 elsewhere
 *
 * p and dz (n, classes), target (n); rounded after each operator. */
#include "tinycl.h"

void tinycl_softmax_cross_entropy_input_grad(const float *p, const int32_t *target, float *dz,
                                             const struct tinycl_softmax_shape *s, int32_t batch,
                                             int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->classes, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const float y = i % s->classes == target[i / s->classes] ? 1.0f : 0.0f;
        dz[i] = (p[i] - y) / (float)batch;
    }
}
