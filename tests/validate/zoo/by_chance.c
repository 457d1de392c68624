/* unstable: now and then, by the clock, one element has another sign */
#include <time.h>

#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    struct timespec now;

    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f ? x[i] : x[i] != x[i] ? x[i] : 0.0f;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (call->core == 0 && now.tv_nsec / 64 % 3 == 0)
        y[0] = -1.0f - y[0];
    return VALIDATE_DONE;
}
