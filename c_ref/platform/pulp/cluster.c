/* Fork, join and barrier on the cores of the cluster. Two barriers of the event unit do all of it:
 * one that all cores belong to, at which the workers sleep between jobs, and one for the cores of a
 * job. */
#include <string.h>

#include "platform.h"
#include "pulp.h"
#include "runner.h"

enum { EVERY = 0, JOB = 1 };   /* barriers */
enum { BARRIER_EVENT = 1 << 16 }; /* in the event mask of a core */
#define EVENT_MASK_SET REGISTER(0x10204008)
#define PARTICIPANTS(barrier) REGISTER(0x10204200 + 32 * (barrier))
#define TARGETS(barrier) REGISTER(0x1020420c + 32 * (barrier))
#define ARRIVE(barrier) REGISTER(0x1020421c + 32 * (barrier)) /* a load ends when all are there */

static struct {
    platform_job *run;
    void *arg;
    int cores;
} job IN_L1;

static void meet(uint32_t barrier)
{
    __asm__ volatile("" ::: "memory");
    uint32_t events = ARRIVE(barrier);
    __asm__ volatile("" ::"r"(events) : "memory");
}

/* In this order: a barrier of nobody that has targets is reached at once, and wakes them. */
static void belong(uint32_t barrier, int cores)
{
    PARTICIPANTS(barrier) = (1u << cores) - 1;
    TARGETS(barrier) = (1u << cores) - 1;
}

/* Core 0 comes here from start.S; it makes the barriers before anybody can arrive. */
_Noreturn void cluster_main(void)
{
    memset(l1_data, 0, (size_t)(l1_local - l1_data));
    belong(EVERY, CORES);
    EVENT_MASK_SET = BARRIER_EVENT;
    CLUSTER_FETCH_ENABLE = (1u << CORES) - 1;
    pulp_exit((uint32_t)runner_serve());
}

/* The others come here from start.S. Those that a job does not need go to its end at once. */
_Noreturn void cluster_serve(int core)
{
    EVENT_MASK_SET = BARRIER_EVENT;
    for (;;) {
        meet(EVERY);
        if (core < job.cores)
            job.run(job.arg, core, job.cores);
        meet(EVERY);
    }
}

int platform_cores(void)
{
    return CORES;
}

void platform_fork(platform_job *run, void *arg, int cores)
{
    if (cores == 1) {
        run(arg, 0, 1);
        return;
    }
    job.run = run;
    job.arg = arg;
    job.cores = cores;
    belong(JOB, cores);
    meet(EVERY);
    run(arg, 0, cores);
    meet(EVERY);
}

void platform_barrier(int core, int cores)
{
    (void)core;
    if (cores > 1)
        meet(JOB);
}
