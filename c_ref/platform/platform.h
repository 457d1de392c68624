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

/* Instructions that this core has executed so far, which a later reading takes away; false where the
 * machine cannot count them. */
bool platform_instructions(uint64_t *count);

/* One line for a human, without the newline. */
void platform_log(const char *text);

#endif
