/* Glue: activations, on tensors of any rank. */
#include "call.h"
#include "tinycl.h"

void call_relu_forward(const struct call *c)
{
    tinycl_relu_forward(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                        c->cores);
}

void call_relu_input_grad(const struct call *c)
{
    tinycl_relu_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                           count_of(c->in[0]), c->core, c->cores);
}

void call_relu6_forward(const struct call *c)
{
    tinycl_relu6_forward(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                         c->cores);
}

void call_relu6_input_grad(const struct call *c)
{
    tinycl_relu6_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                            count_of(c->in[0]), c->core, c->cores);
}

void call_hard_swish_forward(const struct call *c)
{
    tinycl_hard_swish_forward(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                              c->cores);
}

void call_hard_swish_input_grad(const struct call *c)
{
    tinycl_hard_swish_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                 count_of(c->in[0]), c->core, c->cores);
}

void call_sigmoid_forward(const struct call *c)
{
    tinycl_sigmoid_forward(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->core,
                           c->cores);
}

void call_sigmoid_input_grad(const struct call *c)
{
    tinycl_sigmoid_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                              count_of(c->in[0]), c->core, c->cores);
}
