/* The fabric controller: starts core 0 of the cluster, then sleeps for good. Core 0 starts the
 * others. */
#include "pulp.h"

#define CLUSTER_CACHE REGISTER(0x10201400)        /* one bit a bank, 1: on */
#define CLUSTER_BOOT_ADDRESS(core) REGISTER(0x10200040 + 4 * (core))

void cluster_boot(void); /* in start.S */

_Noreturn void controller_main(void)
{
    CLUSTER_CACHE = UINT32_MAX;
    for (uint32_t core = 0; core < CORES; core++)
        CLUSTER_BOOT_ADDRESS(core) = (uint32_t)(uintptr_t)cluster_boot;
    CLUSTER_FETCH_ENABLE = 1;
    for (;;)
        __asm__ volatile("wfi");
}
