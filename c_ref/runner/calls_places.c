/* Glue: places for new samples. What is updated is an output of the same name. */
#include "call.h"
#include "tinycl_replay.h"

enum { SEED, STREAM };

/* The stream of a turn: the attribute and what the tensor holds, without a sign, if it is there. */
static struct tinycl_draw draw(const struct call *c, const struct tensor *given)
{
    const uint32_t *turn = data_of(given);

    return (struct tinycl_draw){(uint64_t)c->attrs[SEED],
                                (uint64_t)c->attrs[STREAM] + (turn ? *turn : 0)};
}

void call_random_places(const struct call *c)
{
    const struct tinycl_draw from = draw(c, c->in[0]);
    const struct tinycl_replacement r = {c->attrs[2], c->attrs[3], c->attrs[4], c->attrs[5]};

    tinycl_random_places(data_of(c->out[0]), &from, &r, c->core, c->cores);
}

void call_reservoir_places(const struct call *c)
{
    const struct tinycl_draw from = draw(c, c->in[0]);

    tinycl_reservoir_places(data_of(c->out[0]), &from, c->attrs[2], c->attrs[3], c->attrs[4],
                            c->core, c->cores);
}

void call_balanced_places(const struct call *c)
{
    const struct tinycl_draw from = draw(c, c->in[2]);
    const struct tinycl_balance b = {count_of(c->in[0]), c->attrs[2], count_of(c->in[1]),
                                     c->attrs[3]};

    tinycl_balanced_places(data_of(c->in[0]), data_of(c->in[1]), data_of(c->out[0]),
                           data_of(c->out[2]), &from, &b, c->core, c->cores);
}
