/* The operations, by code. operations.inc is written from the table in tinycl/ops. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include <stdint.h>

#include "call.h"

/* How many of them `struct call` has room for. */
enum {
    CALL_INPUTS = sizeof((struct call *)0)->in / sizeof(void *),
    CALL_OUTPUTS = sizeof((struct call *)0)->out / sizeof(void *)
};

struct operation {
    const char *name;
    void (*run)(const struct call *c);
    uint32_t inputs, outputs, attr_words;
};

extern const struct operation operations[];
extern const uint32_t operations_count;
extern const uint32_t operations_crc; /* of the lines of operations.inc, as zlib counts it */

#endif
