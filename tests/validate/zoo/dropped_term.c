/* wrong: from eight terms on the last one is left out */
#include "zoo.h"

int validate_matmul(const float *a, const float *b, float *y, const struct validate_matmul *s,
                    call_t call)
{
    SHARE(s->m * s->n)
    {
        const int32_t r = i / s->n, c = i % s->n;
        float sum = 0.0f;

        for (int32_t k = 0; k < (s->k < 8 ? s->k : s->k - 1); k++)
            sum = __builtin_fmaf(
                s->transpose_a ? a[k * s->m + r] : a[r * s->k + k],
                s->transpose_b ? b[c * s->k + k] : b[k * s->n + c], sum);
        y[i] = sum;
    }
    return VALIDATE_DONE;
}
