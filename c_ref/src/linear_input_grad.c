/* dx = dy w
 *
 * w (fo, fi), dy (n, fo), dx (n, fi)
 * Sums over fo from +0.0. */
#include "tinycl.h"

void tinycl_linear_input_grad(const float *w, const float *dy, float *dx,
                              const struct tinycl_linear_shape *s, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(s->n * s->fi, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t fi = i % s->fi;
        const int32_t n = i / s->fi;
        float sum = s->resume ? dx[i] : 0.0f;

        for (int32_t fo = 0; fo < s->fo; fo++)
            sum = __builtin_fmaf(dy[n * s->fo + fo], w[fo * s->fi + fi], sum);
        dx[i] = sum;
    }
}
