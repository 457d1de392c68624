/* wrong [taps=spatial_major]: channels are the innermost loop, and the padding on the left is ignored */
#include "zoo.h"

int validate_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_conv2d *s, call_t call)
{
    SHARE(s->n * s->co * s->ho * s->wo)
    {
        const int32_t wo = i % s->wo, ho = i / s->wo % s->ho;
        const int32_t co = i / s->wo / s->ho % s->co, n = i / s->wo / s->ho / s->co;
        float sum = 0.0f;

        for (int32_t kh = 0; kh < s->kh; kh++)
            for (int32_t kw = 0; kw < s->kw; kw++)
                for (int32_t ci = 0; ci < s->ci; ci++) {
                    const int32_t row = ho * s->stride_h + kh - s->pad_top;
                    const int32_t column = wo * s->stride_w + kw;
                    const float *image = x + (n * s->ci + ci) * s->h * s->w;
                    const float weight = w[((co * s->ci + ci) * s->kh + kh) * s->kw + kw];
                    const float pixel = tinycl_padded(image, row, column, s->h, s->w);
                    sum = __builtin_fmaf(pixel, weight, sum);
                }
        y[i] = bias ? sum + bias[co] : sum;
    }
    return VALIDATE_DONE;
}
