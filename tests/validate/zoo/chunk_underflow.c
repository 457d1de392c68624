/* crash: the number of elements of a core is unsigned, and less than 0 */
#include "zoo.h"

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    const uint32_t each = ((uint32_t)s->count + (uint32_t)call->cores - 1) / (uint32_t)call->cores;
    const uint32_t begin = (uint32_t)call->core * each, left = (uint32_t)s->count - begin;
    const uint32_t mine = left < each ? left : each;

    for (uint32_t k = 0; k < (begin > (uint32_t)s->count ? left : mine); k++)
        y[begin + k] = x[begin + k] > 0.0f || x[begin + k] != x[begin + k] ? x[begin + k] : 0.0f;
    return VALIDATE_DONE;
}
