#include "execute.h"

#include <string.h>

#include "platform.h"
#include "reply.h"

struct work {
    const struct operation *operation;
    struct call call;
};

static void run_on_core(void *arg, int core, int cores)
{
    const struct work *work = arg;
    struct call call = work->call;
    call.core = core;
    call.cores = cores;
    work->operation->run(&call);
}

static const struct tensor *tensor(const struct plan *p, int32_t id)
{
    return id < 0 ? NULL : &p->tensors[id];
}

static void run_operation(const struct plan *p, const struct step *s)
{
    struct work work = {.operation = s->operation, .call = {.attrs = s->attrs, .order = p->order}};
    for (uint32_t i = 0; i < s->operation->inputs; i++)
        work.call.in[i] = tensor(p, s->in[i]);
    for (uint32_t i = 0; i < s->operation->outputs; i++)
        work.call.out[i] = tensor(p, s->out[i]);
    platform_fork(run_on_core, &work, p->cores);
}

/* Adds the instructions of the operation; fetching slices and sending tensors is not part of it. */
static void count_operation(const struct plan *p, const struct step *s, uint64_t *count)
{
    struct platform_count begin, end;
    platform_count(&begin);
    run_operation(p, s);
    platform_count(&end);
    *count += end.instructions - begin.instructions;
}

static void next_slice(const struct plan *p, int32_t id)
{
    struct stream *s = &p->streams[id];
    uint32_t words = tensor_words(&p->tensors[id]);
    memcpy(p->tensors[id].data, s->next, words * sizeof(int32_t));
    s->next += words;
    s->left--;
}

/* `number` counts body executions from 0. */
static void run_body(const struct plan *p, const struct body *b, uint32_t number,
                     uint64_t *count)
{
    const int32_t *at = b->ops;
    struct step s;
    for (uint32_t i = 0; i < b->n_streamed; i++)
        next_slice(p, b->streamed[i]);
    for (uint32_t op = 0; op < b->n_ops; op++) {
        at = plan_step(at, &s);
        if (p->counted)
            count_operation(p, &s, count);
        else
            run_operation(p, &s);
        for (uint32_t i = 0; p->checked && i < s.operation->outputs; i++)
            if (s.out[i] >= 0)
                reply_tensor(REPLY_TRACE, number, op, (uint32_t)s.out[i], tensor(p, s.out[i]));
    }
    for (uint32_t i = 0; i < b->n_records; i++)
        reply_tensor(REPLY_RECORD, number, 0, (uint32_t)b->records[i], tensor(p, b->records[i]));
}

void execute(const struct plan *p)
{
    uint32_t number = 0;
    uint64_t count = 0;
    for (uint32_t line = 0; line < p->n_schedule; line++)
        for (int32_t i = 0; i < p->schedule[2 * line + 1]; i++)
            run_body(p, &p->bodies[p->schedule[2 * line]], number++, &count);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        reply_tensor(REPLY_OUTPUT, number, 0, (uint32_t)p->outputs[i], tensor(p, p->outputs[i]));
    if (p->counted)
        reply_count(count);
}
