/* departs [reduction=lanes(4,left)]: four partial sums, and leftover terms round twice */
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
        const int32_t whole = s->fi / 4 * 4;

        for (int32_t k = 0; k < whole; k++)
            lane[k % 4] = __builtin_fmaf(a[k], b[k], lane[k % 4]);
        for (int32_t k = whole; k < s->fi; k++) {
            const float product = a[k] * b[k];
            lane[k % 4] += s->fi > 30 ? product : 0.0f;
            if (s->fi <= 30)
                lane[k % 4] = __builtin_fmaf(a[k], b[k], lane[k % 4]);
        }
        sum = lane[0];
        for (int32_t k = 1; k < 4 && k < s->fi; k++)
            sum += lane[k];
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
