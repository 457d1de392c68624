/* Copies between L1 and other memory, done by the cluster's DMA unit. A batch is one of its
 * transfers; what is pushed afterwards belongs to the one begun last. */
#include "platform.h"
#include "pulp.h"

#define DMA_COMMAND REGISTER(0x10204400) /* load: begin a transfer; store: the words of a command */
#define DMA_STATUS REGISTER(0x10204404)  /* bit of a transfer: copies left; store: give it back */

enum {
    TO_LOCAL = 1 << 17,
    ADDRESSES_ADVANCE = 1 << 18,
    RAISE_EVENT = 1 << 20,
    MOST_BYTES = 0x1fffc, /* of one command, in words of 4 bytes */
};

static uint32_t pending IN_L1; /* one bit a transfer that has not been given back */

int platform_batch(void)
{
    uint32_t transfer = DMA_COMMAND;
    pending |= 1u << transfer;
    return (int)transfer;
}

static void push(uint32_t local, uint32_t other, uint32_t bytes, uint32_t direction)
{
    __asm__ volatile("" ::: "memory");
    while (bytes) {
        uint32_t piece = bytes < MOST_BYTES ? bytes : MOST_BYTES;
        DMA_COMMAND = piece | direction | ADDRESSES_ADVANCE | RAISE_EVENT;
        DMA_COMMAND = local;
        DMA_COMMAND = other;
        local += piece;
        other += piece;
        bytes -= piece;
    }
}

void platform_fetch(void *local, const void *from, uint32_t bytes)
{
    push((uint32_t)(uintptr_t)local, (uint32_t)(uintptr_t)from, bytes, TO_LOCAL);
}

void platform_store(const void *local, void *to, uint32_t bytes)
{
    push((uint32_t)(uintptr_t)local, (uint32_t)(uintptr_t)to, bytes, 0);
}

/* A transfer's number is free for another batch once it has been given back. */
void platform_wait(int batch)
{
    uint32_t transfer = 1u << batch;
    if (!(pending & transfer))
        return;
    while (DMA_STATUS & transfer)
        continue;
    DMA_STATUS = transfer;
    pending &= ~transfer;
    __asm__ volatile("" ::: "memory");
}
