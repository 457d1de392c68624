/* CRC-32 as in zlib: polynomial 0xedb88320, reflected, inverted at both ends. */
#ifndef CRC32_H
#define CRC32_H

#include <stdint.h>

/* Continues `crc` (0 at the beginning) over whole words, least significant byte first. */
uint32_t crc32_words(uint32_t crc, const uint32_t *words, uint32_t count);

#endif
