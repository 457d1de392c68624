/* Tile sizes: how far each loop goes at a time, so that a tile and the next one fit together. */
#ifndef FIT_H
#define FIT_H

#include <stdbool.h>

#include "cut.h"

/* Which part of an axis a tile touches: all of it, the part that its loop is at, the rows of the image
 * under rows of the output, the rows of the output that rows of the image meet. */
enum reach { REACH_ALL, REACH_LOOP, REACH_UNDER, REACH_MET };

/* A cut with its letters looked up, for the shapes of one call. */
struct operand {
    int axes;                  /* 0: left out */
    int32_t length[CUT_AXES];
    enum reach reach[CUT_AXES];
    int loop[CUT_AXES];        /* of an axis that is not touched as a whole */
    uint32_t used, words;      /* of its largest part; the same in whole lines */
};

struct fit {
    const struct cut *cut;
    const struct call *call;
    int operands, outer, loops;  /* loops of the outputs; all of them */
    struct operand operand[CUT_OPERANDS];
    int32_t length[CUT_LOOPS];   /* of the whole loop */
    int32_t extent[CUT_LOOPS];   /* of one tile; the last one may be shorter */
    int32_t turns[CUT_LOOPS];
    int32_t kh, stride, pad;     /* of the rows; 1, 1, 0 without a window */
    int32_t tiles;
    uint32_t guard;
};

/* False if not even the smallest tile fits into `bytes` of local memory, or if the operation is too
 * small to be worth the copies. `guard` words stay free behind each part. */
bool fit_tiles(struct fit *f, const struct cut *cut, const struct call *call, uint32_t bytes,
               uint32_t guard);

/* The part of operand k's axis that a tile touches; `start` and `extent` of each loop. */
struct part {
    int32_t start, size;
};
struct part fit_part(const struct fit *f, int k, int axis, const int32_t *start,
                     const int32_t *extent);

#endif
