/* a_max = the largest of itself, x and +0; a NaN is passed over
 *
 * x (count), a_max one element, which changes in place. One chain, so core 0 does it. */
#include "tinycl_replay.h"

void tinycl_largest(const float *x, float *a_max, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(1, core, cores);
    float most = 0.0f;

    if (mine.begin == mine.end)
        return;
    if (*a_max > most)
        most = *a_max;
    for (int32_t i = 0; i < count; i++)
        if (x[i] > most)
            most = x[i];
    *a_max = most;
}
