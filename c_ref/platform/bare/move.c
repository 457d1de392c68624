#include "semihosting.h"

enum { PIECE = 1 << 20 };

/* The two calls return how many bytes they did not move. */
size_t semihosting_move(uint32_t operation, uint32_t file, const void *data, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        uint32_t want = (uint32_t)(bytes - done < PIECE ? bytes - done : PIECE);
        uint32_t block[3] = {file, (uint32_t)((uintptr_t)data + done), want};
        uint32_t left = semihosting(operation, block);
        if (left >= want)
            break;
        done += want - left;
    }
    return done;
}
