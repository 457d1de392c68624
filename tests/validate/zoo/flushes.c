/* contract [subnormals=flush]: subnormal numbers become zeros */
#include "zoo.h"

static float flush(float x)
{
    return x < 1.17549435e-38f && x > -1.17549435e-38f ? x * 0.0f : x;
}

int validate_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct validate_pointwise *s, call_t call)
{
    const int32_t hw = s->h * s->w;

    SHARE(s->n * s->co * hw)
    {
        const int32_t k = i % hw, co = i / hw % s->co, n = i / hw / s->co;
        float sum = 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++)
            sum = flush(__builtin_fmaf(flush(x[(n * s->ci + ci) * hw + k]),
                                       flush(w[co * s->ci + ci]), sum));
        y[i] = bias ? flush(sum + flush(bias[co])) : sum;
    }
    return VALIDATE_DONE;
}
