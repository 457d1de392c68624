#ifndef EXIT_H
#define EXIT_H

#include <stdint.h>

/* Ends QEMU with this exit status; any hart may call it. */
_Noreturn void semihosting_exit(uint32_t status);

#endif
