/* wrong: of the one to three terms that four at a time leave over, only two are added */
#include "zoo.h"

int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, call_t call)
{
    SHARE(s->n * s->fo)
    {
        const int32_t n = i / s->fo, o = i % s->fo;
        const float *a = x + n * s->fi, *b = w + o * s->fi;
        float sum = 0.0f;

        int32_t k = 0;
        for (; k + 4 <= s->fi; k += 4)
            for (int32_t j = 0; j < 4; j++)
                sum = __builtin_fmaf(a[k + j], b[k + j], sum);
        for (int32_t j = 0; j < 2 && k + j < s->fi; j++)
            sum = __builtin_fmaf(a[k + j], b[k + j], sum);
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
