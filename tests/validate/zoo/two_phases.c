/* right: the cores turn the weights over in scratch memory, and meet */
#include "zoo.h"

int64_t validate_linear_forward_scratch(const struct validate_linear *s, int32_t cores)
{
    return 4 * (int64_t)s->fi * s->fo * (cores > 0);
}

int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, call_t call)
{
    float *turned = (float *)call->scratch;

    {
        SHARE(s->fi * s->fo)
        {
            turned[i] = w[i % s->fo * s->fi + i / s->fo];
        }
    }
    validate_barrier(call);
    SHARE(s->n * s->fo)
    {
        const int32_t n = i / s->fo, o = i % s->fo;
        float sum = 0.0f;

        for (int32_t k = 0; k < s->fi; k++)
            sum = __builtin_fmaf(x[n * s->fi + k], turned[k * s->fo + o], sum);
        y[i] = bias ? sum + bias[o] : sum;
    }
    return VALIDATE_DONE;
}
