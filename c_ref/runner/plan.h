/* A plan as it came in, checked, with its tensors in memory. README.md describes the words. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "call.h"
#include "message.h"
#include "operations.h"

enum { DTYPE_F32, DTYPE_I32, DTYPE_U8, DTYPE_I8 };
#define PLAN_UNWRITTEN UINT32_C(0x57575757) /* what memory holds before a plan writes to it */

struct body {
    const int32_t *streamed, *records, *ops; /* tensor ids, tensor ids, words of the operations */
    uint32_t n_streamed, n_records, n_ops;
};

struct stream { /* of one tensor; left = 0 and next = NULL unless it is streamed */
    const int32_t *next;
    uint32_t left;
};

struct plan {
    int cores;
    bool checked, counted; /* send a trace, what each operation took */
    bool guarded;          /* there are guard words around the tensors */
    int32_t order;         /* 0 ascending, 1 heap */
    struct tiling *tiling; /* in local memory */
    uint32_t tile_bytes;   /* behind it; 0: all operations work in place */
    uint32_t arena_words, n_tensors, n_bodies, n_schedule, n_outputs;
    uint32_t *arena;
    struct tensor *tensors;
    struct stream *streams; /* one a tensor */
    struct body *bodies;
    const int32_t *schedule; /* (body, count) pairs */
    const int32_t *outputs;
};

/* Words of one operation, taken apart. */
struct step {
    const struct operation *operation;
    const int32_t *in, *out, *attrs; /* tensor ids (-1: left out), tensor ids, attributes */
};

/* The room of a tensor; bytes are filled up to whole words, which hold something else. */
uint32_t tensor_bytes(const struct tensor *t);
uint32_t tensor_words(const struct tensor *t);

/* Checks the body of a request (at the beginning of the memory region), places the tensors behind
 * it, and gives them their initial values. */
bool plan_load(struct plan *p, uint32_t words, struct message *m);

/* Takes one operation apart that plan_load has checked; returns the words behind it. */
const int32_t *plan_step(const int32_t *at, struct step *s);

#endif
