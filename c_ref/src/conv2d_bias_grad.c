/* db = the sum of dy over everything that the bias was added to
 *
 * dy (n, co, ho, wo), db (co)
 * Adds over (n, ho, wo) from +0.0, one chain through the whole batch. */
#include "tinycl.h"

void tinycl_conv2d_bias_grad(const float *dy, float *db, const struct tinycl_conv2d_shape *s,
                             int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->co, core, cores);

    for (int32_t co = mine.begin; co < mine.end; co++) {
        float sum = s->resume ? db[co] : 0.0f;

        for (int32_t n = 0; n < s->n; n++) {
            const float *gradient = dy + (n * s->co + co) * s->ho * s->wo;

            for (int32_t i = 0; i < s->ho * s->wo; i++)
                sum += gradient[i];
        }
        db[co] = sum;
    }
}
