/* Glue: random numbers. Each item depends on its place in the stream alone, so cores share the
 * words and uniforms; a shuffle is one core's work. */
#include "call.h"
#include "tinycl.h"
#include "tinycl_num.h"
#include "tinycl_replay.h"

enum { SEED, STREAM, START };

/* The stream of a turn: the attribute and what the tensor holds, without a sign, if it is there. */
static uint64_t stream_at(const struct call *c)
{
    const uint32_t *turn = data_of(c->in[0]);

    return (uint64_t)c->attrs[STREAM] + (turn ? *turn : 0);
}

void call_random_words(const struct call *c)
{
    const struct tinycl_range mine = tinycl_share(count_of(c->out[0]), c->core, c->cores);
    uint32_t *y = data_of(c->out[0]);

    tinycl_philox_words(y + mine.begin, (uint64_t)c->attrs[SEED], stream_at(c),
                        (uint64_t)c->attrs[START] + (uint64_t)mine.begin,
                        (uint32_t)(mine.end - mine.begin));
}

void call_random_uniform(const struct call *c)
{
    const struct tinycl_range mine = tinycl_share(count_of(c->out[0]), c->core, c->cores);
    float *y = data_of(c->out[0]);

    tinycl_uniform(y + mine.begin, (uint64_t)c->attrs[SEED], stream_at(c),
                   (uint64_t)c->attrs[START] + (uint64_t)mine.begin,
                   (uint32_t)(mine.end - mine.begin));
}

void call_random_permutation(const struct call *c)
{
    if (c->core == 0)
        tinycl_permutation(data_of(c->out[0]), (uint32_t)count_of(c->out[0]),
                           (uint64_t)c->attrs[SEED], stream_at(c));
}

void call_next_turn(const struct call *c)
{
    tinycl_next_turn(data_of(c->out[0]), c->core, c->cores);
}
