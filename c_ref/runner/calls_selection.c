/* Glue: selection, subsets of an axis, gates of one bit. */
#include "call.h"
#include "tinycl_sparse.h"

void call_top_k(const struct call *c)
{
    const int32_t rows = c->in[0]->shape[0];

    tinycl_top_k(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), data_of(c->out[1]),
                 rows, count_of(c->in[0]) / rows, c->out[1]->shape[1],
                 (enum tinycl_order)c->order, c->core, c->cores);
}

/* Of a whole tensor and the index of some places along an axis. */
static struct tinycl_subset_shape subset(const struct tensor *x, const struct tensor *index,
                                         int32_t axis)
{
    struct tinycl_subset_shape s = {.outer = 1, .length = x->shape[axis], .k = index->shape[1]};

    for (int32_t i = 0; i < axis; i++)
        s.outer *= x->shape[i];
    s.inner = count_of(x) / s.outer / s.length;
    return s;
}

void call_gather(const struct call *c)
{
    const struct tinycl_subset_shape s = subset(c->in[0], c->in[1], c->attrs[0]);

    tinycl_gather(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s, c->core, c->cores);
}

void call_scatter(const struct call *c)
{
    const struct tinycl_subset_shape s = subset(c->in[0], c->in[2], c->attrs[0]);

    tinycl_scatter(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), &s, c->core, c->cores);
}

void call_gate_bits(const struct call *c)
{
    tinycl_gate_bits(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]), float_attr(c, 0),
                     c->core, c->cores);
}

void call_gate_grad(const struct call *c)
{
    tinycl_gate_grad(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                     count_of(c->in[1]), c->core, c->cores);
}
