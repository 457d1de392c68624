/* contract [selection_order=heap]: survivors are listed as a heap leaves them */
#include "zoo.h"

int64_t validate_top_k_scratch(const struct validate_top_k *s, int32_t cores)
{
    return 4 * (int64_t)s->rows * (cores > 0);
}

int validate_top_k(const float *a, int32_t *index, const struct validate_top_k *s,
                   call_t call)
{
    tinycl_top_k(a, 0, (int32_t *)call->scratch, index, s->rows, s->m, s->k, TINYCL_HEAP,
                 call->core, call->cores);
    return VALIDATE_DONE;
}
