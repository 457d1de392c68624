/* Glue: TinyProp. y_max is updated in place. */
#include "call.h"
#include "tinycl_sparse.h"

void call_running_max(const struct call *c)
{
    tinycl_running_max(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                       count_of(c->in[0]), c->core, c->cores);
}

void call_tinyprop_decide(const struct call *c)
{
    const struct tinycl_decision d = {
        float_attr(c, 0), float_attr(c, 1), float_attr(c, 2), float_attr(c, 3), c->attrs[4],
    };

    tinycl_tinyprop_decide(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                           data_of(c->out[1]), data_of(c->out[2]), &d, count_of(c->in[0]),
                           c->core, c->cores);
}

void call_tinyprop_count(const struct call *c)
{
    const struct tinycl_sparsity p = {
        c->attrs[0], float_attr(c, 1), float_attr(c, 2), float_attr(c, 3), c->attrs[4],
    };

    tinycl_tinyprop_count(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                          data_of(c->out[0]), data_of(c->out[1]), &p, count_of(c->in[0]),
                          c->core, c->cores);
}
