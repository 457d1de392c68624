/* trained = whether a sample is worth a backward pass (TinyPropv2)
 *
 * y (n), y_max one element, which changes in place; trained, measure, peak (n)
 *     peak    = the larger of y and y_max   (y_max when y is a NaN)
 *     measure = (d_min + (y * (d_max - d_min)) / peak) * factor, d_min * factor when peak is 0
 *     trained = 0 when measure <= threshold, else 1: a NaN trains
 *     y_max   = peak, of samples that are skipped only with `remember`
 * each operator rounded. Samples in order; one chain, so core 0 does it. */
#include "tinycl_sparse.h"

void tinycl_tinyprop_decide(const float *y, float *y_max, int32_t *trained, float *measure,
                            float *peak, const struct tinycl_decision *d, int32_t n, int core,
                            int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);
    const float span = d->d_max - d->d_min;

    for (int32_t i = 0; mine.begin < mine.end && i < n; i++) {
        const float seen = y[i] > *y_max ? y[i] : *y_max;
        const float above = seen == 0.0f ? d->d_min : d->d_min + y[i] * span / seen;

        peak[i] = seen;
        measure[i] = above * d->factor;
        trained[i] = measure[i] <= d->threshold ? 0 : 1;
        if (trained[i] || d->remember)
            *y_max = seen;
    }
}
