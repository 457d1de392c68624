/* Any exception is the end: say where, then stop. */
#include "exit.h"
#include "message.h"
#include "platform.h"

static const char *const causes[] = {
    "instruction address misaligned", "instruction access fault", "illegal instruction",
    "breakpoint",                     "load address misaligned",  "load access fault",
    "store address misaligned",       "store access fault",
};

enum { CAUSES = sizeof causes / sizeof causes[0], STATUS = 2 };

/* From start.S, with mcause, mepc and mtval. */
_Noreturn void hart_trap(uint32_t cause, uint32_t pc, uint32_t value)
{
    struct message m;
    uint32_t hart;
    __asm__ volatile("csrr %0, mhartid" : "=r"(hart));
    refuse(&m, MESSAGE_REQUEST, "hart %u: %s (cause %u) at pc %x, address %x", hart,
           cause < CAUSES ? causes[cause] : "exception", cause, pc, value);
    platform_log(m.text);
    semihosting_exit(STATUS);
}
