/* Glue: losses and their mean. */
#include "call.h"
#include "tinycl.h"

void call_softmax_cross_entropy_forward(const struct call *c)
{
    const int32_t *z = c->in[0]->shape;
    const struct tinycl_softmax_shape s = {.n = z[0], .classes = z[1]};

    tinycl_softmax_cross_entropy_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                         data_of(c->out[1]), &s, c->core, c->cores);
}

void call_softmax_cross_entropy_input_grad(const struct call *c)
{
    const int32_t *p = c->in[0]->shape;
    const struct tinycl_softmax_shape s = {.n = p[0], .classes = p[1]};

    tinycl_softmax_cross_entropy_input_grad(data_of(c->in[0]), data_of(c->in[1]),
                                            data_of(c->out[0]), &s, c->attrs[0],
                                            c->core, c->cores);
}

void call_mean_squared_error_forward(const struct call *c)
{
    const int32_t n = c->in[0]->shape[0];

    tinycl_mean_squared_error_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                      n, count_of(c->in[0]) / n, c->core, c->cores);
}

void call_mean_squared_error_input_grad(const struct call *c)
{
    const int32_t n = c->in[0]->shape[0];

    tinycl_mean_squared_error_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                         n, count_of(c->in[0]) / n, c->attrs[0],
                                         c->core, c->cores);
}

void call_mean(const struct call *c)
{
    tinycl_mean(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), c->attrs[0],
                c->core, c->cores);
}
