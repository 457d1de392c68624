/* The reply: a magic word, then chunks of (tag, step, op, tensor, words, data). */
#ifndef REPLY_H
#define REPLY_H

#include <stdint.h>

#include "call.h"
#include "message.h"

#define REPLY_MAGIC UINT32_C(0x524c4354) /* "TCLR" */

enum reply_tag { REPLY_END, REPLY_TRACE, REPLY_RECORD, REPLY_OUTPUT, REPLY_ERROR, REPLY_COST };

void reply_begin(void);

/* A tensor as it is now; a NaN of an f32 tensor goes out as 0x7fc00000. */
void reply_tensor(enum reply_tag tag, uint32_t step, uint32_t op, uint32_t id,
                  const struct tensor *t);

/* What an operation took. */
struct cost {
    uint64_t cycles, instructions; /* of core 0 from fork to join; of all cores in between */
    uint32_t tiles;                /* 0: in place */
};
void reply_cost(uint32_t step, uint32_t op, const struct cost *cost);

/* `id` is the tensor that it is about, or -1. */
void reply_error(const struct message *m, int32_t id);

/* Writes the end chunk (number of chunks, CRC of all of them) and sends what is left. */
void reply_end(void);

#endif
