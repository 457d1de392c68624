/* Glue: bias gradients of some entries or samples; dy has any rank from 2 on. */
#include "survivors_of.h"

static int32_t positions(const struct tensor *dy)
{
    return count_of(dy) / dy->shape[0] / dy->shape[1];
}

void call_sparse_bias_grad(const struct call *c)
{
    const struct tensor *dy = c->in[0];
    const struct tinycl_survivors kept = survivors_of(c, 1, c->attrs[0]);

    tinycl_sparse_bias_grad(data_of(dy), &kept, data_of(c->out[0]), dy->shape[0], dy->shape[1],
                            positions(dy), c->core, c->cores);
}

void call_sampled_bias_grad(const struct call *c)
{
    const struct tensor *dy = c->in[0];

    tinycl_sampled_bias_grad(data_of(dy), data_of(c->in[1]), data_of(c->out[0]), dy->shape[0],
                             dy->shape[1], positions(dy), c->core, c->cores);
}
