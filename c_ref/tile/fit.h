/* Tile sizes: how far each loop goes at a time, so that a tile and the next one fit together. */
#ifndef FIT_H
#define FIT_H

#include <stdbool.h>

#include "cut.h"

struct fit {
    const struct cut *cut;
    const struct call *call;
    int32_t loops;             /* those of the outputs, then those of the sums */
    int32_t length[CUT_LOOPS]; /* of the whole loop */
    int32_t extent[CUT_LOOPS]; /* of one tile; the last one may be shorter */
    int32_t kh, stride, pad;   /* of the rows; 1, 1, 0 without a window */
    uint32_t slot[CUT_OPERANDS]; /* words that the largest part of an operand takes */
};

/* False if not even the smallest tile fits into `bytes` of local memory. */
bool fit_tiles(struct fit *f, const struct cut *cut, const struct call *call, uint32_t bytes);

/* The number of a letter's loop, or -1. */
int fit_loop(const struct cut *cut, char letter);

/* The range of operand k's axis that a tile touches; `start` and `extent` of each loop. */
struct part {
    int32_t start, size;
};
struct part fit_part(const struct fit *f, int k, int axis, const int32_t *start,
                     const int32_t *extent);

/* Axes of operand k as it is cut, and the length of each. */
int fit_axes(const struct fit *f, int k);
int32_t fit_axis(const struct fit *f, int k, int axis);

#endif
