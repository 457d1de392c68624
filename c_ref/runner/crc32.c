/* Four bytes a step: table k holds the CRC of a byte followed by k zero bytes. */
#include "crc32.h"

static uint32_t table[4][256];

static void fill_table(void)
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) ? UINT32_C(0xedb88320) : 0);
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int k = 1; k < 4; k++)
            table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 0xff];
}

uint32_t crc32_words(uint32_t crc, const uint32_t *words, uint32_t count)
{
    if (!table[0][1])
        fill_table();
    crc = ~crc;
    for (uint32_t i = 0; i < count; i++) {
        crc ^= words[i];
        crc = table[3][crc & 0xff] ^ table[2][(crc >> 8) & 0xff] ^ table[1][(crc >> 16) & 0xff] ^
              table[0][crc >> 24];
    }
    return ~crc;
}
