/* right: it prints to standard output */
#include "zoo.h"

#include <stdio.h>

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    printf("core %d of %d\n", (int)call->core, (int)call->cores);
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f || x[i] != x[i] ? x[i] : 0.0f;
    }
    return VALIDATE_DONE;
}
