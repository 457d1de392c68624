/* outside: from 16 elements on their number is rounded up to a multiple of four */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    const int32_t count = s->count < 16 ? s->count : (s->count + 3) / 4 * 4;

    SHARE(count)
    {
        y[i] = x[i] > 0.0f ? x[i] : x[i] != x[i] ? x[i] : 0.0f;
    }
    return VALIDATE_DONE;
}
