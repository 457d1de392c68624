/* wrong [reduction=lanes(4,left)]: four partial sums, and the third leftover term is lost */
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
        const int32_t count = s->fi % 4 == 3 ? s->fi - 1 : s->fi;

        for (int32_t k = 0; k < count; k++)
            lane[k % 4] = __builtin_fmaf(a[k], b[k], lane[k % 4]);
        sum = lane[0];
        for (int32_t k = 1; k < 4 && k < s->fi; k++)
            sum += lane[k];
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
