/* The region: the rest of L2, or, once more is asked for, the external memory. */
#include <string.h>

#include "platform.h"
#include "pulp.h"

#define EXTERNAL UINT32_C(0x80000000)

enum { EXTERNAL_BYTES = 64 << 20 };

static bool moved;

void *platform_memory(uint64_t bytes, uint64_t *available)
{
    uint32_t inside = (uint32_t)(l2_end - l2_image_end);
    void *external = (void *)(uintptr_t)EXTERNAL;
    if (!moved && bytes <= inside) {
        *available = inside;
        return l2_image_end;
    }
    *available = EXTERNAL_BYTES;
    if (bytes > *available)
        return NULL;
    if (!moved)
        memcpy(external, l2_image_end, inside);
    moved = true;
    return external;
}

void *platform_local(uint32_t *bytes)
{
    *bytes = (uint32_t)(l1_end - l1_local);
    return l1_local;
}
