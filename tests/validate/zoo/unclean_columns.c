/* reads-scratch: where the image is padded, nothing is written to the column */
#include "zoo.h"

int64_t validate_conv2d_forward_scratch(const struct validate_conv2d *s, int32_t cores)
{
    return 4 * (int64_t)s->kh * s->kw * cores;
}

int validate_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_conv2d *s, call_t call)
{
    float *column = (float *)call->scratch + call->core * s->kh * s->kw;

    SHARE(s->n * s->co * s->ho * s->wo)
    {
        const int32_t wo = i % s->wo, ho = i / s->wo % s->ho;
        const int32_t co = i / s->wo / s->ho % s->co, n = i / s->wo / s->ho / s->co;
        float sum = 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++) {
            for (int32_t k = 0; k < s->kh * s->kw; k++) {
                const int32_t row = ho * s->stride_h + k / s->kw - s->pad_top;
                const int32_t place = wo * s->stride_w + k % s->kw - s->pad_left;

                if (row >= 0 && row < s->h && place >= 0 && place < s->w)
                    column[k] = x[((n * s->ci + ci) * s->h + row) * s->w + place];
            }
            for (int32_t k = 0; k < s->kh * s->kw; k++)
                sum = __builtin_fmaf(column[k], w[(co * s->ci + ci) * s->kh * s->kw + k], sum);
        }
        y[i] = bias ? sum + bias[co] : sum;
    }
    return VALIDATE_DONE;
}
