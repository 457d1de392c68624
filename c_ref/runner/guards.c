/* Behind each tensor the words up to the next multiple of 16 and 16 more, and the first 16 words of the
 * arena, hold what memory holds before it is written to. */
#include "guards.h"

enum { GUARD_WORDS = 16 };

static bool refused(struct message *m, uint32_t place, uint32_t value)
{
    return refuse(m, MESSAGE_KERNEL, "word %u holds %x", place, value);
}

bool guards_hold(const struct plan *p, struct message *m, int32_t *id)
{
    *id = -1;
    for (uint32_t i = 0; i < GUARD_WORDS && i < p->arena_words; i++)
        if (p->arena[i] != PLAN_UNWRITTEN)
            return refused(m, i, p->arena[i]);
    for (uint32_t t = 0; t < p->n_tensors; t++) {
        const uint32_t *start = p->tensors[t].data;
        const uint32_t end = (uint32_t)(start - p->arena) + tensor_words(&p->tensors[t]);
        const uint32_t last = (end + GUARD_WORDS - 1) / GUARD_WORDS * GUARD_WORDS + GUARD_WORDS;
        *id = (int32_t)t;
        for (uint32_t i = end; i < last && i < p->arena_words; i++)
            if (p->arena[i] != PLAN_UNWRITTEN)
                return refused(m, i - end, p->arena[i]);
    }
    return true;
}
