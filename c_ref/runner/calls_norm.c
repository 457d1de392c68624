/* Glue: normalisation, on (n, c, h, w) or (n, c). */
#include "call.h"
#include "tinycl.h"
#include "tinycl_norm.h"

static struct tinycl_norm_shape shape(const struct tensor *x)
{
    const int32_t area = x->rank == 4 ? x->shape[2] * x->shape[3] : 1;

    return (struct tinycl_norm_shape){.n = x->shape[0], .c = x->shape[1], .area = area};
}

void call_channel_moments(const struct call *c)
{
    const struct tinycl_norm_shape s = shape(c->in[0]);

    tinycl_channel_moments(data_of(c->in[0]), data_of(c->out[0]), data_of(c->out[1]), &s, c->core,
                           c->cores);
}

void call_deviation(const struct call *c)
{
    tinycl_deviation(data_of(c->in[0]), data_of(c->out[0]), float_attr(c, 0), count_of(c->in[0]),
                     c->core, c->cores);
}

void call_moving_average(const struct call *c)
{
    tinycl_moving_average(data_of(c->in[0]), data_of(c->in[1]), float_attr(c, 0), float_attr(c, 1),
                          count_of(c->in[0]), c->core, c->cores);
}

void call_renorm_corrections(const struct call *c)
{
    const struct tinycl_renorm_bounds bounds = {float_attr(c, 0), float_attr(c, 1)};

    tinycl_renorm_corrections(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                              data_of(c->in[3]), data_of(c->out[0]), data_of(c->out[1]), &bounds,
                              count_of(c->in[0]), c->core, c->cores);
}

void call_normalise_forward(const struct call *c)
{
    const struct tinycl_norm_shape s = shape(c->in[0]);
    const struct tinycl_norm t = {
        .mean = data_of(c->in[1]), .std = data_of(c->in[2]), .gamma = data_of(c->in[3]),
        .beta = data_of(c->in[4]), .r = data_of(c->in[5]), .d = data_of(c->in[6]),
    };

    tinycl_normalise_forward(data_of(c->in[0]), &t, data_of(c->out[0]), &s, c->core, c->cores);
}

void call_normalise_weight_grad(const struct call *c)
{
    const struct tinycl_norm_shape s = shape(c->in[0]);
    const struct tinycl_norm t = {
        .mean = data_of(c->in[1]), .std = data_of(c->in[2]), .r = data_of(c->in[4]),
        .d = data_of(c->in[5]),
    };

    tinycl_normalise_weight_grad(data_of(c->in[0]), &t, data_of(c->in[3]), data_of(c->out[0]),
                                 data_of(c->out[1]), &s, c->core, c->cores);
}

void call_normalise_input_grad(const struct call *c)
{
    const struct tinycl_norm_shape s = shape(c->in[2]);
    const struct tinycl_norm t = {
        .std = data_of(c->in[0]), .gamma = data_of(c->in[1]), .r = data_of(c->in[3]),
    };

    tinycl_normalise_input_grad(&t, data_of(c->in[2]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_batch_norm_input_grad(const struct call *c)
{
    const struct tinycl_norm_shape s = shape(c->in[0]);
    const struct tinycl_norm t = {
        .mean = data_of(c->in[1]), .std = data_of(c->in[2]), .gamma = data_of(c->in[3]),
        .r = data_of(c->in[5]),
    };

    tinycl_batch_norm_input_grad(data_of(c->in[0]), &t, data_of(c->in[4]), data_of(c->out[0]), &s,
                                 c->core, c->cores);
}

void call_fold_norm(const struct call *c)
{
    const int32_t channels = c->in[0]->shape[0];
    const struct tinycl_norm t = {
        .gamma = data_of(c->in[2]), .beta = data_of(c->in[3]), .mean = data_of(c->in[4]),
        .std = data_of(c->in[5]),
    };

    tinycl_fold_norm(data_of(c->in[0]), data_of(c->in[1]), &t, data_of(c->out[0]),
                     data_of(c->out[1]), channels, count_of(c->in[0]) / channels, c->core,
                     c->cores);
}
