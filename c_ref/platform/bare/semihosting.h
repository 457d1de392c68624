/* Semihosting: calls that a simulator carries out on the machine it runs on. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_HEAPINFO = 0x16,
    SYS_EXIT_EXTENDED = 0x20
};

/* In semihosting.S. */
uint32_t semihosting(uint32_t operation, const void *block);

/* Carries out SYS_READ or SYS_WRITE until all is moved or nothing moves any more; returns how many
 * bytes were moved. */
size_t semihosting_move(uint32_t operation, uint32_t file, const void *data, size_t bytes);

#endif
