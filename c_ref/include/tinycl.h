/* Training kernels with one answer: every target computes the same bits (tinycl/CONTRACT.md, the
 * default contract). Compile with -ffp-contract=off -fno-math-errno.
 *
 * Tensors are float32, row-major, NCHW. Every axis is at least 1 long. Every tensor has fewer
 * than 2^31 elements, and every padded row and column is shorter than 2^31: an int32_t holds each
 * place, each offset and each product on the way to them.
 *
 * All cores call a kernel with the same arguments but `core`, 0 to cores-1; each writes its share
 * of the output elements and nothing else. Between two kernels, the second of which reads what the
 * first wrote, the cores wait for each other. Buffers do not overlap; some kernels update one in
 * place. `bias`, `velocity` and `trained` may be NULL. */
#ifndef TINYCL_H
#define TINYCL_H

#include <stdint.h>

struct tinycl_range {
    int32_t begin, end;
};

/* The outputs of one core: ceil(total / cores) each, the last cores may have fewer or none. */
static inline struct tinycl_range tinycl_share(int32_t total, int core, int cores)
{
    const int64_t each = total / cores + (total % cores != 0);
    const int64_t begin = core * each, end = begin + each;
    return (struct tinycl_range){(int32_t)(begin < total ? begin : total),
                                 (int32_t)(end < total ? end : total)};
}

/* plane (h, w) with zeros all around it. */
static inline float tinycl_padded(const float *plane, int32_t row, int32_t column,
                                  int32_t h, int32_t w)
{
    const int inside = row >= 0 && row < h && column >= 0 && column < w;
    return inside ? plane[row * w + column] : 0.0f;
}

/* plane (h, w) with stride-1 zeros between its elements, and zeros all around it. */
static inline float tinycl_spread(const float *plane, int32_t row, int32_t column,
                                  int32_t h, int32_t w, int32_t stride_h, int32_t stride_w)
{
    if (stride_h == 1 && stride_w == 1)
        return tinycl_padded(plane, row, column, h, w);
    if (row % stride_h != 0 || column % stride_w != 0)
        return 0.0f;
    return tinycl_padded(plane, row / stride_h, column / stride_w, h, w);
}

/* The places 0 .. length-1 that a window of `size` places from `first` on covers. */
static inline struct tinycl_range tinycl_covered(int32_t first, int32_t size, int32_t length)
{
    return (struct tinycl_range){first > 0 ? first : 0,
                                 first < length - size ? first + size : length};
}

/* The windows that cover a place: window i, 0 .. count-1, begins at i * stride. */
static inline struct tinycl_range tinycl_covering(int32_t place, int32_t size, int32_t stride,
                                                  int32_t count)
{
    const int32_t last = place / stride;

    return (struct tinycl_range){place < size ? 0 : (place - size) / stride + 1,
                                 last < count ? last + 1 : count};
}

/* x held between 0 and 6; a NaN stays. */
static inline float tinycl_relu6(float x)
{
    if (x > 0.0f)
        return x < 6.0f ? x : 6.0f;
    return x != x ? x : 0.0f;
}

/* Whether one of n samples trains: `trained` is not 0; without the tensor all of them do. */
static inline int tinycl_any_trains(const int32_t *trained, int32_t n)
{
    int any = trained == 0;

    for (int32_t i = 0; !any && i < n; i++)
        any = trained[i] != 0;
    return any;
}

/* A later value takes a maximum's place if it is greater, or the first NaN. */
static inline int tinycl_beats(float later, float best)
{
    return later > best || (later != later && best == best);
}

/* What slides over what: stride (rows, columns), zeros above and left of the image.
 *
 * A sum whose terms do not fit into memory at once is made in several calls, each with the next part
 * of the terms, in order: where `resume` is not 0, the sums go on from what the output holds. A bias
 * belongs to the last call. The sparse kernels do not read it. */
struct tinycl_conv2d_shape {
    int32_t n, ci, h, w, co, kh, kw, ho, wo, stride_h, stride_w, pad_top, pad_left, resume;
};
struct tinycl_depthwise_shape {
    int32_t n, c, h, w, kh, kw, ho, wo, stride_h, stride_w, pad_top, pad_left, resume;
};
struct tinycl_pointwise_shape {
    int32_t n, ci, co, h, w, resume;
};
struct tinycl_linear_shape {
    int32_t n, fi, fo, resume;
};
struct tinycl_pool_shape {
    int32_t n, c, h, w, kh, kw, ho, wo, stride_h, stride_w, pad_top, pad_left;
};
struct tinycl_softmax_shape {
    int32_t n, classes;
};

/* x (n, ci, h, w), w (co, ci, kh, kw), bias (co), y (n, co, ho, wo) */
void tinycl_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                           const struct tinycl_conv2d_shape *s, int core, int cores);
void tinycl_conv2d_weight_grad(const float *x, const float *dy, float *dw,
                               const struct tinycl_conv2d_shape *s, int core, int cores);
/* Reads n, co, ho, wo of the shape; serves depthwise and pointwise too. */
void tinycl_conv2d_bias_grad(const float *dy, float *db, const struct tinycl_conv2d_shape *s,
                             int core, int cores);
void tinycl_conv2d_input_grad(const float *w, const float *dy, float *dx,
                              const struct tinycl_conv2d_shape *s, int core, int cores);

/* x (n, c, h, w), w (c, kh, kw), bias (c), y (n, c, ho, wo) */
void tinycl_depthwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_depthwise_shape *s, int core, int cores);
void tinycl_depthwise_weight_grad(const float *x, const float *dy, float *dw,
                                  const struct tinycl_depthwise_shape *s, int core, int cores);
