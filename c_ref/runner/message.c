#include "message.h"

#include <stdarg.h>

static void add(struct message *m, char c)
{
    if (m->length < sizeof m->text - 1)
        m->text[m->length++] = c;
}

static void add_text(struct message *m, const char *text)
{
    while (*text)
        add(m, *text++);
}

static void add_number(struct message *m, uint64_t number, unsigned base, unsigned digits)
{
    char reversed[20];
    unsigned n = 0;
    do {
        reversed[n++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number || n < digits);
    while (n)
        add(m, reversed[--n]);
}

static void add_signed(struct message *m, int32_t number)
{
    if (number < 0)
        add(m, '-');
    add_number(m, (uint64_t)(number < 0 ? -(int64_t)number : number), 10, 1);
}

bool refuse(struct message *m, enum message_kind kind, const char *format, ...)
{
    va_list args;
    *m = (struct message){.kind = kind};
    va_start(args, format);
    for (const char *at = format; *at; at++) {
        if (*at != '%') {
            add(m, *at);
            continue;
        }
        switch (*++at) {
        case 's': add_text(m, va_arg(args, const char *)); break;
        case 'u': add_number(m, va_arg(args, uint32_t), 10, 1); break;
        case 'd': add_signed(m, va_arg(args, int32_t)); break;
        case 'l': add_number(m, va_arg(args, uint64_t), 10, 1); break;
        case 'x': add_number(m, va_arg(args, uint32_t), 16, 8); break;
        default: add(m, '%'); at--; break;
        }
    }
    va_end(args);
    return false;
}
