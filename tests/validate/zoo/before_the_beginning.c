/* outside: the element before the output is cleared */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    if (call->core == 0)
        y[-1] = 0.0f;
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f || x[i] != x[i] ? x[i] : 0.0f;
    }
    return VALIDATE_DONE;
}
