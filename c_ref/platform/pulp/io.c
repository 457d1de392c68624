/* Requests, replies and the log. GVSoC carries semihosting calls out on file descriptors of its own
 * process: requests come on its standard input, replies go to descriptor 3, because it writes
 * messages of its own to the standard output. */
#include <string.h>

#include "platform.h"
#include "pulp.h"
#include "semihosting.h"

enum { INPUT = 0, LOG = 2, OUTPUT = 3, FAILED = 1, LINE = 256 };
#define SIMULATION_END REGISTER(0x1a1040a0) /* bit 31: now; below: the exit status */

size_t platform_read(void *to, size_t bytes)
{
    return semihosting_move(SYS_READ, INPUT, to, bytes);
}

void platform_write(const void *from, size_t bytes)
{
    if (semihosting_move(SYS_WRITE, OUTPUT, from, bytes) != bytes) {
        platform_log("cannot write the reply to file descriptor 3 of the simulator");
        pulp_exit(FAILED);
    }
}

/* In one call, so that lines of cores that fail together stay whole. */
void platform_log(const char *text)
{
    char line[LINE];
    size_t length = strlen(text);
    if (length > LINE - 1)
        length = LINE - 1;
    memcpy(line, text, length);
    line[length] = '\n';
    semihosting_move(SYS_WRITE, LOG, line, length + 1);
}

_Noreturn void pulp_exit(uint32_t status)
{
    SIMULATION_END = UINT32_C(0x80000000) | status;
    for (;;)
        continue;
}
