/* Counters of a core. They have 32 bits; what they lose is added here, as long as a core reads them
 * once in 2^32 cycles. */
#include "platform.h"
#include "pulp.h"

struct wide {
    uint32_t low, high;
};

static struct {
    struct wide cycles, instructions;
} counters[CORES] IN_L1;

static uint64_t extend(struct wide *counter, uint32_t now)
{
    counter->high += now < counter->low;
    counter->low = now;
    return (uint64_t)counter->high << 32 | now;
}

/* mcycle goes on while a core sleeps. PCCR1 counts the instructions. */
bool platform_count(struct platform_count *now)
{
    uint32_t cycles, instructions, core = pulp_core();
    __asm__ volatile("csrr %0, mcycle\n\tcsrr %1, 0x781"
                     : "=r"(cycles), "=r"(instructions)::"memory");
    now->cycles = extend(&counters[core].cycles, cycles);
    now->instructions = extend(&counters[core].instructions, instructions);
    return true;
}
