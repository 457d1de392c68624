/* counts = how many labels each class has; a free place, -1, is of none
 *
 * labels (n), counts (classes); a core counts some classes, and walks all labels. */
#include "tinycl_replay.h"

void tinycl_class_counts(const int32_t *labels, int32_t *counts, int32_t n, int32_t classes,
                         int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(classes, core, cores);

    for (int32_t c = mine.begin; c < mine.end; c++)
        counts[c] = 0;
    for (int32_t i = 0; i < n; i++)
        if (labels[i] >= mine.begin && labels[i] < mine.end)
            counts[labels[i]]++;
}
