/* Runs an operation on tiles in local memory. */
#ifndef TILE_H
#define TILE_H

#include <stdbool.h>

#include "fit.h"
#include "message.h"

enum { TILE_ATTRS = 8, TILE_SLOTS = 2 };

/* One tile. All cores read `call`; the rest is core 0's. */
struct tile {
    struct call call;
    struct tensor tensors[CUT_OPERANDS]; /* packed, in a slot */
    int32_t attrs[TILE_ATTRS];
    struct part parts[CUT_OPERANDS][CUT_AXES]; /* what of the whole tensors they are */
    int slot[CUT_OPERANDS];
};

struct tiling {
    struct fit fit;
    uint32_t *slots[CUT_OPERANDS][TILE_SLOTS];
    int alias[CUT_OPERANDS];              /* the input that an output is in place of, or -1 */
    int stored[CUT_OPERANDS][TILE_SLOTS]; /* batch that stores a slot, or -1 */
    /* Of the tile that was made ready last. */
    struct part now[CUT_OPERANDS][CUT_AXES];
    int slot[CUT_OPERANDS]; /* -1 while an operand has been in none */
    int fetched;            /* batch */
    struct tile tiles[2];   /* tile t is tiles[t % 2] */
};

/* The state is in local memory too, before the tiles: each tile reads and writes it. */
enum { TILE_STATE = (sizeof(struct tiling) + 63) / 64 * 64 };

/* Cuts an operation so that its tiles fit into `bytes` of local memory, TILE_STATE behind `t`. False if it
 * is better done in place, or cannot be cut so small. */
bool tile_plan(struct tiling *t, void (*run)(const struct call *c), const struct call *call,
               uint32_t bytes, bool guarded);

/* Looks at the words behind each slot of a guarded plan. Where one has changed it returns false, and
 * `m` and `operand` say which: word 0 is the first behind the slot. */
bool tile_guards_hold(const struct tiling *t, struct message *m, int *operand);

/* The job of each core; all of them call it with the same `t`. */
void tile_run(struct tiling *t, int core, int cores);

/* Makes tile `number` ready, when the one before it is: names its tensors and begins to fetch what it
 * reads. */
void tile_prepare(struct tiling *t, int32_t number);

/* Waits until what a slot held has been stored. */
void tile_settle(struct tiling *t, int k, int slot);

#endif
