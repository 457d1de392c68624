/* db = the sum of dy over the batch
 *
 * dy (n, fo), db (fo)
 * Adds over n from +0.0. */
#include "tinycl.h"

void tinycl_linear_bias_grad(const float *dy, float *db, const struct tinycl_linear_shape *s,
                             int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->fo, core, cores);

    for (int32_t fo = mine.begin; fo < mine.end; fo++) {
        float sum = s->resume ? db[fo] : 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            sum += dy[n * s->fo + fo];
        db[fo] = sum;
    }
}
