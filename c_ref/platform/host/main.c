/* The host: requests on standard input, replies on standard output, log on standard error. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "runner.h"

enum { ALIGNMENT = 64 };

static struct {
    void *start;
    size_t bytes;
} region;

size_t platform_read(void *to, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        ssize_t n = read(STDIN_FILENO, (char *)to + done, bytes - done);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        if (n > 0)
            done += (size_t)n;
    }
    return done;
}

void platform_write(const void *from, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = write(STDOUT_FILENO, (const char *)from + done, bytes - done);
        if (n < 0 && errno != EINTR) {
            platform_log(strerror(errno));
            _exit(1);
        }
        if (n > 0)
            done += (size_t)n;
    }
}

void *platform_memory(uint64_t bytes, uint64_t *available)
{
    *available = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    if (bytes > region.bytes || !region.start) {
        if (bytes > *available)
            return NULL;
        size_t rounded = ((size_t)bytes / ALIGNMENT + 1) * ALIGNMENT;
        void *larger = aligned_alloc(ALIGNMENT, rounded);
        if (!larger)
            return NULL;
        if (region.start)
            memcpy(larger, region.start, region.bytes);
        free(region.start);
        region.start = larger;
        region.bytes = rounded;
    }
    return region.start;
}

/* No counter that every user of this machine may read. */
bool platform_count(struct platform_count *now)
{
    *now = (struct platform_count){0, 0};
    return false;
}

void platform_log(const char *text)
{
    fprintf(stderr, "%s\n", text);
}

int main(void)
{
    return runner_serve();
}
