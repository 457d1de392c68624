/* Words that nothing may write to, and inputs that no operation may change. */
#ifndef GUARDS_H
#define GUARDS_H

#include "plan.h"

enum { GUARD_WORDS = 16 };

/* What the inputs of an operation are before it runs. */
struct guards {
    uint32_t crc[CALL_INPUTS];
};
void guards_before(struct guards *g, const struct call *call);

/* Whether the inputs that are no outputs are the same, and the guard words of a guarded plan hold what
 * memory holds before it is written to. Otherwise `m` and `id` say what has changed: a word behind a
 * tensor, counted from 0, or one before all of them (-1), or an input. */
bool guards_hold(const struct guards *g, const struct plan *p, const struct step *s,
                 const struct call *call, struct message *m, int32_t *id);

#endif
