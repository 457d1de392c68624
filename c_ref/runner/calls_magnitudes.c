/* Glue: measures of magnitude. */
#include "call.h"
#include "tinycl_sparse.h"

void call_magnitude_sum(const struct call *c)
{
    const int32_t rows = c->in[0]->shape[0];

    tinycl_magnitude_sum(data_of(c->in[0]), data_of(c->out[0]), rows, count_of(c->in[0]) / rows,
                         c->core, c->cores);
}

void call_entry_magnitudes(const struct call *c)
{
    const int32_t n = c->in[0]->shape[0];

    tinycl_entry_magnitudes(data_of(c->in[0]), data_of(c->out[0]), n, count_of(c->in[0]) / n,
                            c->core, c->cores);
}

void call_channel_magnitudes(const struct call *c)
{
    const int32_t rows = count_of(c->out[0]); /* one for each channel of each sample */

    tinycl_magnitude_sum(data_of(c->in[0]), data_of(c->out[0]), rows, count_of(c->in[0]) / rows,
                         c->core, c->cores);
}

void call_axis_squares(const struct call *c)
{
    const int32_t *shape = c->in[0]->shape, axis = c->attrs[0];
    int32_t outer = 1;

    for (int32_t i = 0; i < axis; i++)
        outer *= shape[i];
    tinycl_axis_squares(data_of(c->in[0]), data_of(c->out[0]), outer, shape[axis],
                        count_of(c->in[0]) / outer / shape[axis], c->core, c->cores);
}
