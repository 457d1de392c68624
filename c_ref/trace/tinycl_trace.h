/* Prints one short line for a tensor: the CRC-32 of its bits. `tinycl trace diff` reads them.
 *
 *     TINYCL_TRACE(step, "linear_forward", "y", y, 40);
 *     @tc 17 0 3 linear_forward y 40 1a2b3c4d 5e6f7081
 *
 * are: the number of the line on its core, the core, the step, the operation, the tensor, its
 * elements, the CRC-32 of these, and that of the line up to here, without the space. Every NaN of
 * a float counts as 7fc00000. A pointer to int or long is to int32_t, one to unsigned or signed char
 * to bytes; any other is to binary32.
 *
 * Nothing is allocated, nothing is called but TINYCL_TRACE_PUT. Before the first #include, define
 *   TINYCL_TRACE_PUT(text)  how a text is printed; needs <stdio.h> otherwise. One call a line of up
 *                           to TINYCL_TRACE_LINE characters
 *   TINYCL_TRACE_CORE       an expression: the core that this is, 0 otherwise
 *   TINYCL_TRACE_CORES      how many cores count their lines, 16 otherwise
 *   TINYCL_TRACE_LINE       characters on the stack, 160 otherwise
 *   TINYCL_TRACE_BITWISE    a CRC without its table of 64 bytes, at a third of the speed
 *   TINYCL_TRACE_OFF        nothing is printed, and nothing is evaluated that has no effect
 *
 * C99 or C++11, GCC or clang; every file that includes it shares the counters. */
#ifndef TINYCL_TRACE_H
#define TINYCL_TRACE_H

#include <stdint.h>

#ifdef TINYCL_TRACE_OFF

#define TINYCL_TRACE(step, operation, tensor, data, words)                                         \
    ((void)(step), (void)(operation), (void)(tensor), (void)(data), (void)(words))

#else

#ifndef TINYCL_TRACE_PUT
#include <stdio.h>
#define TINYCL_TRACE_PUT(text) ((void)fputs(text, stdout))
#endif
#ifndef TINYCL_TRACE_CORE
#define TINYCL_TRACE_CORE 0
#endif
#ifndef TINYCL_TRACE_CORES
#define TINYCL_TRACE_CORES 16
#endif
#ifndef TINYCL_TRACE_LINE
#define TINYCL_TRACE_LINE 160
#endif

#ifdef __cplusplus
extern "C" {
#endif
/* Weak, so that all files have one array: the lines of each core */
extern uint32_t tinycl_trace_lines[TINYCL_TRACE_CORES];
__attribute__((weak)) uint32_t tinycl_trace_lines[TINYCL_TRACE_CORES] = {0};
#ifdef __cplusplus
}
#endif

/* A line that is being made: its characters, how many, and their CRC */
struct tinycl_trace_text {
    char line[TINYCL_TRACE_LINE + 1];
    uint32_t count, crc;
};

/* The caller's own macros, where no name of ours hides one of theirs */
static inline uint32_t tinycl_trace_core(void)
{
    return (uint32_t)(TINYCL_TRACE_CORE);
}
static inline void tinycl_trace_put(const char *tinycl_trace_put_text)
{
    TINYCL_TRACE_PUT(tinycl_trace_put_text);
}

/* Continues an inverted CRC over one byte. */
static inline uint32_t tinycl_trace_byte(uint32_t crc, uint32_t byte)
{
#ifdef TINYCL_TRACE_BITWISE
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1u) ? UINT32_C(0xedb88320) : 0u);
    return crc;
#else
    static const uint32_t table[16] = {
        UINT32_C(0x00000000), UINT32_C(0x1db71064), UINT32_C(0x3b6e20c8), UINT32_C(0x26d930ac),
        UINT32_C(0x76dc4190), UINT32_C(0x6b6b51f4), UINT32_C(0x4db26158), UINT32_C(0x5005713c),
        UINT32_C(0xedb88320), UINT32_C(0xf00f9344), UINT32_C(0xd6d6a3e8), UINT32_C(0xcb61b38c),
        UINT32_C(0x9b64c2b0), UINT32_C(0x86d3d2d4), UINT32_C(0xa00ae278), UINT32_C(0xbdbdf21c)};

    crc ^= byte;
    crc = (crc >> 4) ^ table[crc & 15u];
    return (crc >> 4) ^ table[crc & 15u];
#endif
}

enum { TINYCL_TRACE_WHOLE, TINYCL_TRACE_BINARY32, TINYCL_TRACE_BYTES };

