#include "reader.h"

enum { OPERATION_WORDS = 4 }; /* code, n_in, n_out, n_attr; then the ids and the attributes */

/* Reads one operation of `body`; its counts must be those of the table. */
static bool read_operation(const struct plan *p, struct reader *r, uint32_t body, uint32_t index)
{
    const int32_t *head = take(r, OPERATION_WORDS, "operations"), *ids;
    if (!head)
        return false;
    uint32_t code = (uint32_t)head[0];
    if (code >= operations_count)
        return refuse(r->m, MESSAGE_REQUEST, "body %u, operation %u: no code %u; there are %u",
                      body, index, code, operations_count);
    const struct operation *o = &operations[code];
    if ((uint32_t)head[1] != o->inputs || (uint32_t)head[2] != o->outputs ||
        (uint32_t)head[3] != o->attr_words)
        return refuse(r->m, MESSAGE_REQUEST,
                      "body %u, operation %u: %s takes %u inputs, %u outputs and %u attribute "
                      "words, got %d, %d and %d",
                      body, index, o->name, o->inputs, o->outputs, o->attr_words, head[1], head[2],
                      head[3]);
    if (!(ids = take(r, o->inputs + o->outputs, "operations")) ||
        !take(r, o->attr_words, "operations"))
        return false;
    for (uint32_t i = 0; i < o->inputs + o->outputs; i++)
        if (ids[i] != -1 && (ids[i] < 0 || (uint32_t)ids[i] >= p->n_tensors))
            return refuse(r->m, MESSAGE_REQUEST, "body %u, operation %u: %s names tensor %d of %u",
                          body, index, o->name, ids[i], p->n_tensors);
    return true;
}

bool read_bodies(struct plan *p, struct reader *r)
{
    for (uint32_t body = 0; body < p->n_bodies; body++) {
        struct body *b = &p->bodies[body];
        const int32_t *head = take(r, 3, "bodies");
        if (!head)
            return false;
        b->n_ops = (uint32_t)head[0];
        b->n_streamed = (uint32_t)head[1];
        b->n_records = (uint32_t)head[2];
        if (!(b->streamed = take_ids(r, p, b->n_streamed, "streamed tensors")) ||
            !(b->records = take_ids(r, p, b->n_records, "records")))
            return false;
        b->ops = r->at;
        for (uint32_t index = 0; index < b->n_ops; index++)
            if (!read_operation(p, r, body, index))
                return false;
    }
    return true;
}

const int32_t *plan_step(const int32_t *at, struct step *s)
{
    s->operation = &operations[at[0]];
    s->in = at + OPERATION_WORDS;
    s->out = s->in + s->operation->inputs;
    s->attrs = s->out + s->operation->outputs;
    return s->attrs + s->operation->attr_words;
}

bool read_schedule(struct plan *p, struct reader *r)
{
    if (!(p->schedule = take(r, 2 * (uint64_t)p->n_schedule, "schedule")))
        return false;
    for (uint32_t i = 0; i < p->n_schedule; i++)
        if ((uint32_t)p->schedule[2 * i] >= p->n_bodies || p->schedule[2 * i + 1] < 0)
            return refuse(r->m, MESSAGE_REQUEST, "schedule, line %u: body %d, %d times", i,
                          p->schedule[2 * i], p->schedule[2 * i + 1]);
    return true;
}

/* How many slices of a tensor the schedule takes. */
static uint64_t taken(const struct plan *p, int32_t id)
{
    uint64_t slices = 0;
    for (uint32_t line = 0; line < p->n_schedule; line++) {
        const struct body *b = &p->bodies[p->schedule[2 * line]];
        for (uint32_t i = 0; i < b->n_streamed; i++)
            if (b->streamed[i] == id)
                slices += (uint64_t)p->schedule[2 * line + 1];
    }
    return slices;
}

bool check_streams(const struct plan *p, struct message *m)
{
    for (uint32_t body = 0; body < p->n_bodies; body++)
        for (uint32_t i = 0; i < p->bodies[body].n_streamed; i++) {
            int32_t id = p->bodies[body].streamed[i];
            uint64_t slices = taken(p, id);
            if (slices > p->streams[id].left)
                return refuse(m, MESSAGE_REQUEST, "tensor %d: %l slices are taken, %u are there",
                              id, slices, p->streams[id].left);
        }
    return true;
}
