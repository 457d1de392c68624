/* saved = what it was and what was learnt, row by row of the classes at hand (CWR*)
 *
 * saved and w (classes, features), past and counts (classes); saved and past change in place
 *     v     = w - m                      m: the mean of w over all rows with counts > 0
 *     k     = sqrt(past / counts)
 *     saved = (saved * k + v) / (k + 1)  (v for a new class, whose past is 0)
 *     past  = past + counts
 * The mean is one chain over the rows; each core computes it, and then its own rows. */
#include "tinycl_replay.h"

static float mean_of(const float *w, const int32_t *counts, int32_t classes, int32_t features)
{
    int32_t count = 0;
    float total = 0.0f;

    for (int32_t c = 0; c < classes; c++) {
        if (counts[c] <= 0)
            continue;
        count += features;
        for (int32_t i = c * features; i < (c + 1) * features; i++)
            total += w[i];
    }
    return total / (float)count;
}

void tinycl_consolidate_head(float *saved, int32_t *past, const float *w, const int32_t *counts,
                             int32_t classes, int32_t features, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(classes, core, cores);
    const float mean = mean_of(w, counts, classes, features);

    for (int32_t c = mine.begin; c < mine.end; c++) {
        if (counts[c] <= 0)
            continue;
        const float k = __builtin_sqrtf((float)past[c] / (float)counts[c]);

        for (int32_t i = c * features; i < (c + 1) * features; i++) {
            const float change = w[i] - mean;

            saved[i] = past[c] > 0 ? __builtin_fmaf(saved[i], k, change) / (k + 1.0f) : change;
        }
        past[c] = (int32_t)((uint32_t)past[c] + (uint32_t)counts[c]);
    }
}
