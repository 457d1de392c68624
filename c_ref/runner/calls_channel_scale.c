/* Glue: squeeze-excite's scale, one number a plane (h, w). */
#include "call.h"
#include "tinycl.h"
#include "tinycl_norm.h"

void call_channel_scale_forward(const struct call *c)
{
    const int32_t planes = count_of(c->in[1]);

    tinycl_channel_scale_forward(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), planes,
                                 count_of(c->in[0]) / planes, c->core, c->cores);
}

void call_channel_scale_input_grad(const struct call *c)
{
    const int32_t planes = count_of(c->in[0]);

    tinycl_channel_scale_input_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                    planes, count_of(c->in[1]) / planes, c->core, c->cores);
}

void call_channel_scale_gate_grad(const struct call *c)
{
    const int32_t planes = count_of(c->out[0]);

    tinycl_channel_scale_gate_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                                   planes, count_of(c->in[0]) / planes, c->core, c->cores);
}
