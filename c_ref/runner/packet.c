#include "packet.h"

#include "crc32.h"
#include "operations.h"
#include "platform.h"

#define REQUEST_MAGIC UINT32_C(0x504c4354) /* "TCLP" */
#define REQUEST_VERSION UINT32_C(5)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are sent least byte first");

struct header {
    uint32_t magic, version, bytes, crc, table, zero;
};

static enum packet lost(struct message *m, const char *why)
{
    refuse(m, MESSAGE_REQUEST, "%s", why);
    return PACKET_LOST;
}

/* Reads a body that there is no memory for, and forgets it. */
static enum packet skip(uint64_t bytes, uint64_t available, struct message *m)
{
    uint32_t sink[256];
    for (uint64_t left = bytes; left;) {
        size_t n = left < sizeof sink ? (size_t)left : sizeof sink;
        if (platform_read(sink, n) != n)
            return lost(m, "the input ends inside a request");
        left -= n;
    }
    refuse(m, MESSAGE_MEMORY, "the request has %l bytes, there are %l", bytes, available);
    return PACKET_REFUSED;
}

enum packet packet_read(uint32_t *body_words, struct message *m)
{
    struct header h;
    uint64_t available;
    size_t got = platform_read(&h, sizeof h);
    if (got == 0)
        return PACKET_NONE;
    if (got < sizeof h)
        return lost(m, "the input ends inside a request");
    if (h.magic != REQUEST_MAGIC || h.version != REQUEST_VERSION || h.bytes % 4 || h.zero) {
        refuse(m, MESSAGE_REQUEST, "not a request: it begins with %x %x %x; this runner takes %x %x",
               h.magic, h.version, h.bytes, REQUEST_MAGIC, REQUEST_VERSION);
        return PACKET_LOST;
    }
    uint32_t *body = platform_memory(h.bytes, &available);
    if (!body)
        return skip(h.bytes, available, m);
    if (platform_read(body, h.bytes) != h.bytes)
        return lost(m, "the input ends inside a request");
    if (crc32_words(0, body, h.bytes / 4) != h.crc) {
        refuse(m, MESSAGE_REQUEST, "the request arrived damaged: its CRC is %x, not %x",
               crc32_words(0, body, h.bytes / 4), h.crc);
        return PACKET_LOST;
    }
    if (h.table != operations_crc) {
        refuse(m, MESSAGE_REQUEST,
               "the runner was built for other operations: table %x, the request has %x",
               operations_crc, h.table);
        return PACKET_REFUSED;
    }
    *body_words = h.bytes / 4;
    return PACKET_READY;
}
