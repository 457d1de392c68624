/* What the kernels of the zoo share: shapes in short, and an image with zeros around it. */
#ifndef ZOO_H
#define ZOO_H

#include "tinycl.h"
#include "tinycl_sparse.h"
#include "tinycl_validate.h"

typedef const struct validate_call *call_t;

#define SHARE(total)                                                                               \
    const struct tinycl_range mine = tinycl_share((total), call->core, call->cores);               \
    for (int32_t i = mine.begin; i < mine.end; i++)

#endif
