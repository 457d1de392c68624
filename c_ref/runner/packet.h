/* The envelope of a request: six words, then the body. */
#ifndef PACKET_H
#define PACKET_H

#include <stdint.h>

#include "message.h"

enum packet {
    PACKET_READY,   /* the body is at the beginning of the memory region */
    PACKET_REFUSED, /* wrong, but the next request can be read */
    PACKET_LOST,    /* wrong, and nobody knows where the next request begins */
    PACKET_NONE     /* the input has ended */
};

enum packet packet_read(uint32_t *body_words, struct message *m);

#endif
