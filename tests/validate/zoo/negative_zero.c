/* zero: what is not positive becomes -0 */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    SHARE(s->count)
    {
        y[i] = x[i] > 0.0f || x[i] != x[i] ? x[i] : -0.0f;
    }
    return VALIDATE_DONE;
}
