/* Semihosting: calls that QEMU carries out on the machine it runs on. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_HEAPINFO = 0x16,
    SYS_EXIT_EXTENDED = 0x20
};

/* In start.S. */
uint32_t semihosting(uint32_t operation, const void *block);

/* Ends QEMU with this exit status; any hart may call it. */
_Noreturn void semihosting_exit(uint32_t status);

#endif
