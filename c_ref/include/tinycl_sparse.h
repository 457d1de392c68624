/* Sparse training: measures of a gradient, TinyProp's decisions, selection, subsets, one-bit gates,
 * and gradients of which only some entries are used. What tinycl.h says of tensors and cores holds
 * here too. Of counts and indices, kernels check what keeps them inside their tensors: a count is
 * held between 0 and what there is room for, an index that points nowhere is passed over. */
#ifndef TINYCL_SPARSE_H
#define TINYCL_SPARSE_H

#include "tinycl.h"

/* Which entries of a gradient dy (n, c, positions) survive, or which of its channels.
 *
 * count (rows), index (rows, cap): a row for each sample, or one that all samples share.
 * count[row] survivors, each once: places in (c, positions), or channels if `channels` is not 0.
 * Their terms enter the sums in the order of the list: top_k's, ascending or that of a heap. */
struct tinycl_survivors {
    const int32_t *count, *index;
    int32_t rows, cap, channels;
};

/* A walk over the survivors of one sample, in the order in which their terms enter the sums. */
struct tinycl_walk {
    const int32_t *index;           /* NULL: all of them, 0 .. total-1 */
    int32_t at, count, total, each; /* `each` entries a survivor */
    int whole;                      /* they are whole channels, all of whose taps are terms */
};

/* Begins the walk over sample n. Where everything survives it yields all channels, ascending. */
struct tinycl_walk tinycl_walk(const struct tinycl_survivors *kept, int32_t n, int32_t c,
                               int32_t positions);
/* Yields the next one as its entries in (c, positions); 0 when there is none left. */
int tinycl_next(struct tinycl_walk *w, struct tinycl_range *entries);

/* The bits of |x|, which compare as magnitudes do; all NaNs are one value, above Inf. */
static inline uint32_t tinycl_magnitude(float x)
{
    const union {
        float value;
        uint32_t bits;
    } both = {.value = x};
    const uint32_t key = both.bits & UINT32_C(0x7fffffff);

    return key > UINT32_C(0x7f800000) ? UINT32_C(0x7fc00000) : key;
}

/* a (rows, each), y (rows): the sum of magnitudes of each row. channel_magnitudes is this, with a
 * row for each channel of each sample. */
void tinycl_magnitude_sum(const float *a, float *y, int32_t rows, int32_t each, int core,
                          int cores);
/* dy (n, m), a (m): the sum of magnitudes over n. */
void tinycl_entry_magnitudes(const float *dy, float *a, int32_t n, int32_t m, int core, int cores);
/* w (outer, length, inner), squares (length): the sum of squares at each place of the axis. */
void tinycl_axis_squares(const float *w, float *squares, int32_t outer, int32_t length,
                         int32_t inner, int core, int cores);

/* y (n), y_max one element, in place, peak (n): the largest y so far. */
void tinycl_running_max(const float *y, float *y_max, float *peak, int32_t n, int core, int cores);
struct tinycl_decision {
    float d_min, d_max, factor, threshold;
    int32_t remember; /* samples that are skipped count for y_max, too */
};
/* y (n), y_max one element, in place; trained, measure, peak (n): which samples to train on. */
void tinycl_tinyprop_decide(const float *y, float *y_max, int32_t *trained, float *measure,
                            float *peak, const struct tinycl_decision *d, int32_t n, int core,
                            int cores);
struct tinycl_sparsity {
    int32_t entries;
    float s_min, s_max, zeta; /* zeta: to the power of the layer's distance from the output */
    int32_t half_even;        /* round half to even, not towards zero */
};
/* y, peak (n), trained (n) or NULL, count and ratio (n): how many entries of a sample survive. */
void tinycl_tinyprop_count(const float *y, const float *peak, const int32_t *trained,
                           int32_t *count, float *ratio, const struct tinycl_sparsity *p,
                           int32_t n, int core, int cores);

/* The order in which survivors are listed: by index, or as a min-heap leaves them. */
enum tinycl_order { TINYCL_ASCENDING, TINYCL_HEAP };

