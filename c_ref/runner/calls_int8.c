/* Glue: bytes with a scale and a zero point. `window` is stride (2), padding (4); of a pool kernel
 * (2), stride (2), padding (4). */
#include "call.h"
#include "tinycl_int8.h"

enum { X, W, BIAS, MULTIPLIER, SHIFT, ZEROS };

static struct tinycl_int8_scales scales(const struct call *c)
{
    return (struct tinycl_int8_scales){
        .bias = data_of(c->in[BIAS]), .multiplier = data_of(c->in[MULTIPLIER]),
        .shift = data_of(c->in[SHIFT]), .zeros = data_of(c->in[ZEROS]),
    };
}

void call_int8_conv2d(const struct call *c)
{
    const int32_t *x = c->in[X]->shape, *w = c->in[W]->shape, *y = c->out[0]->shape;
    const struct tinycl_int8_scales to = scales(c);
    const struct tinycl_conv2d_shape s = {
        .n = x[0], .ci = x[1], .h = x[2], .w = x[3], .co = w[0], .kh = w[2], .kw = w[3],
        .ho = y[2], .wo = y[3], .stride_h = c->attrs[0], .stride_w = c->attrs[1],
        .pad_top = c->attrs[2], .pad_left = c->attrs[4],
    };

    tinycl_int8_conv2d(data_of(c->in[X]), data_of(c->in[W]), &to, data_of(c->out[0]), &s, c->core,
                       c->cores);
}

void call_int8_depthwise(const struct call *c)
{
    const int32_t *x = c->in[X]->shape, *w = c->in[W]->shape, *y = c->out[0]->shape;
    const struct tinycl_int8_scales to = scales(c);
    const struct tinycl_depthwise_shape s = {
        .n = x[0], .c = x[1], .h = x[2], .w = x[3], .kh = w[1], .kw = w[2], .ho = y[2], .wo = y[3],
        .stride_h = c->attrs[0], .stride_w = c->attrs[1], .pad_top = c->attrs[2],
        .pad_left = c->attrs[4],
    };

    tinycl_int8_depthwise(data_of(c->in[X]), data_of(c->in[W]), &to, data_of(c->out[0]), &s,
                          c->core, c->cores);
}

void call_int8_pointwise(const struct call *c)
{
    const int32_t *x = c->in[X]->shape;
    const struct tinycl_int8_scales to = scales(c);
    const struct tinycl_pointwise_shape s = {.n = x[0], .ci = x[1], .co = c->in[W]->shape[0],
                                             .h = x[2], .w = x[3]};

    tinycl_int8_pointwise(data_of(c->in[X]), data_of(c->in[W]), &to, data_of(c->out[0]), &s,
                          c->core, c->cores);
}

void call_int8_add(const struct call *c)
{
    const int32_t *shift = data_of(c->in[3]);

    tinycl_int8_add(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), *shift,
                    data_of(c->in[4]), data_of(c->out[0]), count_of(c->out[0]), c->core, c->cores);
}

void call_int8_max_pool(const struct call *c)
{
    const int32_t *x = c->in[0]->shape, *y = c->out[0]->shape;
    const struct tinycl_pool_shape s = {
        .n = x[0], .c = x[1], .h = x[2], .w = x[3], .kh = c->attrs[0], .kw = c->attrs[1],
        .ho = y[2], .wo = y[3], .stride_h = c->attrs[2], .stride_w = c->attrs[3],
        .pad_top = c->attrs[4], .pad_left = c->attrs[6],
    };

    tinycl_int8_max_pool(data_of(c->in[0]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_quantise(const struct call *c)
{
    const float *scale = data_of(c->in[1]);
    const int32_t *zero = data_of(c->in[2]);

    tinycl_quantise(data_of(c->in[0]), *scale, *zero, data_of(c->out[0]), count_of(c->out[0]),
                    c->core, c->cores);
}

void call_dequantise(const struct call *c)
{
    const float *scale = data_of(c->in[1]);
    const int32_t *zero = data_of(c->in[2]);

    tinycl_dequantise(data_of(c->in[0]), *scale, *zero, data_of(c->out[0]), count_of(c->out[0]),
                      c->core, c->cores);
}
