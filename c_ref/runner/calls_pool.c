/* Glue: pooling. `window` is kernel (2), stride (2), padding (4). */
#include "call.h"
#include "tinycl.h"

static struct tinycl_pool_shape shape(const struct tensor *x, const struct tensor *y,
                                      const int32_t *window)
{
    return (struct tinycl_pool_shape){
        .n = x->shape[0], .c = x->shape[1], .h = x->shape[2], .w = x->shape[3],
        .kh = window[0], .kw = window[1], .ho = y->shape[2], .wo = y->shape[3],
        .stride_h = window[2], .stride_w = window[3], .pad_top = window[4], .pad_left = window[6],
    };
}

void call_max_pool_forward(const struct call *c)
{
    const struct tinycl_pool_shape s = shape(c->in[0], c->out[0], c->attrs);

    tinycl_max_pool_forward(data_of(c->in[0]), data_of(c->out[0]), data_of(c->out[1]), &s,
                            c->core, c->cores);
}

void call_max_pool_input_grad(const struct call *c)
{
    const struct tinycl_pool_shape s = shape(c->out[0], c->in[0], c->attrs + 2);

    tinycl_max_pool_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                               c->core, c->cores);
}

void call_avg_pool_forward(const struct call *c)
{
    const struct tinycl_pool_shape s = shape(c->in[0], c->out[0], c->attrs);

    tinycl_avg_pool_forward(data_of(c->in[0]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_avg_pool_input_grad(const struct call *c)
{
    const struct tinycl_pool_shape s = shape(c->out[0], c->in[0], c->attrs + 2);

    tinycl_avg_pool_input_grad(data_of(c->in[0]), data_of(c->out[0]), &s, c->core, c->cores);
}
