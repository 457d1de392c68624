/* Glue: optimisers, in place: each output is the input of the same name. */
#include "call.h"
#include "tinycl.h"

/* Of an optional tensor (n). */
static int32_t samples(const struct tensor *trained)
{
    return trained ? trained->shape[0] : 0;
}

void call_sgd(const struct call *c)
{
    const struct tinycl_sgd_rates rates = {float_attr(c, 0), float_attr(c, 1), float_attr(c, 2)};

    tinycl_sgd(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), data_of(c->in[3]),
               samples(c->in[3]), &rates, count_of(c->in[0]), c->core, c->cores);
}

void call_adam(const struct call *c)
{
    const struct tinycl_adam_rates rates = {
        float_attr(c, 0), float_attr(c, 1), float_attr(c, 2), float_attr(c, 3), float_attr(c, 4),
    };

    tinycl_adam(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), data_of(c->in[3]),
                data_of(c->in[4]), data_of(c->in[5]), samples(c->in[5]), &rates,
                count_of(c->in[0]), c->core, c->cores);
}
