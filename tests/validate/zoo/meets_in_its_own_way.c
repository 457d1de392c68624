/* right: the cores wait for each other at a counter of their own */
#include "zoo.h"

int64_t validate_linear_bias_grad_scratch(const struct validate_linear *s, int32_t cores)
{
    return (int64_t)s->fo * cores * 4;
}

static void meet(int32_t cores)
{
    static int32_t arrived, rounds;
    const int32_t before = __atomic_load_n(&rounds, __ATOMIC_ACQUIRE);

    if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == cores) {
        __atomic_store_n(&arrived, 0, __ATOMIC_RELEASE);
        __atomic_add_fetch(&rounds, 1, __ATOMIC_ACQ_REL);
    }
    while (__atomic_load_n(&rounds, __ATOMIC_ACQUIRE) == before)
        ;
}

int validate_linear_bias_grad(const float *dy, float *db, const struct validate_linear *s,
                              call_t call)
{
    float *copy = (float *)call->scratch;
    const struct tinycl_range mine = tinycl_share(s->fo, call->core, call->cores);

    for (int32_t o = mine.begin; o < mine.end; o++) {
        copy[o] = 0.0f;
        for (int32_t n = 0; n < s->n; n++)
            copy[o] += dy[n * s->fo + o];
    }
    meet(call->cores);
    if (call->core == 0)
        for (int32_t o = 0; o < s->fo; o++)
            db[o] = copy[o];
    return VALIDATE_DONE;
}

const struct validate_about validate_linear_bias_grad_about = {.team = VALIDATE_AT_ONCE};
