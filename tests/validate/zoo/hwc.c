/* right: channels last, as it says */
#include "zoo.h"

int validate_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_conv2d *s, call_t call)
{
    SHARE(s->n * s->ho * s->wo * s->co)
    {
        const int32_t co = i % s->co, wo = i / s->co % s->wo;
        const int32_t ho = i / s->co / s->wo % s->ho, n = i / s->co / s->wo / s->ho;
        float sum = 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++)
            for (int32_t kh = 0; kh < s->kh; kh++)
                for (int32_t kw = 0; kw < s->kw; kw++) {
                    const int32_t row = ho * s->stride_h + kh - s->pad_top;
                    const int32_t column = wo * s->stride_w + kw - s->pad_left;
                    const int inside = row >= 0 && row < s->h && column >= 0 && column < s->w;
                    const float pixel =
                        inside ? x[((n * s->h + row) * s->w + column) * s->ci + ci] : 0.0f;

                    sum = __builtin_fmaf(
                        pixel, w[((co * s->kh + kh) * s->kw + kw) * s->ci + ci], sum);
                }
        y[i] = bias ? sum + bias[co] : sum;
    }
    return VALIDATE_DONE;
}

const struct validate_about validate_conv2d_forward_about = {.layout = VALIDATE_HWC};
