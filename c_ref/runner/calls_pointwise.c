/* Glue: pointwise. The attribute of sparse gradients is `channels`. */
#include "call.h"
#include "survivors_of.h"

static struct tinycl_pointwise_shape shape(const struct call *c, const struct tensor *x,
                                           const struct tensor *w)
{
    return (struct tinycl_pointwise_shape){
        .n = x->shape[0], .ci = x->shape[1], .co = w->shape[0], .h = x->shape[2], .w = x->shape[3],
        .resume = c->resume,
    };
}

void call_pointwise_forward(const struct call *c)
{
    const struct tinycl_pointwise_shape s = shape(c, c->in[0], c->in[1]);

    tinycl_pointwise_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                             data_of(c->out[0]), &s, c->core, c->cores);
}

void call_pointwise_weight_grad(const struct call *c)
{
    const struct tinycl_pointwise_shape s = shape(c, c->in[0], c->out[0]);

    tinycl_pointwise_weight_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                                 c->core, c->cores);
}

void call_pointwise_input_grad(const struct call *c)
{
    const struct tinycl_pointwise_shape s = shape(c, c->out[0], c->in[0]);

    tinycl_pointwise_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                                c->core, c->cores);
}

void call_pointwise_sparse_weight_grad(const struct call *c)
{
    const struct tinycl_pointwise_shape s = shape(c, c->in[0], c->out[0]);
    const struct tinycl_survivors kept = survivors_of(c, 2, c->attrs[0]);

    tinycl_pointwise_sparse_weight_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                        data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                        c->cores);
}

void call_pointwise_sparse_input_grad(const struct call *c)
{
    const struct tinycl_pointwise_shape s = shape(c, c->out[0], c->in[0]);
    const struct tinycl_survivors kept = survivors_of(c, 2, c->attrs[0]);

    tinycl_pointwise_sparse_input_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                       data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                       c->cores);
}
