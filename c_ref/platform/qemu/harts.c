/* Fork and join on harts. A hart without work sleeps in wfi; a software interrupt of the CLINT ends
 * that, a counter says when all have finished, and the last one wakes hart 0. */
#include <stdatomic.h>

#include "platform.h"

enum { MAX_HARTS = 8, SOFTWARE = 1 << 3 }; /* bit of mip */
#define MSIP ((volatile uint32_t *)0x02000000)     /* one word a hart: raise, lower */
#define MTIMECMP ((volatile uint32_t *)0x02004000) /* two words a hart */

static platform_job *job;
static void *job_arg;
static int job_cores;
static atomic_int running;

static void wake(int hart)
{
    atomic_thread_fence(memory_order_seq_cst);
    MSIP[hart] = 1;
}

/* Sleeps until this hart is woken. A wake-up that came before is still pending then. */
static void sleep(int hart)
{
    uint32_t pending;
    for (;;) {
        __asm__ volatile("csrr %0, mip" : "=r"(pending)::"memory");
        if (pending & SOFTWARE)
            break;
        __asm__ volatile("wfi" ::: "memory");
    }
    MSIP[hart] = 0;
    atomic_thread_fence(memory_order_seq_cst);
}

/* The other harts come here from start.S. */
_Noreturn void hart_serve(int hart)
{
    for (;;) {
        sleep(hart);
        job(job_arg, hart, job_cores);
        if (atomic_fetch_sub(&running, 1) == 1)
            wake(0);
    }
}

/* A timer exists for each hart, and reads as 0 where there is none; nobody listens to it. */
int platform_cores(void)
{
    int cores = 1;
    while (cores < MAX_HARTS) {
        MTIMECMP[2 * cores] = UINT32_MAX;
        if (MTIMECMP[2 * cores] != UINT32_MAX)
            break;
        cores++;
    }
    return cores;
}

void platform_fork(platform_job *the_job, void *arg, int cores)
{
    job = the_job;
    job_arg = arg;
    job_cores = cores;
    atomic_store(&running, cores - 1);
    for (int hart = 1; hart < cores; hart++)
        wake(hart);
    the_job(arg, 0, cores);
    if (cores > 1)
        sleep(0);
}
