/* Exercises platform.h in the place of the runner. Says what is wrong, or "all right", and ends with
 * the number of complaints. */
#include <string.h>

#include "message.h"
#include "platform.h"
#include "runner.h"

enum { PHASES = 50, WORDS = 5000, MOST = 8 };

static int complaints;

static void check(bool right, const char *what, uint32_t a, uint32_t b)
{
    struct message m;
    if (right)
        return;
    complaints++;
    refuse(&m, MESSAGE_REQUEST, "wrong: %s, %u and %u", what, a, b);
    platform_log(m.text);
}

static volatile uint32_t seen[MOST], wrong[MOST];

/* Before each barrier a core writes its phase; after it, all have written theirs. */
static void phases(void *arg, int core, int cores)
{
    (void)arg;
    wrong[core] = 0;
    for (uint32_t phase = 1; phase <= PHASES; phase++) {
        for (volatile int wait = core * 7 % 5; wait; wait--)
            continue;
        seen[core] = phase;
        platform_barrier(core, cores);
        for (int other = 0; other < cores; other++)
            wrong[core] += seen[other] != phase;
        platform_barrier(core, cores);
    }
}

static void barriers(void)
{
    static const int counts[] = {1, 2, 3, 8, 5, 8, 2};
    for (uint32_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        int cores = counts[i];
        if (cores > platform_cores())
            continue;
        platform_fork(phases, 0, cores);
        for (int core = 0; core < cores; core++)
            check(wrong[core] == 0, "barrier, core and number of others behind", (uint32_t)core,
                  wrong[core]);
    }
}

static uint32_t source[WORDS], copy[WORDS];

/* Four batches at once, of several sizes, waited for out of order; then back again. */
static void copies(void)
{
    static const uint32_t words[] = {1, 3, 255, 4096};
    static const int order[] = {2, 0, 3, 1, 2};
    uint32_t bytes, at = 0;
    uint32_t *local = platform_local(&bytes);
    int batch[4];
    check(bytes >= sizeof source, "local memory, bytes and wanted", bytes, sizeof source);
    check((uintptr_t)local % 64 == 0, "alignment of local memory", (uint32_t)(uintptr_t)local, 64);
    for (uint32_t i = 0; i < WORDS; i++)
        source[i] = i * 2654435761u;
    for (int i = 0; i < 4; at += words[i++]) {
        batch[i] = platform_batch();
        platform_fetch(local + at, source + at, words[i] * 2);
        platform_fetch(local + at, source + at, words[i] * 4);
    }
    for (int i = 0; i < 5; i++)
        platform_wait(batch[order[i]]);
    for (uint32_t i = 0; i < at; i++)
        check(local[i] == source[i], "fetched word", i, local[i]);
    int last = platform_batch();
    platform_store(local, copy + 1, (at - 1) * 4);
    platform_wait(last);
    for (uint32_t i = 1; i < at; i++)
        check(copy[i] == source[i - 1], "stored word", i, copy[i]);
    check(copy[0] == 0 && copy[at] == 0, "words beside a store", copy[0], copy[at]);
}

static void count(void *arg, int core, int cores)
{
    struct platform_count *counts = arg, begin;
    (void)cores;
    platform_count(&begin);
    for (volatile int i = 0; i < 1000; i++)
        continue;
    platform_count(&counts[core]);
    counts[core].cycles -= begin.cycles;
    counts[core].instructions -= begin.instructions;
}

static void counters(void)
{
    struct platform_count counts[MOST] = {{0, 0}};
    int cores = platform_cores();
    platform_fork(count, counts, cores);
    for (int core = 0; core < cores; core++) {
        uint32_t cycles = (uint32_t)counts[core].cycles;
        uint32_t instructions = (uint32_t)counts[core].instructions;
        check(instructions >= 3000 && instructions < 12000, "instructions", (uint32_t)core,
              instructions);
        check(cycles >= instructions && cycles < 30000, "cycles", (uint32_t)core, cycles);
    }
}

/* Core 0 asks for more and more, and finds what it wrote; local memory is nobody's stack. */
static void regions(void)
{
    uint64_t available, sizes[] = {1000, 1 << 20, 5 << 20, 20 << 20, 1000};
    uint32_t bytes, *first = platform_memory(sizes[0], &available);
    unsigned char *local = platform_local(&bytes);
    memset(local, 0x5a, bytes);
    for (uint32_t i = 0; i < 250; i++)
        first[i] = ~i;
    for (uint32_t s = 1; s < 5; s++) {
        uint32_t *now = platform_memory(sizes[s], &available);
        check(now && available >= sizes[s], "memory, size", s, (uint32_t)available);
        for (uint32_t i = 0; now && i < 250; i++)
            check(now[i] == ~i, "kept word", i, now[i]);
        now[sizes[s] / 4 - 1] = 7;
        now[249] = ~249u;
    }
    check(!platform_memory(available + 1, &available), "more than there is", 0, 0);
    platform_fork(phases, 0, platform_cores());
    for (uint32_t i = 0; i < bytes; i++)
        check(local[i] == 0x5a, "local byte that a stack took", i, local[i]);
}

int runner_serve(void)
{
    barriers();
    copies();
    counters();
    regions();
    if (!complaints)
        platform_log("all right");
    return complaints > 100 ? 100 : complaints;
}
