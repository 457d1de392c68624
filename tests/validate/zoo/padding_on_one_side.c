/* reads-outside: to the right of the image the next row is read */
#include "zoo.h"

int validate_depthwise_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct validate_depthwise *s, call_t call)
{
    SHARE(s->n * s->c * s->ho * s->wo)
    {
        const int32_t wo = i % s->wo, ho = i / s->wo % s->ho, plane = i / s->wo / s->ho;
        float sum = 0.0f;

        for (int32_t kh = 0; kh < s->kh; kh++)
            for (int32_t kw = 0; kw < s->kw; kw++) {
                const int32_t row = ho * s->stride_h + kh - s->pad_top;
                const int32_t column = wo * s->stride_w + kw - s->pad_left;
                const int inside = row >= 0 && row < s->h && column >= 0;
                const float pixel = inside ? x[(plane * s->h + row) * s->w + column] : 0.0f;

                sum = __builtin_fmaf(pixel, w[(plane % s->c * s->kh + kh) * s->kw + kw], sum);
            }
        y[i] = bias ? sum + bias[plane % s->c] : sum;
    }
    return VALIDATE_DONE;
}
