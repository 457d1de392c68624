/* folded = weight * f, shift = (bias - mean) * f + beta, one fma, with f = gamma / std
 *
 * weight, folded (c, inner); bias (c), or NULL for +0.0; shift, gamma, beta, mean, std (c) */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_fold_norm(const float *weight, const float *bias, const struct tinycl_norm *t,
                      float *folded, float *shift, int32_t c, int32_t inner, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(c, core, cores);

    for (int32_t k = mine.begin; k < mine.end; k++) {
        const float factor = t->gamma[k] / t->std[k];

        for (int32_t i = k * inner; i < (k + 1) * inner; i++)
            folded[i] = weight[i] * factor;
        shift[k] = __builtin_fmaf((bias ? bias[k] : 0.0f) - t->mean[k], factor, t->beta[k]);
    }
}
