/* wrong: the sum begins with the bias, and it is added again */
#include "zoo.h"

int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, call_t call)
{
    SHARE(s->n * s->fo)
    {
        const int32_t n = i / s->fo, o = i % s->fo;
        const float *a = x + n * s->fi, *b = w + o * s->fi;
        float sum = bias ? bias[o] : 0.0f;

        for (int32_t k = 0; k < s->fi; k++)
            sum = __builtin_fmaf(a[k], b[k], sum);
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
