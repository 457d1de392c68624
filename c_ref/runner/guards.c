/* Guard words: the first 16 of the arena; behind each tensor those up to the next multiple of 16 and 16
 * more; behind the last one all up to the end of the arena. Of a tensor of bytes also what is left of
 * its last word. */
#include "guards.h"

#include "crc32.h"

static bool refused(struct message *m, uint32_t place, uint32_t value)
{
    return refuse(m, MESSAGE_KERNEL, "word %u holds %x", place, value);
}

/* What is left of the last word. */
static bool rest_holds(const struct tensor *t, struct message *m)
{
    const unsigned char *data = t->data;
    const uint32_t bytes = tensor_bytes(t);

    for (uint32_t i = bytes; i % sizeof(uint32_t) != 0; i++)
        if (data[i] != (PLAN_UNWRITTEN & 0xff))
            return refuse(m, MESSAGE_KERNEL, "byte %u holds %u", i - bytes, (uint32_t)data[i]);
    return true;
}

static bool words_hold(const struct plan *p, struct message *m, int32_t *id)
{
    uint32_t highest = 0;
    *id = -1;
    for (uint32_t i = 0; i < GUARD_WORDS && i < p->arena_words; i++)
        if (p->arena[i] != PLAN_UNWRITTEN)
            return refused(m, i, p->arena[i]);
    for (uint32_t t = 0; t < p->n_tensors; t++) {
        const uint32_t *start = p->tensors[t].data;
        const uint32_t end = (uint32_t)(start - p->arena) + tensor_words(&p->tensors[t]);
        if (end > highest) {
            highest = end;
            *id = (int32_t)t;
        }
    }
    const int32_t last = *id;
    for (uint32_t t = 0; t < p->n_tensors; t++) {
        const uint32_t *start = p->tensors[t].data;
        const uint32_t end = (uint32_t)(start - p->arena) + tensor_words(&p->tensors[t]);
        uint32_t until = (end + GUARD_WORDS - 1) / GUARD_WORDS * GUARD_WORDS + GUARD_WORDS;
        if ((int32_t)t == last || until > p->arena_words)
            until = p->arena_words;
        *id = (int32_t)t;
        if (!rest_holds(&p->tensors[t], m))
            return false;
        for (uint32_t i = end; i < until; i++)
            if (p->arena[i] != PLAN_UNWRITTEN)
                return refused(m, i - end, p->arena[i]);
    }
    return true;
}

/* Whether an input is updated in place. */
static bool is_output(const struct call *call, const struct tensor *input)
{
    for (int i = 0; i < CALL_OUTPUTS; i++)
        if (call->out[i] && call->out[i]->data == input->data)
            return true;
    return false;
}

static uint32_t crc_of(const struct tensor *t)
{
    return crc32_words(0, t->data, tensor_words(t));
}

void guards_before(struct guards *g, const struct call *call)
{
    for (int i = 0; i < CALL_INPUTS; i++)
        g->crc[i] = call->in[i] ? crc_of(call->in[i]) : 0;
}

bool guards_hold(const struct guards *g, const struct plan *p, const struct step *s,
                 const struct call *call, struct message *m, int32_t *id)
{
    if (!words_hold(p, m, id))
        return false;
    for (int i = 0; i < CALL_INPUTS; i++)
        if (call->in[i] && !is_output(call, call->in[i]) && crc_of(call->in[i]) != g->crc[i]) {
            *id = s->in[i];
            return refuse(m, MESSAGE_INPUT, "an input");
        }
    return true;
}
