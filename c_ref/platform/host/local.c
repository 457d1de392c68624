/* Local memory is ordinary memory here. A copy happens when its batch is waited for, the latest moment
 * that is allowed: what uses its target too early, or its source too late, is found on this machine. */
#include <stdlib.h>
#include <string.h>

#include "platform.h"

enum { BYTES = 1 << 20, BATCHES = 4, FIRST_ROOM = 64 };

static _Alignas(64) unsigned char local[BYTES];

struct copy {
    void *to;
    const void *from;
    uint32_t bytes;
};

static struct batch {
    struct copy *copies;
    size_t count, room;
} batches[BATCHES];
static int newest;

void *platform_local(uint32_t *bytes)
{
    *bytes = BYTES;
    return local;
}

int platform_batch(void)
{
    newest = (newest + 1) % BATCHES;
    platform_wait(newest);
    return newest;
}

static void add(void *to, const void *from, uint32_t bytes)
{
    struct batch *b = &batches[newest];
    if (b->count == b->room) {
        const size_t room = b->room ? 2 * b->room : FIRST_ROOM;
        struct copy *larger = realloc(b->copies, room * sizeof *larger);
        if (!larger) {
            platform_log("no memory for the list of copies");
            exit(1);
        }
        b->copies = larger;
        b->room = room;
    }
    b->copies[b->count++] = (struct copy){to, from, bytes};
}

void platform_fetch(void *to, const void *from, uint32_t bytes)
{
    add(to, from, bytes);
}

void platform_store(const void *from, void *to, uint32_t bytes)
{
    add(to, from, bytes);
}

void platform_wait(int batch)
{
    struct batch *b = &batches[batch];
    for (size_t i = 0; i < b->count; i++)
        memcpy(b->copies[i].to, b->copies[i].from, b->copies[i].bytes);
    b->count = 0;
}
