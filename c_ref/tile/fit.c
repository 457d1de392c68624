/* Loops are halved until two tiles fit: first those of the outputs, as long as a tile keeps enough of
 * them to share among the cores, then those of the sums, then those of the outputs again. */
#include "fit.h"

#include "letters.h"

enum {
    LINE_WORDS = 4,
    FEWEST = 64,       /* outputs of a tile that 8 cores share well */
    WORTH_A_COPY = 32, /* what takes less than this part of the memory is done sooner in place */
};

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* At least one place, inside the axis: a tile that meets nothing but padding has a place that it does
 * not read. */
static struct part inside(int32_t begin, int32_t end, int32_t length)
{
    begin = least(most(begin, 0), length - 1);
    return (struct part){begin, most(least(end, length) - begin, 1)};
}

struct part fit_part(const struct fit *f, int k, int axis, const int32_t *start,
                     const int32_t *extent)
{
    const struct operand *o = &f->operand[k];
    const int32_t length = o->length[axis], first = start[o->loop[axis]];
    const int32_t size = extent[o->loop[axis]];
    int32_t row;

    switch (o->reach[axis]) {
    case REACH_LOOP:
        return (struct part){first, size};
    case REACH_UNDER:
        row = first * f->stride - f->pad;
        return inside(row, row + (size - 1) * f->stride + f->kh, length);
    case REACH_MET:
        row = most(first + f->pad - f->kh + 1, 0);
        return inside((row + f->stride - 1) / f->stride, (first + size - 1 + f->pad) / f->stride + 1,
                      length);
    default:
        return (struct part){0, length};
    }
}

/* The most places of an axis that a tile of these extents can touch, wherever it is. */
static int32_t widest(const struct fit *f, const struct operand *o, int axis)
{
    const int32_t extent = f->extent[o->loop[axis]];

    switch (o->reach[axis]) {
    case REACH_LOOP:
        return extent;
    case REACH_UNDER:
        return least(o->length[axis], (extent - 1) * f->stride + f->kh);
    case REACH_MET:
        return least(o->length[axis], (extent + f->kh - 2) / f->stride + 1);
    default:
        return o->length[axis];
    }
}

static uint64_t elements(const struct fit *f, int k)
{
    uint64_t count = 1;
    for (int axis = 0; axis < f->operand[k].axes; axis++)
        count *= (uint64_t)widest(f, &f->operand[k], axis);
    return count;
}

/* Words of all operands, each twice: on one half the cores compute while the other one is copied. */
static uint64_t footprint(struct fit *f)
{
    uint64_t total = 0;
    for (int k = 0; k < f->operands; k++) {
        const uint64_t used = elements(f, k), lines = (used + LINE_WORDS - 1) / LINE_WORDS;
        f->operand[k].used = (uint32_t)used;
        f->operand[k].words = f->operand[k].axes ? (uint32_t)lines * LINE_WORDS : 0;
        total += f->operand[k].axes ? 2 * (lines * LINE_WORDS + f->guard) : 0;
    }
    return total;
}

static int32_t half(int32_t extent)
{
    return (extent + 1) / 2;
}

/* Whether a loop may go in smaller steps. A sum is cut at an inner loop only where the outer ones go
 * one by one: so the terms stay in order. */
static bool may_halve(struct fit *f, int loop, uint64_t fewest)
{
    const int32_t extent = f->extent[loop];
    if (extent == 1)
        return false;
    for (int above = f->outer; above < loop; above++)
        if (f->extent[above] > 1)
            return false;
    if (loop >= f->outer)
        return true;
    f->extent[loop] = half(extent);
    const uint64_t outputs = elements(f, f->cut->inputs);
    f->extent[loop] = extent;
    return outputs >= fewest;
}

/* Halves the loop, from `first` to `last` - 1, that leaves the smallest tile. */
static bool halve(struct fit *f, int first, int last, uint64_t fewest)
{
    int best = -1;
    uint64_t smallest = UINT64_MAX;
    for (int loop = first; loop < last; loop++) {
        const int32_t extent = f->extent[loop];
        if (!may_halve(f, loop, fewest))
            continue;
        f->extent[loop] = half(extent);
        const uint64_t words = footprint(f);
        f->extent[loop] = extent;
        if (words < smallest) {
            smallest = words;
            best = loop;
        }
    }
    if (best >= 0)
        f->extent[best] = half(f->extent[best]);
    return best >= 0;
}

/* False if there are more than an int32_t counts. */
static bool count_tiles(struct fit *f)
{
    int64_t tiles = 1;
    for (int loop = 0; loop < f->loops; loop++) {
        f->turns[loop] = (f->length[loop] - 1) / f->extent[loop] + 1;
        tiles *= f->turns[loop];
        if (tiles > INT32_MAX)
            return false;
    }
    f->tiles = (int32_t)tiles;
    return true;
}

bool fit_tiles(struct fit *f, const struct cut *cut, const struct call *call, uint32_t bytes,
               uint32_t guard)
{
    letters_read(f, cut, call);
    f->guard = guard;
    for (int loop = 0; loop < f->loops; loop++)
        f->extent[loop] = f->length[loop];
    if (footprint(f) / 2 < bytes / sizeof(uint32_t) / WORTH_A_COPY)
        return false;
    while (footprint(f) > bytes / sizeof(uint32_t))
        if (!halve(f, 0, f->outer, FEWEST) && !halve(f, f->outer, f->loops, 1) &&
            !halve(f, 0, f->outer, 1))
            return false;
    return count_tiles(f);
}
