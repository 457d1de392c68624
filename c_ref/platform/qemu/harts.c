/* Fork, join and barrier on harts. A hart without work sleeps in wfi, which a software interrupt of the
 * CLINT ends; a counter says when all have finished, and the last one wakes hart 0. */
#include <stdatomic.h>

#include "platform.h"

enum { MAX_HARTS = 8 };
#define MSIP ((volatile uint32_t *)0x02000000)     /* one word a hart: raise, lower */
#define MTIMECMP ((volatile uint32_t *)0x02004000) /* two words a hart */

static platform_job *job;
static void *job_arg;
static int job_cores;
static atomic_int called[MAX_HARTS]; /* how often each hart was given a job */
static atomic_int running;
static atomic_int waiting, passed; /* at the barrier; barriers so far */

static void wake(int hart)
{
    atomic_thread_fence(memory_order_seq_cst);
    MSIP[hart] = 1;
}

/* Sleeps while a word has a value. Who changes it wakes the sleeper afterwards; between two looks at
 * the word the interrupt stays pending, and wfi returns. */
static void sleep_while(int hart, atomic_int *word, int value)
{
    for (;;) {
        MSIP[hart] = 0;
        atomic_thread_fence(memory_order_seq_cst);
        if (atomic_load(word) != value)
            return;
        __asm__ volatile("wfi" ::: "memory");
    }
}

/* The other harts come here from start.S. */
_Noreturn void hart_serve(int hart)
{
    for (int jobs = 0;; jobs++) {
        sleep_while(hart, &called[hart], jobs);
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
    for (int hart = 1; hart < cores; hart++) {
        atomic_fetch_add(&called[hart], 1);
        wake(hart);
    }
    the_job(arg, 0, cores);
    for (int left; (left = atomic_load(&running)) != 0;)
        sleep_while(0, &running, left);
}

/* The last hart wakes the others, which sleep: a hart that would spin takes the time of those that
 * work. */
void platform_barrier(int core, int cores)
{
    const int before = atomic_load(&passed);
    if (atomic_fetch_add(&waiting, 1) + 1 < cores) {
        sleep_while(core, &passed, before);
        return;
    }
    atomic_store(&waiting, 0);
    atomic_fetch_add(&passed, 1);
    for (int hart = 0; hart < cores; hart++)
        if (hart != core)
            wake(hart);
}
