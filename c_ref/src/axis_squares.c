/* squares = the squared norm of w at each place of one axis
 *
 * w (outer, length, inner), squares (length)
 * Sums w * w over (outer, inner) from +0.0. */
#include "tinycl_sparse.h"

void tinycl_axis_squares(const float *w, float *squares, int32_t outer, int32_t length,
                         int32_t inner, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(length, core, cores);

    for (int32_t place = mine.begin; place < mine.end; place++) {
        float sum = 0.0f;

        for (int32_t o = 0; o < outer; o++) {
            const float *run = w + (o * length + place) * inner;

            for (int32_t i = 0; i < inner; i++)
                sum = __builtin_fmaf(run[i], run[i], sum);
        }
        squares[place] = sum;
    }
}