/* The CRC-32 of elements, read byte by byte: they may be of any type, and lie anywhere */
static inline uint32_t tinycl_trace_crc32(const void *data, uint32_t words, int kind)
{
    const unsigned char *from = (const unsigned char *)data;
    uint32_t crc = ~UINT32_C(0);

    if (kind == TINYCL_TRACE_BYTES) {
        for (uint32_t i = 0; i < words; i++)
            crc = tinycl_trace_byte(crc, from[i]);
        return ~crc;
    }
    for (uint32_t i = 0; i < words; i++, from += 4) {
        uint32_t word;
        unsigned char *to = (unsigned char *)&word;

        to[0] = from[0];
        to[1] = from[1];
        to[2] = from[2];
        to[3] = from[3];
        if (kind == TINYCL_TRACE_BINARY32 && (word & UINT32_C(0x7fffffff)) > UINT32_C(0x7f800000))
            word = UINT32_C(0x7fc00000);
        for (int shift = 0; shift < 32; shift += 8)
            crc = tinycl_trace_byte(crc, (word >> shift) & 0xffu);
    }
    return ~crc;
}

static inline void tinycl_trace_flush(struct tinycl_trace_text *text)
{
    text->line[text->count] = '\0';
    text->count = 0;
    tinycl_trace_put(text->line);
}

static inline void tinycl_trace_char(struct tinycl_trace_text *text, char c)
{
    if (text->count == TINYCL_TRACE_LINE)
        tinycl_trace_flush(text);
    text->line[text->count++] = c;
    text->crc = tinycl_trace_byte(text->crc, (unsigned char)c);
}

static inline void tinycl_trace_string(struct tinycl_trace_text *text, const char *string)
{
    while (*string)
        tinycl_trace_char(text, *string++);
    tinycl_trace_char(text, ' ');
}

static inline void tinycl_trace_decimal(struct tinycl_trace_text *text, uint32_t number)
{
    char digits[11];
    int first = 10;

    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + (char)(number % 10u));
        number /= 10u;
    } while (number);
    tinycl_trace_string(text, digits + first);
}

static inline void tinycl_trace_hex(struct tinycl_trace_text *text, uint32_t number)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        tinycl_trace_char(text, "0123456789abcdef"[(number >> shift) & 15u]);
}

static inline void tinycl_trace_print(uint32_t step, const char *operation, const char *tensor,
                                      const void *data, uint32_t words, int kind)
{
    const uint32_t core = tinycl_trace_core();
    const uint32_t crc = tinycl_trace_crc32(data, words, kind);
    struct tinycl_trace_text text;

    text.count = 0;
    text.crc = ~UINT32_C(0);
    tinycl_trace_string(&text, "@tc");
    tinycl_trace_decimal(&text, tinycl_trace_lines[core % TINYCL_TRACE_CORES]++);
    tinycl_trace_decimal(&text, core);
    tinycl_trace_decimal(&text, step);
    tinycl_trace_string(&text, operation);
    tinycl_trace_string(&text, tensor);
    tinycl_trace_decimal(&text, words);
    tinycl_trace_hex(&text, crc);
    const uint32_t check = ~text.crc;
    tinycl_trace_char(&text, ' ');
    tinycl_trace_hex(&text, check);
    tinycl_trace_char(&text, '\n');
    tinycl_trace_flush(&text);
}

/* What a pointer is to */
#ifdef __cplusplus
static inline int tinycl_trace_kind(const int *)
{
    return TINYCL_TRACE_WHOLE;
}
static inline int tinycl_trace_kind(const long *)
{
    return TINYCL_TRACE_WHOLE;
}
static inline int tinycl_trace_kind(const unsigned char *)
{
    return TINYCL_TRACE_BYTES;
}
static inline int tinycl_trace_kind(const signed char *)
{
    return TINYCL_TRACE_BYTES;
}
static inline int tinycl_trace_kind(const void *)
{
    return TINYCL_TRACE_BINARY32;
}
#define TINYCL_TRACE_KIND(data) tinycl_trace_kind(data)
#else
#define TINYCL_TRACE_KIND(data)                                                                    \
    __extension__(_Generic((data), int *: TINYCL_TRACE_WHOLE, const int *: TINYCL_TRACE_WHOLE,     \
                           long *: TINYCL_TRACE_WHOLE, const long *: TINYCL_TRACE_WHOLE,           \
                           unsigned char *: TINYCL_TRACE_BYTES,                                    \
                           const unsigned char *: TINYCL_TRACE_BYTES,                              \
                           signed char *: TINYCL_TRACE_BYTES,                                      \
                           const signed char *: TINYCL_TRACE_BYTES,                                \
                           default: TINYCL_TRACE_BINARY32))
#endif

#define TINYCL_TRACE(step, operation, tensor, data, words)                                         \
    tinycl_trace_print((uint32_t)(step), operation, tensor, data, (uint32_t)(words),               \
                       TINYCL_TRACE_KIND(data))

#endif
#endif
