/* Glue: heads kept class by class, synapses. What is updated is an output of the same name. */
#include "call.h"
#include "tinycl_replay.h"

void call_class_counts(const struct call *c)
{
    tinycl_class_counts(data_of(c->in[0]), data_of(c->out[0]), count_of(c->in[0]),
                        count_of(c->out[0]), c->core, c->cores);
}

void call_load_head(const struct call *c)
{
    const int32_t *shape = c->in[0]->shape;

    tinycl_load_head(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), shape[0], shape[1],
                     c->core, c->cores);
}

void call_consolidate_head(const struct call *c)
{
    const int32_t *shape = c->in[0]->shape;

    tinycl_consolidate_head(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                            data_of(c->in[3]), shape[0], shape[1], c->core, c->cores);
}

void call_synaptic_path(const struct call *c)
{
    tinycl_synaptic_path(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                         data_of(c->in[3]), count_of(c->in[0]), c->core, c->cores);
}

void call_synaptic_importance(const struct call *c)
{
    const struct tinycl_importance r = {float_attr(c, 0), float_attr(c, 1), float_attr(c, 2)};

    tinycl_synaptic_importance(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                               data_of(c->in[3]), &r, count_of(c->in[0]), c->core, c->cores);
}

void call_synaptic_pull(const struct call *c)
{
    tinycl_synaptic_pull(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                         data_of(c->in[3]), float_attr(c, 0), count_of(c->in[0]), c->core,
                         c->cores);
}
