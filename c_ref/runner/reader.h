/* Takes the words of a request one after the other; nothing is believed before it is checked. */
#ifndef READER_H
#define READER_H

#include "plan.h"

struct reader {
    const int32_t *at, *end;
    struct message *m; /* what was wrong, once something returned NULL or false */
};

/* The next n words, or NULL. `what` names them in the message. */
const int32_t *take(struct reader *r, uint64_t n, const char *what);

/* The next n words, all ids of tensors, or NULL. */
const int32_t *take_ids(struct reader *r, const struct plan *p, uint32_t n, const char *what);

/* The parts of a plan, in the order in which they come. */
bool read_tensors(struct plan *p, struct reader *r);
bool read_bodies(struct plan *p, struct reader *r);
bool read_schedule(struct plan *p, struct reader *r);
bool read_initial(struct plan *p, struct reader *r, uint32_t count);
bool read_streams(struct plan *p, struct reader *r, uint32_t count);
bool check_streams(const struct plan *p, struct message *m);

#endif
