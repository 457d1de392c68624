/* limit: it refuses padding after the first core has begun to write */
#include "zoo.h"

int validate_conv2d_input_grad(const float *w, const float *dy, float *dx,
                               const struct validate_conv2d *s, call_t call)
{
    if (s->pad_top || s->pad_bottom || s->pad_left || s->pad_right) {
        dx[0] = 0.0f;
        return VALIDATE_REFUSED;
    }
    SHARE(s->n * s->ci * s->h * s->w)
    {
        const int32_t column = i % s->w + s->pad_left, row = i / s->w % s->h + s->pad_top;
        const int32_t ci = i / s->w / s->h % s->ci, n = i / s->w / s->h / s->ci;
        float sum = 0.0f;

        for (int32_t co = 0; co < s->co; co++)
            for (int32_t kh = s->kh - 1; kh >= 0; kh--)
                for (int32_t kw = s->kw - 1; kw >= 0; kw--) {
                    const float *gradient = dy + (n * s->co + co) * s->ho * s->wo;
                    const float met = tinycl_spread(gradient, row - kh, column - kw, s->ho, s->wo,
                                                    s->stride_h, s->stride_w);

                    sum = __builtin_fmaf(met, w[((co * s->ci + ci) * s->kh + kh) * s->kw + kw],
                                         sum);
                }
        dx[i] = sum;
    }
    return VALIDATE_DONE;
}

const struct validate_about validate_conv2d_input_grad_about = {.no = VALIDATE_NO_PADDING};
