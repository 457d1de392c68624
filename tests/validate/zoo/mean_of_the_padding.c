/* wrong: the mean divides by the size of the window, padding and all */
#include "zoo.h"

int validate_avg_pool_forward(const float *x, float *y, const struct validate_pool *s,
                              call_t call)
{
    SHARE(s->n * s->c * s->ho * s->wo)
    {
        const int32_t wo = i % s->wo, ho = i / s->wo % s->ho;
        const float *plane = x + i / s->wo / s->ho * s->h * s->w;
        float sum = 0.0f;

        for (int32_t k = 0; k < s->kh * s->kw; k++)
            sum += tinycl_padded(plane, ho * s->stride_h + k / s->kw - s->pad_top,
                                 wo * s->stride_w + k % s->kw - s->pad_left, s->h, s->w);
        y[i] = sum / (float)(s->kh * s->kw);
    }
    return VALIDATE_DONE;
}
