/* Fork, join and barrier on the cores of the cluster. Two barriers of the event unit do all of it:
 * one that all cores belong to, at which the workers sleep between jobs, and one for the cores of a
 * job. */
#include <string.h>

#include "message.h"
#include "platform.h"
#include "pulp.h"
#include "runner.h"

enum { EVERY = 0, JOB = 1 };   /* barriers */
#define L1 ((unsigned char *)UINT32_C(0x10000000))
#define STACK_GUARD UINT32_C(0x57ac57ac) /* in the lowest word of each stack */
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

/* The lowest word of a core's stack. Core 0's begins where L1 does. */
static uint32_t *stack_limit(int core)
{
    unsigned char *start = core ? l1_stack_0 + (uintptr_t)l1_stack_size * (uint32_t)(core - 1) : L1;
    return (uint32_t *)(void *)start;
}

static void guard_stack(int core)
{
    *stack_limit(core) = STACK_GUARD;
}

static void check_stack(int core)
{
    struct message m;
    if (*stack_limit(core) == STACK_GUARD)
        return;
    refuse(&m, MESSAGE_KERNEL, "core %d: a kernel needs more stack than the core's %u bytes", core,
           core ? (uint32_t)(uintptr_t)l1_stack_size : (uint32_t)(l1_stack_0 - L1));
    platform_log(m.text);
    pulp_exit(TRAPPED);
}

/* Core 0 comes here from start.S; it makes the barriers before anybody can arrive. */
_Noreturn void cluster_main(void)
{
    memset(l1_data, 0, (size_t)(l1_local - l1_data));
    guard_stack(0);
    belong(EVERY, CORES);
    EVENT_MASK_SET = BARRIER_EVENT;
    CLUSTER_FETCH_ENABLE = (1u << CORES) - 1;
    pulp_exit((uint32_t)runner_serve());
}

/* The others come here from start.S. Those that a job does not need go to its end at once. */
_Noreturn void cluster_serve(int core)
{
    guard_stack(core);
    EVENT_MASK_SET = BARRIER_EVENT;
    for (;;) {
        meet(EVERY);
        if (core < job.cores)
            job.run(job.arg, core, job.cores);
        check_stack(core);
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
        check_stack(0);
        return;
    }
    job.run = run;
    job.arg = arg;
    job.cores = cores;
    belong(JOB, cores);
    meet(EVERY);
    run(arg, 0, cores);
    check_stack(0);
    meet(EVERY);
}

void platform_barrier(int core, int cores)
{
    (void)core;
    if (cores > 1)
        meet(JOB);
}
