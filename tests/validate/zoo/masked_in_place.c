/* input: the gradient of the output is masked where it lies */
#include "zoo.h"

int validate_relu_input_grad(const float *x, const float *dy, float *dx,
                             const struct validate_elements *s, call_t call)
{
    SHARE(s->count)
    {
        if (!(x[i] > 0.0f))
            ((float *)dy)[i] = 0.0f;
        dx[i] = dy[i];
    }
    return VALIDATE_DONE;
}
