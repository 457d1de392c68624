/* outside [reduction=lanes(4,left)]: four partial sums, and one element too many from fo = 9 on */
#include "zoo.h"

int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, call_t call)
{
    SHARE(s->n * s->fo)
    {
        const int32_t n = i / s->fo, o = i % s->fo;
        const float *a = x + n * s->fi, *b = w + o * s->fi;
        float sum = 0.0f;

        float lane[4] = {0.0f, 0.0f, 0.0f, 0.0f};
        for (int32_t k = 0; k < s->fi; k++)
            lane[k % 4] = __builtin_fmaf(a[k], b[k], lane[k % 4]);
        sum = lane[0];
        for (int32_t k = 1; k < 4 && k < s->fi; k++)
            sum += lane[k];
        y[i] = bias ? sum + bias[o] : sum;
    }
    if (s->fo > 8 && call->core == 0)
        y[s->n * s->fo] = 0.0f;
    return VALIDATE_DONE;
}
