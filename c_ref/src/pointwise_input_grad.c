/* dx = w' dy at each place of the image
 *
 * w (co, ci), dy (n, co, h, w), dx (n, ci, h, w)
 * Sums over co from +0.0. */
#include "tinycl.h"

void tinycl_pointwise_input_grad(const float *w, const float *dy, float *dx,
                                 const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->n * s->ci * area, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t place = i % area;
        const int32_t ci = i / area % s->ci;
        const int32_t n = i / area / s->ci;
        float sum = s->resume ? dx[i] : 0.0f;

        for (int32_t co = 0; co < s->co; co++)
            sum = __builtin_fmaf(dy[(n * s->co + co) * area + place], w[co * s->ci + ci], sum);
        dx[i] = sum;
    }
}
