/* p = exp(z) / sum of exp(z) over the classes, loss = -log(p of the target)
 *
 * z and p (n, classes), target and loss (n); a core takes whole samples
 * The maximum is subtracted first (a NaN counts as the maximum). Sums over classes from +0.0. A
 * target that is no class, such as that of a free place, gives NaN. */
#include "tinycl.h"
#include "tinycl_num.h"

void tinycl_softmax_cross_entropy_forward(const float *z, const int32_t *target, float *p,
                                          float *loss, const struct tinycl_softmax_shape *s,
                                          int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n, core, cores);

    for (int32_t n = mine.begin; n < mine.end; n++) {
        const float *logit = z + n * s->classes;
        float *probability = p + n * s->classes;
        float maximum = logit[0], sum = 0.0f;

        for (int32_t k = 1; k < s->classes; k++)
            if (tinycl_beats(logit[k], maximum))
                maximum = logit[k];

        for (int32_t k = 0; k < s->classes; k++) {
            probability[k] = tinycl_exp(logit[k] - maximum);
            sum += probability[k];
        }
        for (int32_t k = 0; k < s->classes; k++)
            probability[k] = probability[k] / sum;

        loss[n] = target[n] >= 0 && target[n] < s->classes
                      ? tinycl_log(sum) - (logit[target[n]] - maximum)
                      : __builtin_nanf("");
    }
}
