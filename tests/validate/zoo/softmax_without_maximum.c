/* wrong: exp overflows where the maximum is not taken off */
#include "zoo.h"

#include "tinycl_num.h"

int validate_softmax_cross_entropy_forward(const float *z, const int32_t *target, float *p,
                                           float *loss, const struct validate_softmax *s,
                                           call_t call)
{
    SHARE(s->n)
    {
        const float *row = z + i * s->classes;
        float sum = 0.0f;

        for (int32_t k = 0; k < s->classes; k++)
            sum += tinycl_exp(row[k]);
        for (int32_t k = 0; k < s->classes; k++)
            p[i * s->classes + k] = tinycl_exp(row[k]) / sum;
        loss[i] = tinycl_log(sum) - row[target[i]];
    }
    return VALIDATE_DONE;
}
