/* right: each core leaves a second process behind, which goes on like the first one */
#include <unistd.h>

#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f ? x[i] : x[i] != x[i] ? x[i] : 0.0f;
    }
    return fork() < 0 ? VALIDATE_REFUSED : VALIDATE_DONE;
}
