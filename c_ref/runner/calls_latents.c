/* Glue: latents packed into a few bits each. a_max is updated in place. */
#include "call.h"
#include "tinycl_replay.h"

/* Of the tensor that is not packed. */
static struct tinycl_latents_shape latents_shape(const struct tensor *x, int32_t bits)
{
    const int32_t n = x->shape[0];

    return (struct tinycl_latents_shape){n, count_of(x) / n, bits};
}

void call_quantise_latents(const struct call *c)
{
    const struct tinycl_latents_shape s = latents_shape(c->in[0], c->attrs[0]);

    tinycl_quantise_latents(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s, c->core,
                            c->cores);
}

void call_dequantise_latents(const struct call *c)
{
    const struct tinycl_latents_shape s = latents_shape(c->out[0], c->attrs[0]);

    tinycl_dequantise_latents(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s,
                              c->core, c->cores);
}

void call_latent_scale(const struct call *c)
{
    tinycl_latent_scale(data_of(c->in[0]), data_of(c->out[0]), c->attrs[0], c->core, c->cores);
}

void call_largest(const struct call *c)
{
    tinycl_largest(data_of(c->in[0]), data_of(c->in[1]), count_of(c->in[0]), c->core, c->cores);
}