/* a (rows, m), wanted (rows) or NULL, count (rows), index (rows, cap): the places of the count[row]
 * largest magnitudes; -1 behind them. 1 <= cap <= m. */
void tinycl_top_k(const float *a, const int32_t *wanted, int32_t *count, int32_t *index,
                  int32_t rows, int32_t m, int32_t cap, enum tinycl_order order, int core,
                  int cores);

/* x (outer, length, inner), y (outer, k, inner), index (k) */
struct tinycl_subset_shape {
    int32_t outer, length, inner, k;
};
void tinycl_gather(const float *x, const int32_t *index, float *y,
                   const struct tinycl_subset_shape *s, int core, int cores);
/* Of two equal indices the later wins. */
void tinycl_scatter(float *x, const float *y, const int32_t *index,
                    const struct tinycl_subset_shape *s, int core, int cores);

/* x, dy, dx (count), bits (ceil(count / 32)): bit b of word i: whether 0 < x[32i + b] < below;
 * an infinite `below` bounds nothing. */
void tinycl_gate_bits(const float *x, int32_t *bits, int32_t count, float below, int core,
                      int cores);
void tinycl_gate_grad(const int32_t *bits, const float *dy, float *dx, int32_t count, int core,
                      int cores);

/* Gradients to which only the surviving entries of dy contribute: tensors as in the dense ones.
 * effort (ci) counts the multiply-accumulates of each input channel: those of each survivor's taps,
 * inside the image or not. Work is shared by input channels. */
void tinycl_conv2d_sparse_weight_grad(const float *x, const float *dy,
                                      const struct tinycl_survivors *kept, float *dw,
                                      int32_t *effort, const struct tinycl_conv2d_shape *s,
                                      int core, int cores);
void tinycl_conv2d_sparse_input_grad(const float *w, const float *dy,
                                     const struct tinycl_survivors *kept, float *dx,
                                     int32_t *effort, const struct tinycl_conv2d_shape *s,
                                     int core, int cores);
void tinycl_depthwise_sparse_weight_grad(const float *x, const float *dy,
                                         const struct tinycl_survivors *kept, float *dw,
                                         int32_t *effort, const struct tinycl_depthwise_shape *s,
                                         int core, int cores);
void tinycl_depthwise_sparse_input_grad(const float *w, const float *dy,
                                        const struct tinycl_survivors *kept, float *dx,
                                        int32_t *effort, const struct tinycl_depthwise_shape *s,
                                        int core, int cores);
void tinycl_pointwise_sparse_weight_grad(const float *x, const float *dy,
                                         const struct tinycl_survivors *kept, float *dw,
                                         int32_t *effort, const struct tinycl_pointwise_shape *s,
                                         int core, int cores);
void tinycl_pointwise_sparse_input_grad(const float *w, const float *dy,
                                        const struct tinycl_survivors *kept, float *dx,
                                        int32_t *effort, const struct tinycl_pointwise_shape *s,
                                        int core, int cores);
void tinycl_linear_sparse_weight_grad(const float *x, const float *dy,
                                      const struct tinycl_survivors *kept, float *dw,
                                      int32_t *effort, const struct tinycl_linear_shape *s,
                                      int core, int cores);
void tinycl_linear_sparse_input_grad(const float *w, const float *dy,
                                     const struct tinycl_survivors *kept, float *dx,
                                     int32_t *effort, const struct tinycl_linear_shape *s,
                                     int core, int cores);
/* dy (n, c, positions), db (c): surviving entries only; or only samples with trained (n) not 0. */
void tinycl_sparse_bias_grad(const float *dy, const struct tinycl_survivors *kept, float *db,
                             int32_t n, int32_t c, int32_t positions, int core, int cores);
void tinycl_sampled_bias_grad(const float *dy, const int32_t *trained, float *db, int32_t n,
                              int32_t c, int32_t positions, int core, int cores);

#endif
