/* hang: three cores wait for what does not come, from a count of 6 on */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    volatile int32_t waits = call->cores == 3 && s->count > 5;

    while (waits)
        continue;
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f ? x[i] : x[i] != x[i] ? x[i] : 0.0f;
    }
    return VALIDATE_DONE;
}
