#include <string.h>

#include "reader.h"

enum { TENSOR_WORDS = 7 };

static bool is_bytes(int32_t dtype)
{
    return dtype == DTYPE_U8 || dtype == DTYPE_I8;
}

static uint64_t words_of(int32_t dtype, uint64_t elements)
{
    return is_bytes(dtype) ? (elements + 3) / 4 : elements;
}

static uint32_t elements_of(const struct tensor *t)
{
    return (uint32_t)t->shape[0] * (uint32_t)t->shape[1] * (uint32_t)t->shape[2] *
           (uint32_t)t->shape[3];
}

uint32_t tensor_bytes(const struct tensor *t)
{
    return elements_of(t) * (is_bytes(t->dtype) ? 1u : (uint32_t)sizeof(int32_t));
}

uint32_t tensor_words(const struct tensor *t)
{
    return (uint32_t)words_of(t->dtype, elements_of(t));
}

bool read_tensors(struct plan *p, struct reader *r)
{
    for (uint32_t id = 0; id < p->n_tensors; id++) {
        const int32_t *w = take(r, TENSOR_WORDS, "tensors"), *shape;
        uint64_t size = 1;
        if (!w)
            return false;
        if (w[0] < DTYPE_F32 || w[0] > DTYPE_I8 || w[1] < 0 || w[1] > 4)
            return refuse(r->m, MESSAGE_REQUEST, "tensor %u: dtype %d, rank %d", id, w[0], w[1]);
        shape = w + 2;
        for (int axis = 0; axis < 4; axis++) {
            if (shape[axis] < 1 || (axis >= w[1] && shape[axis] != 1))
                return refuse(r->m, MESSAGE_REQUEST, "tensor %u: axis %d has length %d", id,
                              (int32_t)axis, shape[axis]);
            size *= (uint64_t)shape[axis];
            if (words_of(w[0], size) > p->arena_words)
                break;
        }
        if ((uint64_t)(uint32_t)w[6] + words_of(w[0], size) > p->arena_words)
            return refuse(r->m, MESSAGE_REQUEST, "tensor %u: outside the arena of %u words", id,
                          p->arena_words);
        p->tensors[id] = (struct tensor){.data = p->arena + (uint32_t)w[6],
                                         .rank = w[1],
                                         .shape = {shape[0], shape[1], shape[2], shape[3]},
                                         .dtype = w[0]};
    }
    return true;
}

bool read_initial(struct plan *p, struct reader *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const int32_t *id = take_ids(r, p, 1, "initial values"), *words;
        if (!id)
            return false;
        struct tensor *t = &p->tensors[*id];
        if (!(words = take(r, tensor_words(t), "initial values")))
            return false;
        memcpy(t->data, words, tensor_bytes(t));
    }
    return true;
}

bool read_streams(struct plan *p, struct reader *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const int32_t *id = take_ids(r, p, 1, "streams"), *slices;
        if (!id || !(slices = take(r, 1, "streams")))
            return false;
        struct stream *s = &p->streams[*id];
        if (s->next)
            return refuse(r->m, MESSAGE_REQUEST, "tensor %d is streamed twice", *id);
        s->left = (uint32_t)*slices;
        s->next = take(r, (uint64_t)s->left * tensor_words(&p->tensors[*id]), "streams");
        if (!s->next)
            return false;
    }
    return true;
}
