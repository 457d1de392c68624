/* state: a buffer keeps what a longer input has left in it */
#include "zoo.h"

int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, call_t call)
{
    SHARE(s->n * s->fo)
    {
        const int32_t n = i / s->fo, o = i % s->fo;
        const float *a = x + n * s->fi, *b = w + o * s->fi;
        float sum = 0.0f;

        static _Thread_local float copy[512];
        const int32_t whole = (s->fi + 7) / 8 * 8;

        for (int32_t k = 0; k < s->fi; k++)
            copy[k] = a[k];
        for (int32_t k = 0; k < whole; k++)
            sum = __builtin_fmaf(copy[k], k < s->fi ? b[k] : 0.5f, sum);
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
