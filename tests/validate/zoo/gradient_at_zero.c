/* wrong: the gradient at 0 is passed on */
#include "zoo.h"

int validate_relu_input_grad(const float *x, const float *dy, float *dx,
                             const struct validate_elements *s, call_t call)
{
    SHARE(s->count)
    {
        dx[i] = x[i] >= 0.0f ? dy[i] : 0.0f;
    }
    return VALIDATE_DONE;
}
