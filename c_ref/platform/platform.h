/* What the runner needs of a machine. One folder beside this file implements it for each target,
 * starts the machine, calls runner_serve() on core 0 and ends with its status. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads until `bytes` are there or the input ends; returns how many were read. */
size_t platform_read(void *to, size_t bytes);

/* Writes all of it. When nobody reads any more it ends the program. */
void platform_write(const void *from, size_t bytes);

/* The one memory region, aligned to 64 bytes. It only grows, keeps what is in it, and may move.
 * NULL when the machine has no more than `*available` bytes. */
void *platform_memory(uint64_t bytes, uint64_t *available);

/* How many cores platform_fork can use. */
int platform_cores(void);

/* Runs job(arg, core, cores) on cores 0 .. cores-1, core 0 being the caller; returns when all have
 * finished. What was written before is seen by every core, and what they write by the caller. */
typedef void platform_job(void *arg, int core, int cores);
void platform_fork(platform_job *job, void *arg, int cores);

/* Every core of a fork calls it, with the fork's `cores`; none returns before all have. What one wrote
 * before it, all see after it. */
void platform_barrier(int core, int cores);

/* Memory beside the cores, aligned to 64 bytes, and how much of it there is. A machine without any
 * lends some of its ordinary memory. */
void *platform_local(uint32_t *bytes);

/* Copies between local and other memory that go on while the cores compute; only core 0 calls these.
 * A batch is begun, filled with fetches (into local memory) and stores (out of it), each a multiple
 * of 4 bytes, and at some time waited for. Until then nobody touches either side. Copies of two
 * batches are in no order. At most 4 batches are not yet waited for; waiting twice does no harm. */
int platform_batch(void);
void platform_fetch(void *local, const void *from, uint32_t bytes);
void platform_store(const void *local, void *to, uint32_t bytes);
void platform_wait(int batch);

/* What this core has counted so far; a later reading takes an earlier one away. false where the
 * machine cannot count; cycles stay 0 where it counts instructions only. */
struct platform_count {
    uint64_t cycles, instructions;
};
bool platform_count(struct platform_count *now);

/* One line for a human, without the newline. */
void platform_log(const char *text);

#endif
