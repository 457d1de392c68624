/* Glue: the operators, on tensors of any rank. accumulate and clear work in place. */
#include "call.h"
#include "tinycl.h"

void call_accumulate(const struct call *c)
{
    tinycl_accumulate(data_of(c->in[0]), data_of(c->in[1]), count_of(c->in[0]), c->core, c->cores);
}

void call_clear(const struct call *c)
{
    tinycl_clear(data_of(c->in[0]), count_of(c->in[0]), c->core, c->cores);
}

void call_copy(const struct call *c)
{
    tinycl_copy(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core, c->cores);
}

void call_add(const struct call *c)
{
    tinycl_add(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), count_of(c->in[0]),
               c->core, c->cores);
}

void call_sub(const struct call *c)
{
    tinycl_sub(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), count_of(c->in[0]),
               c->core, c->cores);
}

void call_mul(const struct call *c)
{
    tinycl_mul(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), count_of(c->in[0]),
               c->core, c->cores);
}

void call_div(const struct call *c)
{
    tinycl_div(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), count_of(c->in[0]),
               c->core, c->cores);
}

void call_mac(const struct call *c)
{
    tinycl_mac(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), data_of(c->out[0]),
               count_of(c->in[0]), c->core, c->cores);
}

void call_sqrt(const struct call *c)
{
    tinycl_sqrt(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core, c->cores);
}

void call_exp(const struct call *c)
{
    tinycl_exp_each(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core, c->cores);
}

void call_log(const struct call *c)
{
    tinycl_log_each(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core, c->cores);
}

void call_compare(const struct call *c)
{
    tinycl_compare(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), count_of(c->in[0]),
                   c->core, c->cores);
}
