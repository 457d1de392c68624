/* crash: one element 64 KiB before the output is written, from a count of 9 on */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f ? x[i] : x[i] != x[i] ? x[i] : 0.0f;
    }
    if (s->count > 8 && call->core == 0)
        y[-16384] = 0.0f;
    return VALIDATE_DONE;
}
