/* QEMU's `virt` board: requests and replies go through QEMU's own standard input and output, which
 * semihosting opens as files; memory is all RAM behind the image. */
#include <string.h>

#include "exit.h"
#include "platform.h"
#include "runner.h"
#include "semihosting.h"

enum { OPEN_READ = 1, OPEN_WRITE = 5 };
#define APPLICATION_EXIT UINT32_C(0x20026)

extern unsigned char image_end[]; /* link.ld */

static uint32_t input, output;
static uintptr_t memory_end;

static uint32_t address(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

size_t platform_read(void *to, size_t bytes)
{
    return semihosting_move(SYS_READ, input, to, bytes);
}

void platform_write(const void *from, size_t bytes)
{
    if (semihosting_move(SYS_WRITE, output, from, bytes) != bytes) {
        platform_log("cannot write the reply");
        semihosting_exit(1);
    }
}

void *platform_memory(uint64_t bytes, uint64_t *available)
{
    *available = memory_end - (uintptr_t)image_end;
    return bytes <= *available ? image_end : NULL;
}

/* minstret, whose halves are read again where the upper one has moved on. It counts only under
 * -icount, which takes one hart; otherwise QEMU returns a time. Cycles mean nothing here. */
bool platform_count(struct platform_count *now)
{
    uint32_t high, low, again;
    *now = (struct platform_count){0, 0};
    if (platform_cores() > 1)
        return false;
    do {
        __asm__ volatile("csrr %0, minstreth" : "=r"(high)::"memory");
        __asm__ volatile("csrr %0, minstret" : "=r"(low)::"memory");
        __asm__ volatile("csrr %0, minstreth" : "=r"(again)::"memory");
    } while (high != again);
    now->instructions = (uint64_t)high << 32 | low;
    return true;
}

void platform_log(const char *text)
{
    semihosting(SYS_WRITE0, text);
    semihosting(SYS_WRITE0, "\n");
}

void semihosting_exit(uint32_t status)
{
    uint32_t block[2] = {APPLICATION_EXIT, status};
    for (;;)
        semihosting(SYS_EXIT_EXTENDED, block);
}

static uint32_t open(const char *path, uint32_t mode)
{
    uint32_t block[3] = {address(path), mode, (uint32_t)strlen(path)};
    uint32_t file = semihosting(SYS_OPEN, block);
    if (file == UINT32_MAX) {
        platform_log("cannot open:");
        platform_log(path);
        semihosting_exit(1);
    }
    return file;
}

/* Hart 0 comes here from start.S. The heap that HEAPINFO tells ends below the device tree. */
_Noreturn void hart_main(void)
{
    uint32_t heap[4] = {0}, block[1] = {address(heap)};
    semihosting(SYS_HEAPINFO, block);
    memory_end = heap[1];
    if (memory_end <= (uintptr_t)image_end) {
        platform_log("the board has no memory behind the image: give QEMU a larger -m");
        semihosting_exit(1);
    }
    input = open("/dev/stdin", OPEN_READ);
    output = open("/dev/stdout", OPEN_WRITE);
    semihosting_exit((uint32_t)runner_serve());
}
