/* dw = the sum of x * dy over all places of all images
 *
 * x (n, ci, h, w), dy (n, co, h, w), dw (co, ci)
 * Sums over (n, h, w) from +0.0, one chain through the whole batch. */
#include "tinycl.h"

void tinycl_pointwise_weight_grad(const float *x, const float *dy, float *dw,
                                  const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->co * s->ci, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t ci = i % s->ci;
        const int32_t co = i / s->ci;
        float sum = s->resume ? dw[i] : 0.0f;

        for (int32_t n = 0; n < s->n; n++) {
            const float *image = x + (n * s->ci + ci) * area;
            const float *gradient = dy + (n * s->co + co) * area;

            for (int32_t place = 0; place < area; place++)
                sum = __builtin_fmaf(image[place], gradient[place], sum);
        }
        dw[i] = sum;
    }
}
