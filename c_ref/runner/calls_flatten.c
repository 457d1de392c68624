/* Glue: flatten. */
#include "call.h"
#include "tinycl.h"

void call_flatten_forward(const struct call *c)
{
    tinycl_flatten_forward(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                           c->cores);
}

void call_flatten_input_grad(const struct call *c)
{
    tinycl_flatten_input_grad(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                              c->cores);
}
