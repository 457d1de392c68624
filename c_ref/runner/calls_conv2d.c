/* Glue: conv2d. Kernel and size are read off the tensors; `window` is stride (2), padding (4). The
 * attributes of sparse gradients end with `channels`. */
#include "call.h"
#include "survivors_of.h"

enum { CHANNELS = 8 };

static struct tinycl_conv2d_shape shape(const struct call *c, const struct tensor *x,
                                        const struct tensor *w, const struct tensor *y,
                                        const int32_t *window)
{
    return (struct tinycl_conv2d_shape){
        .n = x->shape[0], .ci = x->shape[1], .h = x->shape[2], .w = x->shape[3],
        .co = w->shape[0], .kh = w->shape[2], .kw = w->shape[3],
        .ho = y->shape[2], .wo = y->shape[3],
        .stride_h = window[0], .stride_w = window[1], .pad_top = window[2], .pad_left = window[4],
        .resume = c->resume,
    };
}

void call_conv2d_forward(const struct call *c)
{
    const struct tinycl_conv2d_shape s = shape(c, c->in[0], c->in[1], c->out[0], c->attrs);

    tinycl_conv2d_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                          data_of(c->out[0]), &s, c->core, c->cores);
}

void call_conv2d_weight_grad(const struct call *c)
{
    const struct tinycl_conv2d_shape s = shape(c, c->in[0], c->out[0], c->in[1], c->attrs + 2);

    tinycl_conv2d_weight_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                              c->core, c->cores);
}

void call_conv2d_bias_grad(const struct call *c)
{
    const int32_t *dy = c->in[0]->shape;
    const struct tinycl_conv2d_shape s = {.n = dy[0], .co = dy[1], .ho = dy[2], .wo = dy[3],
                                          .resume = c->resume};

    tinycl_conv2d_bias_grad(data_of(c->in[0]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_conv2d_input_grad(const struct call *c)
{
    const struct tinycl_conv2d_shape s = shape(c, c->out[0], c->in[0], c->in[1], c->attrs + 2);

    tinycl_conv2d_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                             c->core, c->cores);
}

void call_conv2d_sparse_weight_grad(const struct call *c)
{
    const struct tinycl_conv2d_shape s = shape(c, c->in[0], c->out[0], c->in[1], c->attrs + 2);
    const struct tinycl_survivors kept = survivors_of(c, 2, c->attrs[CHANNELS]);

    tinycl_conv2d_sparse_weight_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                     data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                     c->cores);
}

void call_conv2d_sparse_input_grad(const struct call *c)
{
    const struct tinycl_conv2d_shape s = shape(c, c->out[0], c->in[0], c->in[1], c->attrs + 2);
    const struct tinycl_survivors kept = survivors_of(c, 2, c->attrs[CHANNELS]);

    tinycl_conv2d_sparse_input_grad(data_of(c->in[0]), data_of(c->in[1]), &kept,
                                    data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                                    c->cores);
}
