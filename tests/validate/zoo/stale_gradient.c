/* accumulates: the weight gradient is added to what was there */
#include "zoo.h"

int validate_linear_weight_grad(const float *x, const float *dy, float *dw,
                                const struct validate_linear *s, call_t call)
{
    SHARE(s->fo * s->fi)
    {
        float sum = 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            sum = __builtin_fmaf(x[n * s->fi + i % s->fi], dy[n * s->fo + i / s->fi], sum);
        dw[i] += sum;
    }
    return VALIDATE_DONE;
}
