#include "operations.h"

#define OPERATION(code, name, inputs, outputs, attr_words) void call_##name(const struct call *c);
#include "operations.inc"
#undef OPERATION

#define OPERATION(code, name, inputs, outputs, attr_words)                                         \
    _Static_assert((inputs) <= CALL_INPUTS && (outputs) <= CALL_OUTPUTS, "struct call: " #name);
#include "operations.inc"
#undef OPERATION

const struct operation operations[] = {
#define OPERATION(code, name, inputs, outputs, attr_words)                                         \
    [code] = {#name, call_##name, inputs, outputs, attr_words},
#include "operations.inc"
#undef OPERATION
};

const uint32_t operations_count = sizeof operations / sizeof operations[0];
const uint32_t operations_crc = OPERATIONS_CRC;
