/* right: the gradient goes on from what the output holds, and it says so */
#include "zoo.h"

int validate_linear_weight_grad(const float *x, const float *dy, float *dw,
                                const struct validate_linear *s, call_t call)
{
    SHARE(s->fo * s->fi)
    {
        float sum = dw[i];

        for (int32_t n = 0; n < s->n; n++)
            sum = __builtin_fmaf(x[n * s->fi + i % s->fi], dy[n * s->fo + i / s->fi], sum);
        dw[i] = sum;
    }
    return VALIDATE_DONE;
}

const struct validate_about validate_linear_weight_grad_about = {.accumulates = 1};
