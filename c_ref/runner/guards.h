/* Words around the tensors that nothing may write to. */
#ifndef GUARDS_H
#define GUARDS_H

#include "plan.h"

/* Looks at all guard words of a guarded plan. Where one has changed it returns false, and `m` and `id`
 * say which: word 0 is the first behind the tensor; without a tensor (-1) it lies before all of them. */
bool guards_hold(const struct plan *p, struct message *m, int32_t *id);

#endif
