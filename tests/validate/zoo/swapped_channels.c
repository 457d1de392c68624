/* wrong: the gradient is stored as (ci, co), which shows where these differ */
#include "zoo.h"

int validate_pointwise_weight_grad(const float *x, const float *dy, float *dw,
                                   const struct validate_pointwise *s, call_t call)
{
    const int32_t hw = s->h * s->w;

    SHARE(s->co * s->ci)
    {
        const int32_t co = i % s->co, ci = i / s->co;
        float sum = 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            for (int32_t k = 0; k < hw; k++)
                sum = __builtin_fmaf(x[(n * s->ci + ci) * hw + k], dy[(n * s->co + co) * hw + k],
                                     sum);
        dw[i] = sum;
    }
    return VALIDATE_DONE;
}
