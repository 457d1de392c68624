/* wrong: each bias gets the gradient of the first channel */
#include "zoo.h"

int validate_conv2d_bias_grad(const float *dy, float *db, const struct validate_conv2d *s,
                              call_t call)
{
    SHARE(s->co)
    {
        float sum = 0.0f;

        for (int32_t n = 0; n < s->n; n++)
            for (int32_t k = 0; k < s->ho * s->wo; k++)
                sum += dy[n * s->co * s->ho * s->wo + k];
        db[i] = sum;
    }
    return VALIDATE_DONE;
}
