/* Built with -fno-builtin, or the compiler would turn these loops into calls of themselves. */
#include <string.h>

#include <stdint.h>

enum { WORD = sizeof(uint32_t) };

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if (((uintptr_t)t | (uintptr_t)f) % WORD == 0)
        for (; bytes >= WORD; bytes -= WORD, t += WORD, f += WORD)
            *(uint32_t *)(void *)t = *(const uint32_t *)(const void *)f;
    while (bytes--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((uintptr_t)t <= (uintptr_t)f)
        return memcpy(to, from, bytes);
    while (bytes--)
        t[bytes] = f[bytes];
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    unsigned char *t = to;
    const uint32_t byte = (unsigned char)value;
    if ((uintptr_t)t % WORD == 0)
        for (; bytes >= WORD; bytes -= WORD, t += WORD)
            *(uint32_t *)(void *)t = byte * UINT32_C(0x01010101);
    while (bytes--)
        *t++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

size_t strlen(const char *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}

char *strchr(const char *text, int character)
{
    for (; *text != (char)character; text++)
        if (!*text)
            return NULL;
    return (char *)(uintptr_t)text;
}
