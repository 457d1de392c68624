/* One call of an operation, as the runner hands it to the glue in calls_*.c. */
#ifndef CALL_H
#define CALL_H

#include <stddef.h>
#include <stdint.h>

struct tensor {
    void *data;
    int32_t rank;
    int32_t shape[4];
    int32_t dtype; /* 0 f32, 1 i32, 2 u8, 3 i8 */
};

struct call {
    const struct tensor *in[8]; /* NULL where an optional tensor is left out */
    const struct tensor *out[4];
    const int32_t *attrs; /* in the order of the table, arrays flat, f32 as bit patterns */
    int32_t order;        /* enum tinycl_order: the plan's selection order */
    int resume;           /* the sums go on from what the output holds */
    int core, cores;
};

/* The data of a tensor, or NULL if it is left out. Converts to any pointer. */
static inline void *data_of(const struct tensor *t)
{
    return t ? t->data : NULL;
}

static inline int32_t count_of(const struct tensor *t)
{
    int32_t count = 1;

    for (int32_t axis = 0; axis < t->rank; axis++)
        count *= t->shape[axis];
    return count;
}

static inline float float_attr(const struct call *c, int i)
{
    const union {
        int32_t bits;
        float value;
    } both = {.bits = c->attrs[i]};

    return both.value;
}

#endif
