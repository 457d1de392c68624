#include "fit.h"

#include <string.h>

enum { WORD = 4, LINE_WORDS = 4, FEWEST = 64 }; /* outputs of a tile, so that 8 cores share them well */

int fit_loop(const struct cut *cut, char letter)
{
    const int outputs = (int)strlen(cut->outputs);
    for (int i = 0; cut->outputs[i]; i++)
        if (cut->outputs[i] == letter)
            return i;
    for (int i = 0; cut->sums[i]; i++)
        if (cut->sums[i] == letter)
            return outputs + i;
    return -1;
}

int fit_axes(const struct fit *f, int k)
{
    return (int)strlen(f->cut->axes[k]);
}

int32_t fit_axis(const struct fit *f, int k, int axis)
{
    const struct tensor *t = cut_operand(f->cut, f->call, k);
    return f->cut->axes[k][0] == 'f' ? count_of(t) : t->shape[axis];
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* At least one place, inside the axis: where a tile meets nothing but padding, a place that it does
 * not read. */
static struct part inside(int32_t begin, int32_t end, int32_t length)
{
    begin = least(most(begin, 0), length - 1);
    return (struct part){begin, most(least(end, length) - begin, 1)};
}

struct part fit_part(const struct fit *f, int k, int axis, const int32_t *start,
                     const int32_t *extent)
{
    const char letter = f->cut->axes[k][axis];
    const int32_t length = fit_axis(f, k, axis);
    const int h = fit_loop(f->cut, 'h');

    if (letter == '.')
        return (struct part){0, length};
    if (letter == 'H') {
        const int32_t first = start[h] * f->stride - f->pad;
        return inside(first, first + (extent[h] - 1) * f->stride + f->kh, length);
    }
    if (letter == 'Y') {
        const int32_t first = most(start[h] + f->pad - f->kh + 1, 0);
        const int32_t last = start[h] + extent[h] - 1 + f->pad;
        return inside((first + f->stride - 1) / f->stride, last / f->stride + 1, length);
    }
    const int loop = fit_loop(f->cut, letter);
    return (struct part){start[loop], extent[loop]};
}

/* The most places of an axis that a tile of these extents can touch, wherever it is. */
static int32_t widest(const struct fit *f, int k, int axis)
{
    const char letter = f->cut->axes[k][axis];
    const int32_t length = fit_axis(f, k, axis);
    const int h = fit_loop(f->cut, 'h');

    if (letter == '.')
        return length;
    if (letter == 'H')
        return least(length, (f->extent[h] - 1) * f->stride + f->kh);
    if (letter == 'Y')
        return least(length, (f->extent[h] + f->kh - 2) / f->stride + 1);
    return f->extent[fit_loop(f->cut, letter)];
}

/* Words of all operands, each twice: one half is computed on while the other one is copied. */
static uint64_t footprint(struct fit *f)
{
    uint64_t total = 0;
    for (int k = 0; k < CUT_OPERANDS && f->cut->axes[k]; k++) {
        uint64_t words = 1;
        f->slot[k] = 0;
        if (!cut_operand(f->cut, f->call, k))
            continue;
        for (int axis = 0; axis < fit_axes(f, k); axis++)
            words *= (uint64_t)widest(f, k, axis);
        words = (words + LINE_WORDS - 1) / LINE_WORDS * LINE_WORDS;
        total += 2 * words;
        f->slot[k] = (uint32_t)words;
    }
    return total;
}

static uint64_t outputs_of(const struct fit *f)
{
    const int k = f->cut->inputs;
    uint64_t count = 1;
    for (int axis = 0; axis < fit_axes(f, k); axis++)
        count *= (uint64_t)widest(f, k, axis);
    return count;
}

/* Whether a loop may go in smaller steps. A sum is cut at an inner loop only where the outer ones go
 * one by one: the terms stay in order. */
static bool may_halve(struct fit *f, int loop, uint64_t fewest)
{
    const int outputs = (int)strlen(f->cut->outputs);
    const int32_t extent = f->extent[loop];
    if (extent == 1)
        return false;
    for (int outer = outputs; outer < loop; outer++)
        if (f->extent[outer] > 1)
            return false;
    if (loop >= outputs)
        return true;
    f->extent[loop] = (extent + 1) / 2;
    const uint64_t count = outputs_of(f);
    f->extent[loop] = extent;
    return count >= fewest;
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
        f->extent[loop] = (extent + 1) / 2;
        const uint64_t words = footprint(f);
        f->extent[loop] = extent;
        if (words < smallest) {
            smallest = words;
            best = loop;
        }
    }
    if (best < 0)
        return false;
    f->extent[best] = (f->extent[best] + 1) / 2;
    return true;
}

static void measure(struct fit *f)
{
    for (int k = 0; k < CUT_OPERANDS && f->cut->axes[k]; k++)
        for (int axis = 0; cut_operand(f->cut, f->call, k) && axis < fit_axes(f, k); axis++) {
            const int loop = fit_loop(f->cut, f->cut->axes[k][axis]);
            if (loop >= 0)
                f->length[loop] = f->extent[loop] = fit_axis(f, k, axis);
        }
    f->kh = f->stride = 1;
    f->pad = 0;
    if (f->cut->kernel >= 0) {
        const struct tensor *kernel = cut_operand(f->cut, f->call, f->cut->kernel);
        f->kh = kernel->shape[kernel->rank - 2];
        f->stride = f->call->attrs[f->cut->window];
        f->pad = f->call->attrs[f->cut->window + 2];
    }
}

bool fit_tiles(struct fit *f, const struct cut *cut, const struct call *call, uint32_t bytes)
{
    *f = (struct fit){.cut = cut, .call = call};
    const int outputs = (int)strlen(cut->outputs);
    f->loops = outputs + (int)strlen(cut->sums);
    measure(f);
    while (footprint(f) > bytes / WORD)
        if (!halve(f, 0, outputs, FEWEST) && !halve(f, outputs, f->loops, FEWEST) &&
            !halve(f, 0, outputs, 1))
            return false;
    return true;
}
