/* Tile t is computed by all cores while core 0 has the outputs of tile t-1 stored and the inputs of
 * tile t+1 fetched. One barrier a tile: behind it tile t-1 is done, and tile t is there. */
#include "tile.h"

#include "box.h"
#include "guards.h"
#include "platform.h"

/* The input that output k updates in place, or -1. */
static int alias_of(const struct fit *f, int k)
{
    const struct tensor *output = cut_operand(f->cut, f->call, k);
    for (int input = 0; k >= f->cut->inputs && output && input < f->cut->inputs; input++) {
        const struct tensor *t = cut_operand(f->cut, f->call, input);
        if (t && t->data == output->data)
            return input;
    }
    return -1;
}

/* Behind the largest part of an operand in a slot; none where it is left out, or not guarded. */
static uint32_t guarded_words(const struct tiling *t, int k)
{
    const struct operand *o = &t->fit.operand[k];
    return t->fit.guard && o->axes ? t->fit.guard + o->words - o->used : 0;
}

bool tile_plan(struct tiling *t, void (*run)(const struct call *c), const struct call *call,
               uint32_t bytes, bool guarded)
{
    const struct cut *cut = cut_of(run);
    uint32_t *at = (uint32_t *)(void *)t + TILE_STATE / sizeof(uint32_t);
    if (!cut || !fit_tiles(&t->fit, cut, call, bytes, guarded ? GUARD_WORDS : 0))
        return false;
    for (int k = 0; k < t->fit.operands; k++) {
        t->alias[k] = alias_of(&t->fit, k);
        t->slot[k] = -1;
        for (int slot = 0; slot < TILE_SLOTS; slot++, at += t->fit.guard) {
            t->slots[k][slot] = t->alias[k] < 0 ? at : t->slots[t->alias[k]][slot];
            t->stored[k][slot] = -1;
            for (uint32_t word = 0; word < guarded_words(t, k); word++)
                at[t->fit.operand[k].used + word] = PLAN_UNWRITTEN;
            at += t->fit.operand[k].words;
        }
    }
    return true;
}

bool tile_guards_hold(const struct tiling *t, struct message *m, int *operand)
{
    for (*operand = 0; *operand < t->fit.operands; ++*operand)
        for (int slot = 0; t->alias[*operand] < 0 && slot < TILE_SLOTS; slot++) {
            const uint32_t *behind = t->slots[*operand][slot] + t->fit.operand[*operand].used;
            for (uint32_t word = 0; word < guarded_words(t, *operand); word++)
                if (behind[word] != PLAN_UNWRITTEN)
                    return refuse(m, MESSAGE_KERNEL, "word %u holds %x", word, behind[word]);
        }
    return true;
}

void tile_settle(struct tiling *t, int k, int slot)
{
    if (slot >= 0 && t->stored[k][slot] >= 0)
        platform_wait(t->stored[k][slot]);
    if (slot >= 0)
        t->stored[k][slot] = -1;
}

/* Stores the outputs of a tile that the next one does not go on with. */
static void store_outputs(struct tiling *t, int32_t number)
{
    const struct tile *tile = &t->tiles[number % 2];
    int batch = -1;
    for (int k = t->fit.cut->inputs; k < t->fit.operands; k++) {
        if (!t->fit.operand[k].axes)
            continue;
        if (number + 1 < t->fit.tiles && t->tiles[(number + 1) % 2].slot[k] == tile->slot[k])
            continue;
        const struct box b = box_of(&t->fit, k, tile->parts[k]);
        batch = batch < 0 ? platform_batch() : batch;
        box_store(&b, t->slots[k][tile->slot[k]]);
        t->stored[k][tile->slot[k]] = batch;
    }
}

/* Core 0: the tile's inputs have come, its outputs have a free place. */
static void await(struct tiling *t, int32_t number)
{
    platform_wait(t->fetched);
    for (int k = t->fit.cut->inputs; k < t->fit.operands; k++)
        if (t->fit.operand[k].axes)
            tile_settle(t, k, t->tiles[number % 2].slot[k]);
}

void tile_run(struct tiling *t, int core, int cores)
{
    if (core == 0)
        tile_prepare(t, 0);
    for (int32_t number = 0; number < t->fit.tiles; number++) {
        if (core == 0)
            await(t, number);
        platform_barrier(core, cores);
        if (core == 0 && number > 0)
            store_outputs(t, number - 1);
        if (core == 0 && number + 1 < t->fit.tiles)
            tile_prepare(t, number + 1);
        struct call call = t->tiles[number % 2].call;
        call.core = core;
        call.cores = cores;
        t->fit.cut->run(&call);
    }
    platform_barrier(core, cores);
    if (core == 0) {
        store_outputs(t, t->fit.tiles - 1);
        for (int k = t->fit.cut->inputs; k < t->fit.operands; k++)
            for (int slot = 0; slot < TILE_SLOTS; slot++)
                tile_settle(t, k, slot);
    }
}
