/* The survivors that a sparse gradient is called with: inputs `first` (count) and the next
 * (index). */
#ifndef SURVIVORS_OF_H
#define SURVIVORS_OF_H

#include "call.h"
#include "tinycl_sparse.h"

static inline struct tinycl_survivors survivors_of(const struct call *c, int first,
                                                   int32_t channels)
{
    const struct tensor *count = c->in[first], *index = c->in[first + 1];

    return (struct tinycl_survivors){
        .count = data_of(count), .index = data_of(index),
        .rows = index->shape[0], .cap = index->shape[1], .channels = channels,
    };
}

#endif
