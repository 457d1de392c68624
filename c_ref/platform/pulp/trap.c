/* Any exception is the end: say where, then stop. GVSoC tells no cause; the instruction does. */
#include "message.h"
#include "platform.h"
#include "pulp.h"

/* From start.S, with mepc. Instructions are multiples of 2 bytes. */
_Noreturn void pulp_trap(const uint16_t *pc)
{
    struct message m;
    uint32_t core = pulp_core();
    uint32_t instruction = pc[0] | (uint32_t)pc[1] << 16;
    refuse(&m, MESSAGE_REQUEST, "%s %u: exception at pc %x, instruction %x",
           core < CORES ? "core" : "controller", core, (uint32_t)(uintptr_t)pc, instruction);
    platform_log(m.text);
    pulp_exit(TRAPPED);
}
