#include "execute.h"

#include <string.h>

#include "guards.h"
#include "platform.h"
#include "reply.h"
#include "tile.h"

enum { MAX_CORES = 64 };

struct work {
    const struct operation *operation;
    struct call call;
    struct tiling *tiling;  /* NULL: in place */
    uint64_t *instructions; /* of each core; NULL: nobody asks */
};

static void run_on_core(void *arg, int core, int cores)
{
    const struct work *work = arg;
    struct platform_count begin, end;
    if (work->instructions)
        platform_count(&begin);
    if (work->tiling) {
        tile_run(work->tiling, core, cores);
    } else {
        struct call call = work->call;
        call.core = core;
        call.cores = cores;
        work->operation->run(&call);
    }
    if (work->instructions) {
        platform_count(&end);
        work->instructions[core] = end.instructions - begin.instructions;
    }
}

static const struct tensor *tensor(const struct plan *p, int32_t id)
{
    return id < 0 ? NULL : &p->tensors[id];
}

static struct work work_of(const struct plan *p, const struct step *s)
{
    struct work work = {.operation = s->operation, .call = {.attrs = s->attrs, .order = p->order}};
    for (uint32_t i = 0; i < s->operation->inputs; i++)
        work.call.in[i] = tensor(p, s->in[i]);
    for (uint32_t i = 0; i < s->operation->outputs; i++)
        work.call.out[i] = tensor(p, s->out[i]);
    return work;
}

/* The tensor of an operand: inputs first, then outputs. */
static int32_t operand_id(const struct step *s, int operand)
{
    const int inputs = (int)s->operation->inputs;
    return operand < inputs ? s->in[operand] : s->out[operand - inputs];
}

/* Whether all that a kernel may not write to is as it was; if not, that is sent. */
static bool check_guards(const struct plan *p, const struct step *s, const struct work *work,
                         const struct guards *guards)
{
    struct message m;
    int32_t id;
    int operand;
    if (work->tiling && !tile_guards_hold(work->tiling, &m, &operand))
        id = operand_id(s, operand);
    else if (guards_hold(guards, p, s, &work->call, &m, &id))
        return true;
    reply_error(&m, id);
    return false;
}

/* How it is cut into tiles is found out beforehand and is not part of the cost, nor are fetching slices,
 * looking at guards and sending tensors. False: a kernel wrote where it must not, which was sent. */
static bool run_operation(const struct plan *p, const struct step *s, uint32_t number, uint32_t op)
{
    uint64_t instructions[MAX_CORES] = {0};
    struct platform_count begin, end;
    struct guards guards;
    struct cost cost = {.tiles = 0};
    struct work work = work_of(p, s);
    if (p->tile_bytes &&
        tile_plan(p->tiling, s->operation->run, &work.call, p->tile_bytes, p->guarded)) {
        work.tiling = p->tiling;
        cost.tiles = (uint32_t)p->tiling->fit.tiles;
    }
    if (p->guarded)
        guards_before(&guards, &work.call);
    if (p->counted)
        work.instructions = instructions;
    platform_count(&begin);
    platform_fork(run_on_core, &work, p->cores);
    platform_count(&end);
    cost.cycles = end.cycles - begin.cycles;
    for (int core = 0; core < p->cores; core++)
        cost.instructions += instructions[core];
    if (p->counted)
        reply_cost(number, op, &cost);
    return !p->guarded || check_guards(p, s, &work, &guards);
}

static void next_slice(const struct plan *p, int32_t id)
{
    struct stream *s = &p->streams[id];
    const struct tensor *t = &p->tensors[id];
    memcpy(t->data, s->next, tensor_bytes(t));
    s->next += tensor_words(t);
    s->left--;
}

/* `number` counts body executions from 0. False: a kernel wrote where it must not, which was sent. */
static bool run_body(const struct plan *p, const struct body *b, uint32_t number)
{
    const int32_t *at = b->ops;
    struct step s;
    for (uint32_t i = 0; i < b->n_streamed; i++)
        next_slice(p, b->streamed[i]);
    for (uint32_t op = 0; op < b->n_ops; op++) {
        at = plan_step(at, &s);
        if (!run_operation(p, &s, number, op))
            return false;
        for (uint32_t i = 0; p->checked && i < s.operation->outputs; i++)
            if (s.out[i] >= 0)
                reply_tensor(REPLY_TRACE, number, op, (uint32_t)s.out[i], tensor(p, s.out[i]));
    }
    for (uint32_t i = 0; i < b->n_records; i++)
        reply_tensor(REPLY_RECORD, number, 0, (uint32_t)b->records[i], tensor(p, b->records[i]));
    return true;
}

void execute(const struct plan *p)
{
    uint32_t number = 0;
    for (uint32_t line = 0; line < p->n_schedule; line++)
        for (int32_t i = 0; i < p->schedule[2 * line + 1]; i++)
            if (!run_body(p, &p->bodies[p->schedule[2 * line]], number++))
                return;
    for (uint32_t i = 0; i < p->n_outputs; i++)
        reply_tensor(REPLY_OUTPUT, number, 0, (uint32_t)p->outputs[i], tensor(p, p->outputs[i]));
}
