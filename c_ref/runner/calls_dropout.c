/* Glue: dropout, on tensors of any rank. */
#include "call.h"
#include "tinycl_norm.h"

enum { SEED, STREAM, RATE };

void call_dropout_forward(const struct call *c)
{
    const uint32_t *turn = data_of(c->in[1]);
    const struct tinycl_dropout s = {
        .seed = (uint64_t)c->attrs[SEED],
        .stream = (uint64_t)c->attrs[STREAM] + (turn ? *turn : 0),
        .rate = float_attr(c, RATE),
    };

    tinycl_dropout_forward(data_of(c->in[0]), data_of(c->out[0]), data_of(c->out[1]), &s,
                           count_of(c->in[0]), c->core, c->cores);
}
