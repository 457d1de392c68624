/* Why a request is refused, as text for a human. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* What kind of refusal it is; sent as `op` of the error chunk. */
enum message_kind {
    MESSAGE_REQUEST = 1,
    MESSAGE_MEMORY = 2,
    MESSAGE_ENVIRONMENT = 3,
    MESSAGE_KERNEL = 4, /* it wrote to a guard word */
    MESSAGE_INPUT = 5   /* it changed an input */
};

struct message {
    enum message_kind kind;
    uint32_t length; /* bytes, at most sizeof text - 1 */
    char text[256];  /* zeros behind the text */
};

/* Takes %s (text), %u (uint32_t), %d (int32_t), %l (uint64_t), %x (uint32_t, 8 hexadecimal digits).
 * Returns false, so that a check can end with `return refuse(...)`. */
bool refuse(struct message *m, enum message_kind kind, const char *format, ...);

#endif
