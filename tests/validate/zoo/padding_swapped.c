/* wrong: top and left padding are swapped */
#include "zoo.h"

int validate_conv2d_weight_grad(const float *x, const float *dy, float *dw,
                                const struct validate_conv2d *s, call_t call)
{
    SHARE(s->co * s->ci * s->kh * s->kw)
    {
        const int32_t kw = i % s->kw, kh = i / s->kw % s->kh;
        const int32_t ci = i / s->kw / s->kh % s->ci, co = i / s->kw / s->kh / s->ci;
        float sum = 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            for (int32_t k = 0; k < s->ho * s->wo; k++) {
                const int32_t row = k / s->wo * s->stride_h + kh - s->pad_left;
                const int32_t column = k % s->wo * s->stride_w + kw - s->pad_top;
                const float *image = x + (n * s->ci + ci) * s->h * s->w;
                const float pixel = tinycl_padded(image, row, column, s->h, s->w);

                sum = __builtin_fmaf(pixel, dy[(n * s->co + co) * s->ho * s->wo + k], sum);
            }
        dw[i] = sum;
    }
    return VALIDATE_DONE;
}