void tinycl_depthwise_input_grad(const float *w, const float *dy, float *dx,
                                 const struct tinycl_depthwise_shape *s, int core, int cores);

/* x (n, ci, h, w), w (co, ci), bias (co), y (n, co, h, w) */
void tinycl_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_pointwise_shape *s, int core, int cores);
void tinycl_pointwise_weight_grad(const float *x, const float *dy, float *dw,
                                  const struct tinycl_pointwise_shape *s, int core, int cores);
void tinycl_pointwise_input_grad(const float *w, const float *dy, float *dx,
                                 const struct tinycl_pointwise_shape *s, int core, int cores);

/* x (n, fi), w (fo, fi), bias (fo), y (n, fo) */
void tinycl_linear_forward(const float *x, const float *w, const float *bias, float *y,
                           const struct tinycl_linear_shape *s, int core, int cores);
void tinycl_linear_weight_grad(const float *x, const float *dy, float *dw,
                               const struct tinycl_linear_shape *s, int core, int cores);
void tinycl_linear_bias_grad(const float *dy, float *db, const struct tinycl_linear_shape *s,
                             int core, int cores);
void tinycl_linear_input_grad(const float *w, const float *dy, float *dx,
                              const struct tinycl_linear_shape *s, int core, int cores);

/* Activations, element by element. The gradient of sigmoid takes its output y. */
void tinycl_relu_forward(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_relu_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                            int core, int cores);
void tinycl_relu6_forward(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_relu6_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                             int core, int cores);
void tinycl_hard_swish_forward(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_hard_swish_input_grad(const float *x, const float *dy, float *dx, int32_t count,
                                  int core, int cores);
void tinycl_sigmoid_forward(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_sigmoid_input_grad(const float *y, const float *dy, float *dx, int32_t count,
                               int core, int cores);

/* x (n, c, h, w), y (n, c, ho, wo), index (n, c, ho, wo): the place h*W + w that won.
 * Each padding is smaller than the kernel, so that each window covers some of the image. */
void tinycl_max_pool_forward(const float *x, float *y, int32_t *index,
                             const struct tinycl_pool_shape *s, int core, int cores);
void tinycl_max_pool_input_grad(const float *dy, const int32_t *index, float *dx,
                                const struct tinycl_pool_shape *s, int core, int cores);
void tinycl_avg_pool_forward(const float *x, float *y, const struct tinycl_pool_shape *s,
                             int core, int cores);
void tinycl_avg_pool_input_grad(const float *dy, float *dx, const struct tinycl_pool_shape *s,
                                int core, int cores);

/* (n, c, h, w) and (n, c*h*w) have the same elements in the same order. */
void tinycl_flatten_forward(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_flatten_input_grad(const float *dy, float *dx, int32_t count, int core, int cores);

/* z, p, dz (n, classes), target (n) from 0 to classes-1, loss (n).
 * `batch` is the number of samples in the whole accumulated batch, not only in this call. */
void tinycl_softmax_cross_entropy_forward(const float *z, const int32_t *target, float *p,
                                          float *loss, const struct tinycl_softmax_shape *s,
                                          int core, int cores);
void tinycl_softmax_cross_entropy_input_grad(const float *p, const int32_t *target, float *dz,
                                             const struct tinycl_softmax_shape *s, int32_t batch,
                                             int core, int cores);
/* y, t, dy (n, features), loss (n) */
void tinycl_mean_squared_error_forward(const float *y, const float *t, float *loss, int32_t n,
                                       int32_t features, int core, int cores);
void tinycl_mean_squared_error_input_grad(const float *y, const float *t, float *dy, int32_t n,
                                          int32_t features, int32_t batch, int core, int cores);
/* x (n), y one element: the sum of x divided by `count`. */
void tinycl_mean(const float *x, float *y, int32_t n, int32_t count, int core, int cores);

/* Optimisers update w, velocity, m and v in place; nothing changes where no sample of trained (n)
 * trains. */
struct tinycl_sgd_rates {
    float lr, momentum, weight_decay;
};
void tinycl_sgd(float *w, const float *g, float *velocity, const int32_t *trained, int32_t n,
                const struct tinycl_sgd_rates *r, int32_t count, int core, int cores);
struct tinycl_adam_rates {
    float lr, beta1, beta2, eps, weight_decay;
};
/* correction (2) = 1 - beta1^t, 1 - beta2^t at step t = 1, 2, ... */
void tinycl_adam(float *w, const float *g, float *m, float *v, const float *correction,
                 const int32_t *trained, int32_t n, const struct tinycl_adam_rates *r,
                 int32_t count, int core, int cores);

/* Element by element; accumulate and clear work in place. */
void tinycl_accumulate(float *total, const float *x, int32_t count, int core, int cores);
void tinycl_copy(const float *x, float *y, int32_t count, int core, int cores);
void tinycl_clear(float *x, int32_t count, int core, int cores);
void tinycl_add(const float *a, const float *b, float *y, int32_t count, int core, int cores);
void tinycl_sub(const float *a, const float *b, float *y, int32_t count, int core, int cores);
void tinycl_mul(const float *a, const float *b, float *y, int32_t count, int core, int cores);
void tinycl_div(const float *a, const float *b, float *y, int32_t count, int core, int cores);
void tinycl_mac(const float *a, const float *b, const float *c, float *y, int32_t count,
                int core, int cores);
void tinycl_sqrt(const float *a, float *y, int32_t count, int core, int cores);
void tinycl_exp_each(const float *a, float *y, int32_t count, int core, int cores);
void tinycl_log_each(const float *a, float *y, int32_t count, int core, int cores);
/* y: 1 less, 2 equal, 4 greater, 0 unordered */
void tinycl_compare(const float *a, const float *b, int32_t *y, int32_t count, int core, int cores);

#endif
