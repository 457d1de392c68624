/* The board has no memory of its own for the harts: some of its RAM is lent, and copies are made at
 * once. */
#include <string.h>

#include "platform.h"

enum { BYTES = 1 << 18 };

static _Alignas(64) unsigned char local[BYTES];

void *platform_local(uint32_t *bytes)
{
    *bytes = BYTES;
    return local;
}

int platform_batch(void)
{
    return 0;
}

void platform_fetch(void *to, const void *from, uint32_t bytes)
{
    memcpy(to, from, bytes);
}

void platform_store(const void *from, void *to, uint32_t bytes)
{
    memcpy(to, from, bytes);
}

void platform_wait(int batch)
{
    (void)batch;
}
