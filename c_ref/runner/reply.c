#include "reply.h"

#include <string.h>

#include "crc32.h"
#include "platform.h"
#include "plan.h"

#define NAN_BITS UINT32_C(0x7fc00000)

enum { BUFFER_WORDS = 4096 };

static struct {
    uint32_t buffer[BUFFER_WORDS];
    uint32_t used;    /* words in the buffer */
    uint32_t counted; /* of these, how many are in the CRC, or need not be */
    uint32_t crc, chunks;
} reply;

static void count(void)
{
    reply.crc = crc32_words(reply.crc, reply.buffer + reply.counted, reply.used - reply.counted);
    reply.counted = reply.used;
}

static void flush(void)
{
    count();
    platform_write(reply.buffer, reply.used * sizeof(uint32_t));
    reply.used = reply.counted = 0;
}

static void put(uint32_t word)
{
    if (reply.used == BUFFER_WORDS)
        flush();
    reply.buffer[reply.used++] = word;
}

static void put_header(uint32_t tag, uint32_t step, uint32_t op, uint32_t tensor, uint32_t words)
{
    put(tag);
    put(step);
    put(op);
    put(tensor);
    put(words);
}

static uint32_t canonical(uint32_t bits)
{
    return (bits & UINT32_C(0x7fffffff)) > UINT32_C(0x7f800000) ? NAN_BITS : bits;
}

void reply_begin(void)
{
    put(REPLY_MAGIC);
    reply.counted = reply.used;
    reply.crc = reply.chunks = 0;
}

void reply_tensor(enum reply_tag tag, uint32_t step, uint32_t op, uint32_t id,
                  const struct tensor *t)
{
    const unsigned char *from = t->data;
    uint32_t left = tensor_words(t);
    reply.chunks++;
    put_header(tag, step, op, id, left);
    while (left) {
        if (reply.used == BUFFER_WORDS)
            flush();
        uint32_t room = BUFFER_WORDS - reply.used, n = left < room ? left : room;
        uint32_t *to = reply.buffer + reply.used;
        memcpy(to, from, n * sizeof(uint32_t));
        if (t->dtype == DTYPE_F32)
            for (uint32_t i = 0; i < n; i++)
                to[i] = canonical(to[i]);
        reply.used += n;
        from += n * sizeof(uint32_t);
        left -= n;
    }
}

static void put_long(uint64_t value)
{
    put((uint32_t)value);
    put((uint32_t)(value >> 32));
}

void reply_cost(uint32_t step, uint32_t op, const struct cost *cost)
{
    reply.chunks++;
    put_header(REPLY_COST, step, op, 0, 5);
    put_long(cost->cycles);
    put_long(cost->instructions);
    put(cost->tiles);
}

void reply_error(const struct message *m, int32_t id)
{
    uint32_t words = (m->length + 3) / 4;
    reply.chunks++;
    put_header(REPLY_ERROR, 0, m->kind, (uint32_t)id, words);
    for (uint32_t i = 0; i < words; i++) {
        uint32_t word;
        memcpy(&word, m->text + 4 * i, sizeof word);
        put(word);
    }
}

void reply_end(void)
{
    count();
    put_header(REPLY_END, reply.chunks, reply.crc, 0, 0);
    reply.counted = reply.used;
    flush();
}
