/* w = the saved rows of the classes at hand, zeros elsewhere
 *
 * saved and w (classes, features), counts (classes): above 0 for a class at hand */
#include "tinycl_replay.h"

void tinycl_load_head(const float *saved, const int32_t *counts, float *w, int32_t classes,
                      int32_t features, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(classes, core, cores);

    for (int32_t c = mine.begin; c < mine.end; c++)
        for (int32_t i = c * features; i < (c + 1) * features; i++)
            w[i] = counts[c] > 0 ? saved[i] : 0.0f;
}
