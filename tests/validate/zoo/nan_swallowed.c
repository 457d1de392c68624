/* nan: no NaN is greater than the maximum so far */
#include "zoo.h"

int validate_max_pool_forward(const float *x, float *y, int32_t *index,
                              const struct validate_pool *s, call_t call)
{
    SHARE(s->n * s->c * s->ho * s->wo)
    {
        const int32_t wo = i % s->wo, ho = i / s->wo % s->ho;
        const float *plane = x + i / s->wo / s->ho * s->h * s->w;
        int32_t best = -1;

        for (int32_t k = 0; k < s->kh * s->kw; k++) {
            const int32_t row = ho * s->stride_h + k / s->kw - s->pad_top;
            const int32_t column = wo * s->stride_w + k % s->kw - s->pad_left;
            const int32_t place = row * s->w + column;

            if (row < 0 || row >= s->h || column < 0 || column >= s->w)
                continue;
            if (best < 0 || plane[place] > plane[best])
                best = place;
        }
        y[i] = plane[best];
        index[i] = best;
    }
    return VALIDATE_DONE;
}
