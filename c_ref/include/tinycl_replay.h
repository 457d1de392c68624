/* Continual learning: rows of a memory, packed latents, places for new samples, heads whose rows
 * are consolidated, synapses. What tinycl.h says of tensors and cores holds here too; bytes are
 * rows without padding. Of places and labels, kernels check what keeps them inside their tensors:
 * one that points nowhere is passed over. */
#ifndef TINYCL_REPLAY_H
#define TINYCL_REPLAY_H

#include "tinycl.h"

/* x (rows, columns), y (k, columns), index and places (k): rows of x taken out, or put in, in
 * order; a place outside x gives zeros and takes nothing. */
struct tinycl_rows_shape {
    int32_t rows, columns, k;
};
void tinycl_gather_bytes(const uint8_t *x, const int32_t *index, uint8_t *y,
                         const struct tinycl_rows_shape *s, int core, int cores);
void tinycl_gather_labels(const int32_t *x, const int32_t *index, int32_t *y, int32_t rows,
                          int32_t k, int core, int cores);
void tinycl_put_rows(float *x, const float *y, const int32_t *places,
                     const struct tinycl_rows_shape *s, int core, int cores);
void tinycl_put_bytes(uint8_t *x, const uint8_t *y, const int32_t *places,
                      const struct tinycl_rows_shape *s, int core, int cores);
void tinycl_put_labels(int32_t *x, const int32_t *y, const int32_t *places, int32_t rows,
                       int32_t k, int core, int cores);

/* a (n), b (m), y (n + m): the elements of a, then those of b. */
void tinycl_concat_rows(const float *a, const float *b, float *y, int32_t n, int32_t m, int core,
                        int cores);
void tinycl_concat_labels(const int32_t *a, const int32_t *b, int32_t *y, int32_t n, int32_t m,
                          int core, int cores);

/* A turn counts how often a body ran: one element, one more, modulo 2^32, in place. */
void tinycl_next_turn(uint32_t *turn, int core, int cores);
/* places (count): turn * count + j, modulo 2^32. */
void tinycl_turn_places(uint32_t turn, int32_t *places, int32_t count, int core, int cores);
/* order (n), index (count): order[(turn * count + j) mod n]. */
void tinycl_take_turn(const int32_t *order, uint32_t turn, int32_t *index, int32_t n,
                      int32_t count, int core, int cores);

/* x (n, each), packed (n, tinycl_packed_bytes), scale and a_max one element: latents in 4 to 8
 * bits, element i of a sample in the bits i * bits and up, the lowest bit of a byte first. */
struct tinycl_latents_shape {
    int32_t n, each, bits;
};
static inline int32_t tinycl_packed_bytes(int32_t each, int32_t bits)
{
    return each / 8 * bits + (each % 8 * bits + 7) / 8;
}
void tinycl_quantise_latents(const float *x, const float *scale, uint8_t *packed,
                             const struct tinycl_latents_shape *s, int core, int cores);
void tinycl_dequantise_latents(const uint8_t *packed, const float *scale, float *x,
                               const struct tinycl_latents_shape *s, int core, int cores);
void tinycl_latent_scale(const float *a_max, float *scale, int32_t bits, int core, int cores);
/* x (count), a_max one element, in place: the largest of all, and at least +0. */
void tinycl_largest(const float *x, float *a_max, int32_t count, int core, int cores);

/* Which places of a memory new samples take, -1: none. All drawn numbers are the bounded ones of
 * tinycl_integers, from one stream. */
struct tinycl_draw {
    uint64_t seed, stream;
};
/* places (count): `stored` different ones at random samples, free places first; filled <= slots,
 * stored <= slots, stored <= count. */
struct tinycl_replacement {
    int32_t slots, filled, stored, count;
};
void tinycl_random_places(int32_t *places, const struct tinycl_draw *from,
                          const struct tinycl_replacement *r, int core, int cores);
/* places (count): a uniform sample of all samples so far, `seen` of them before these. */
void tinycl_reservoir_places(int32_t *places, const struct tinycl_draw *from, int32_t slots,
                             int32_t seen, int32_t count, int core, int cores);
/* kept (slots), in place, labels and places (n), counts (classes): as many entries of each class
 * as of the others. */
struct tinycl_balance {
    int32_t slots, filled, n, classes;
};
void tinycl_balanced_places(int32_t *kept, const int32_t *labels, int32_t *places,
                            int32_t *counts, const struct tinycl_draw *from,
                            const struct tinycl_balance *b, int core, int cores);

/* labels (n), counts and past (classes), saved and w (classes, features): the rows of a head, of
 * classes with counts > 0. saved and past change in place. */
void tinycl_class_counts(const int32_t *labels, int32_t *counts, int32_t n, int32_t classes,
                         int core, int cores);
void tinycl_load_head(const float *saved, const int32_t *counts, float *w, int32_t classes,
                      int32_t features, int core, int cores);
void tinycl_consolidate_head(float *saved, int32_t *past, const float *w, const int32_t *counts,
                             int32_t classes, int32_t features, int core, int cores);

/* Synaptic intelligence, element by element; the first tensor changes in place. */
void tinycl_synaptic_path(float *path, const float *gradient, const float *before,
                          const float *after, int32_t count, int core, int cores);
struct tinycl_importance {
    float factor, eps, clip;
};
void tinycl_synaptic_importance(float *importance, const float *path, const float *anchor,
                                const float *weight, const struct tinycl_importance *r,
                                int32_t count, int core, int cores);
void tinycl_synaptic_pull(float *gradient, const float *importance, const float *weight,
                          const float *anchor, float strength, int32_t count, int core, int cores);

#endif
