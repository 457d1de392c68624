/* Glue: rows of a memory. What is updated is an output of the same name. */
#include "call.h"
#include "tinycl_replay.h"

/* Of a whole tensor and the places of some of its rows. */
static struct tinycl_rows_shape rows_shape(const struct tensor *x, const struct tensor *places)
{
    const int32_t rows = x->shape[0];

    return (struct tinycl_rows_shape){rows, count_of(x) / rows, places->shape[1]};
}

void call_gather_bytes(const struct call *c)
{
    const struct tinycl_rows_shape s = rows_shape(c->in[0], c->in[1]);

    tinycl_gather_bytes(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]), &s, c->core,
                        c->cores);
}

void call_gather_labels(const struct call *c)
{
    tinycl_gather_labels(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                         count_of(c->in[0]), count_of(c->out[0]), c->core, c->cores);
}

void call_put_rows(const struct call *c)
{
    const struct tinycl_rows_shape s = rows_shape(c->in[0], c->in[2]);

    tinycl_put_rows(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), &s, c->core,
                    c->cores);
}

void call_put_bytes(const struct call *c)
{
    const struct tinycl_rows_shape s = rows_shape(c->in[0], c->in[2]);

    tinycl_put_bytes(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]), &s, c->core,
                     c->cores);
}

void call_put_labels(const struct call *c)
{
    tinycl_put_labels(data_of(c->in[0]), data_of(c->in[1]), data_of(c->in[2]),
                      count_of(c->in[0]), count_of(c->in[1]), c->core, c->cores);
}

void call_concat_rows(const struct call *c)
{
    tinycl_concat_rows(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                       count_of(c->in[0]), count_of(c->in[1]), c->core, c->cores);
}

void call_concat_labels(const struct call *c)
{
    tinycl_concat_labels(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                         count_of(c->in[0]), count_of(c->in[1]), c->core, c->cores);
}

void call_turn_places(const struct call *c)
{
    const uint32_t *turn = data_of(c->in[0]);

    tinycl_turn_places(*turn, data_of(c->out[0]), count_of(c->out[0]), c->core, c->cores);
}

void call_take_turn(const struct call *c)
{
    const uint32_t *turn = data_of(c->in[1]);

    tinycl_take_turn(data_of(c->in[0]), *turn, data_of(c->out[0]), count_of(c->in[0]),
                     count_of(c->out[0]), c->core, c->cores);
}
