/* Elements that follow each other in the tensor are one copy. */
#include "box.h"

#include <stdbool.h>

#include "platform.h"

enum { WORD = 4 };

typedef void copy_run(uint32_t *far, uint32_t *local, uint32_t bytes);

static void fetch_run(uint32_t *far, uint32_t *local, uint32_t bytes)
{
    platform_fetch(local, far, bytes);
}

static void store_run(uint32_t *far, uint32_t *local, uint32_t bytes)
{
    platform_store(local, far, bytes);
}

struct box box_of(const struct fit *f, int k, const struct part *parts)
{
    return (struct box){cut_operand(f->cut, f->call, k)->data, f->operand[k].axes,
                        f->operand[k].length, parts};
}

/* The last axes, as far in as all but the first of them are whole, are one run. */
static int inner_axes(const struct box *b, int32_t *run)
{
    int inner = b->axes;
    bool whole = true;
    for (*run = 1; inner > 0 && whole; inner--) {
        *run *= b->part[inner - 1].size;
        whole = b->part[inner - 1].size == b->length[inner - 1];
    }
    return inner;
}

static void each_run(const struct box *b, uint32_t *local, copy_run *copy)
{
    int32_t place[CUT_AXES] = {0}, run;
    const int inner = inner_axes(b, &run);
    for (;;) {
        int32_t offset = 0;
        for (int axis = 0; axis < b->axes; axis++)
            offset = offset * b->length[axis] + b->part[axis].start + place[axis];
        copy(b->base + offset, local, (uint32_t)run * WORD);
        local += run;
        int axis = inner - 1;
        while (axis >= 0 && ++place[axis] == b->part[axis].size)
            place[axis--] = 0;
        if (axis < 0)
            return;
    }
}

void box_fetch(const struct box *b, uint32_t *local)
{
    each_run(b, local, fetch_run);
}

void box_store(const struct box *b, uint32_t *local)
{
    each_run(b, local, store_run);
}
