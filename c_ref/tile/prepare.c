/* From the number of a tile to its tensors. */
#include <string.h>

#include "box.h"
#include "platform.h"
#include "tile.h"

enum { WINDOW_WORDS = 6, PAD_TOP = 2 };

/* Where each loop is in tile `number`, the last loop going fastest. */
static void place_of(const struct fit *f, int32_t number, int32_t *start, int32_t *extent)
{
    for (int loop = f->loops - 1; loop >= 0; loop--) {
        const int32_t above = number / f->turns[loop];
        start[loop] = (number - above * f->turns[loop]) * f->extent[loop];
        extent[loop] = f->length[loop] - start[loop];
        if (extent[loop] > f->extent[loop])
            extent[loop] = f->extent[loop];
        number = above;
    }
}

/* The zeros above the rows of the image, or of dy, that the tile holds. */
static int32_t pad_of(const struct tiling *t, const int32_t *start)
{
    const struct fit *f = &t->fit;
    for (int k = 0; k < f->cut->inputs; k++)
        for (int axis = 0; axis < f->operand[k].axes; axis++) {
            const int32_t h = start[f->operand[k].loop[axis]], row = t->now[k][axis].start;
            if (f->operand[k].reach[axis] == REACH_UNDER)
                return row - (h * f->stride - f->pad);
            if (f->operand[k].reach[axis] == REACH_MET)
                return h + f->pad - row * f->stride;
        }
    return f->pad;
}

/* Where the tile touches another part of operand k than the one before it, that part goes into the
 * other slot, once this is free. */
static bool moves_on(struct tiling *t, int k, const int32_t *start, const int32_t *extent)
{
    bool same = t->slot[k] >= 0;
    for (int axis = 0; axis < t->fit.operand[k].axes; axis++) {
        const struct part next = fit_part(&t->fit, k, axis, start, extent);
        same = same && next.start == t->now[k][axis].start && next.size == t->now[k][axis].size;
        t->now[k][axis] = next;
    }
    if (same)
        return false;
    t->slot[k] = t->slot[k] == 0;
    for (int output = t->fit.cut->inputs; output < t->fit.operands; output++)
        if (t->alias[output] == k)
            tile_settle(t, output, t->slot[k]);
    return true;
}

static void fetch(struct tiling *t, int k)
{
    const struct box b = box_of(&t->fit, k, t->now[k]);
    box_fetch(&b, t->slots[k][t->slot[k]]);
}

static void name_tensor(struct tiling *t, struct tile *tile, int k)
{
    const int inputs = t->fit.cut->inputs;
    struct tensor *part = &tile->tensors[k];
    *part = (struct tensor){.data = t->slots[k][t->slot[k]],
                            .rank = t->fit.operand[k].axes,
                            .shape = {1, 1, 1, 1},
                            .dtype = cut_operand(t->fit.cut, t->fit.call, k)->dtype};
    for (int axis = 0; axis < part->rank; axis++)
        part->shape[axis] = t->now[k][axis].size;
    if (k < inputs)
        tile->call.in[k] = part;
    else
        tile->call.out[k - inputs] = part;
    tile->slot[k] = t->slot[k];
    memcpy(tile->parts[k], t->now[k], sizeof tile->parts[k]);
}

/* An output that is updated in place is in the slot of its input. */
static void share_slot(struct tiling *t, int k)
{
    t->slot[k] = t->slot[t->alias[k]];
    memcpy(t->now[k], t->now[t->alias[k]], sizeof t->now[k]);
}

void tile_prepare(struct tiling *t, int32_t number)
{
    const struct cut *cut = t->fit.cut;
    struct tile *tile = &t->tiles[number % 2];
    int32_t start[CUT_LOOPS], extent[CUT_LOOPS];
    bool first = true, last = true; /* part of the sums */
    place_of(&t->fit, number, start, extent);
    for (int loop = t->fit.outer; loop < t->fit.loops; loop++) {
        first = first && start[loop] == 0;
        last = last && start[loop] + extent[loop] == t->fit.length[loop];
    }
    tile->call = (struct call){.order = t->fit.call->order, .resume = !first};
    t->fetched = platform_batch();
    for (int k = 0; k < t->fit.operands; k++) {
        if (!t->fit.operand[k].axes || (k == cut->bias && !last))
            continue;
        if (t->alias[k] >= 0)
            share_slot(t, k);
        else if (moves_on(t, k, start, extent) && k < cut->inputs)
            fetch(t, k);
        name_tensor(t, tile, k);
    }
    tile->call.attrs = t->fit.call->attrs;
    if (cut->kernel >= 0) {
        memcpy(tile->attrs, t->fit.call->attrs,
               (size_t)(cut->window + WINDOW_WORDS) * sizeof tile->attrs[0]);
        tile->attrs[cut->window + PAD_TOP] = pad_of(t, start);
        tile->call.attrs = tile->attrs;
    }
}
