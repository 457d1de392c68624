/* A part of a tensor, and the same elements packed in local memory. */
#ifndef BOX_H
#define BOX_H

#include "fit.h"

struct box {
    uint32_t *base; /* the tensor */
    int axes;
    const int32_t *length; /* of each axis */
    const struct part *part;
};

/* Operand k, of which the tile holds these parts. */
struct box box_of(const struct fit *f, int k, const struct part *parts);

/* Copies, as part of the batch that was begun last. */
void box_fetch(const struct box *b, uint32_t *local);
void box_store(const struct box *b, uint32_t *local);

#endif
