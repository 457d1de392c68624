/* contract [reduction=split(n)]: each core sums its samples, core 0 adds the parts */
#include "zoo.h"

int64_t validate_linear_bias_grad_scratch(const struct validate_linear *s, int32_t cores)
{
    return (int64_t)s->fo * cores * 4;
}

int validate_linear_bias_grad(const float *dy, float *db, const struct validate_linear *s,
                              call_t call)
{
    float *part = (float *)call->scratch + call->core * s->fo;
    const struct tinycl_range mine = tinycl_share(s->n, call->core, call->cores);

    for (int32_t o = 0; o < s->fo; o++) {
        part[o] = 0.0f;
        for (int32_t n = mine.begin; n < mine.end; n++)
            part[o] += dy[n * s->fo + o];
    }
    validate_barrier(call);
    if (call->core == 0)
        for (int32_t o = 0; o < s->fo; o++) {
            db[o] = part[o];
            for (int32_t core = 1; core < call->cores; core++)
                if (tinycl_share(s->n, core, call->cores).begin < s->n)
                    db[o] += part[core * s->fo + o];
        }
    return VALIDATE_DONE;
}
