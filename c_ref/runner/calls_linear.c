/* Glue: linear. */
#include "call.h"
#include "survivors_of.h"

void call_linear_forward(const struct call *c)
{
    const int32_t *x = c->in[0]->shape, *w = c->in[1]->shape;
    const struct tinycl_linear_shape s = {.n = x[0], .fi = x[1], .fo = w[0], .resume = c->resume};

    tinycl_linear_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                          data_of(c->out[0]), &s, c->core, c->cores);
}

void call_linear_weight_grad(const struct call *c)
{
    const int32_t *x = c->in[0]->shape, *dy = c->in[1]->shape;
    const struct tinycl_linear_shape s = {.n = x[0], .fi = x[1], .fo = dy[1], .resume = c->resume};

    tinycl_linear_weight_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                              c->core, c->cores);
}

void call_linear_bias_grad(const struct call *c)
{
    const int32_t *dy = c->in[0]->shape;
    const struct tinycl_linear_shape s = {.n = dy[0], .fo = dy[1], .resume = c->resume};

    tinycl_linear_bias_grad(data_of(c->in[0]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_linear_input_grad(const struct call *c)
{
    const int32_t *w = c->in[0]->shape, *dy = c->in[1]->shape;
    const struct tinycl_linear_shape s = {.n = dy[0], .fi = w[1], .fo = w[0], .resume = c->resume};

    tinycl_linear_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                             c->core, c->cores);
}

void call_linear_sparse_weight_grad(const struct call *c)
{
    const int32_t *x = c->in[0]->shape, *dy = c->in[1]->shape;
    const struct tinycl_linear_shape s = {.n = x[0], .fi = x[1], .fo = dy[1], .resume = c->resume};
    const struct tinycl_survivors kept = survivors_of(c, 2, 0);

    tinycl_linear_sparse_weight_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                     data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                     c->cores);
}

void call_linear_sparse_input_grad(const struct call *c)
{
    const int32_t *w = c->in[0]->shape, *dy = c->in[1]->shape;
    const struct tinycl_linear_shape s = {.n = dy[0], .fi = w[1], .fo = w[0], .resume = c->resume};
    const struct tinycl_survivors kept = survivors_of(c, 2, 0);

    tinycl_linear_sparse_input_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                    data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                    c->cores);
}
