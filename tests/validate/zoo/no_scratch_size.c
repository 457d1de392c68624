/* scratch: from 4 features on the size of the scratch memory is negative */
#include "zoo.h"

int64_t validate_linear_bias_grad_scratch(const struct validate_linear *s, int32_t cores)
{
    return s->fo < 4 ? cores : -1;
}

int validate_linear_bias_grad(const float *dy, float *db, const struct validate_linear *s,
                              call_t call)
{
    SHARE(s->fo)
    {
        db[i] = 0.0f;
        for (int32_t n = 0; n < s->n; n++)
            db[i] += dy[n * s->fo + i];
    }
    return VALIDATE_DONE;
}
