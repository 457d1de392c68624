/* wrong: the weights move by the velocity of the step before */
#include "zoo.h"

int validate_sgd(const float *g, float *w, float *velocity, const struct validate_sgd *s,
                 call_t call)
{
    SHARE(s->count)
    {
        const float decayed =
            s->weight_decay != 0.0f ? __builtin_fmaf(s->weight_decay, w[i], g[i]) : g[i];
        const float step = velocity ? __builtin_fmaf(s->momentum, velocity[i], decayed) : decayed;

        w[i] = __builtin_fmaf(-s->lr, velocity ? velocity[i] : step, w[i]);
        if (velocity)
            velocity[i] = step;
    }
    return VALIDATE_DONE;
}
