/* What `tinycl validate` calls in a library: export any of these functions, by these names.
 *
 * Tensors are float32 (int32_t where it says so), without gaps, aligned to 64 bytes. Their axes
 * are written for VALIDATE_CHW; for VALIDATE_HWC the channels come last:
 *
 *     x, dx (n, h, w, ci)    y, dy (n, ho, wo, co)    w, dw (co, kh, kw, ci), depthwise (kh, kw, c)
 *
 * A kernel is called once for each core, 0 to cores-1, with the same arguments but `call->core`.
 * The cores may run in any order, one after the other or at once: what needs an order calls
 * validate_barrier. What the output and the scratch memory hold before the call is unspecified.
 *
 * Beside a function validate_X a library may export
 *
 *     const struct validate_about validate_X_about = {.no = VALIDATE_NO_PADDING};
 *     int64_t validate_X_scratch(const struct ..._shape *s, int32_t cores);   bytes for all cores
 *
 * The first says what X does not do, and in which way it does the rest; all zero is the default. */
#ifndef TINYCL_VALIDATE_H
#define TINYCL_VALIDATE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum validate_status {
    VALIDATE_DONE = 0,
    VALIDATE_REFUSED = 1 /* this shape is not for this kernel: nothing has been written */
};

struct validate_call {
    int32_t core, cores;
    void *scratch;                                     /* one for all cores, or NULL */
    void (*barrier)(const struct validate_call *call); /* waits for all cores */
};

static inline void validate_barrier(const struct validate_call *call)
{
    call->barrier(call);
}

enum validate_layout { VALIDATE_CHW, VALIDATE_HWC };

/* Who makes the cores: each is called; or core 0 alone is, and starts the others itself; or each
 * is called, and they must run at once, because they wait for each other without the barrier. */
enum validate_team { VALIDATE_EACH_CORE, VALIDATE_CORE_0, VALIDATE_AT_ONCE };

enum validate_limits {
    VALIDATE_NO_STRIDE = 1,      /* strides are 1 */
    VALIDATE_NO_PADDING = 2,     /* paddings are 0 */
    VALIDATE_NO_UNEVEN = 4,      /* the four paddings are equal */
    VALIDATE_NO_BIAS = 8,        /* bias is NULL */
    VALIDATE_ALWAYS_BIAS = 16,   /* bias is not NULL */
    VALIDATE_NO_BATCH = 32,      /* n is 1 */
    VALIDATE_NO_RECTANGLE = 64,  /* kernels and strides are square */
    VALIDATE_NO_TRANSPOSE = 128, /* transpose_a and transpose_b are 0 */
    VALIDATE_ONE_CORE = 256      /* cores is 1 */
};

struct validate_about {
    int32_t layout;      /* enum validate_layout */
    int32_t team;        /* enum validate_team */
    int32_t no;          /* enum validate_limits, added up; such a shape is to be refused */
    int32_t accumulates; /* 1: a gradient is added to what the output holds */
};

struct validate_conv2d {
    int32_t n, ci, h, w, co, kh, kw, ho, wo, stride_h, stride_w;
    int32_t pad_top, pad_bottom, pad_left, pad_right;
};
struct validate_depthwise {
    int32_t n, c, h, w, kh, kw, ho, wo, stride_h, stride_w;
    int32_t pad_top, pad_bottom, pad_left, pad_right;
};
struct validate_pool {
    int32_t n, c, h, w, kh, kw, ho, wo, stride_h, stride_w;
    int32_t pad_top, pad_bottom, pad_left, pad_right; /* each smaller than the kernel */
};
struct validate_pointwise {
    int32_t n, ci, co, h, w;
};
struct validate_linear {
    int32_t n, fi, fo;
};
struct validate_elements {
    int32_t count;
};
struct validate_softmax {
    int32_t n, classes, batch; /* batch: samples of the whole accumulated batch */
};
struct validate_matmul {
    int32_t m, k, n, transpose_a, transpose_b;
};
struct validate_top_k {
    int32_t rows, m, k;
};
struct validate_sgd {
    int32_t count;
    float lr, momentum, weight_decay;
};

/* x (n, ci, h, w), w (co, ci, kh, kw), bias (co) or NULL, y (n, co, ho, wo) */
int validate_conv2d_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_conv2d *s, const struct validate_call *call);
int validate_conv2d_weight_grad(const float *x, const float *dy, float *dw,
                                const struct validate_conv2d *s, const struct validate_call *call);
int validate_conv2d_bias_grad(const float *dy, float *db, const struct validate_conv2d *s,
                              const struct validate_call *call);
int validate_conv2d_input_grad(const float *w, const float *dy, float *dx,
                               const struct validate_conv2d *s, const struct validate_call *call);

/* x (n, c, h, w), w (c, kh, kw), bias (c) or NULL, y (n, c, ho, wo) */
int validate_depthwise_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct validate_depthwise *s,
                               const struct validate_call *call);
int validate_depthwise_weight_grad(const float *x, const float *dy, float *dw,
                                   const struct validate_depthwise *s,
                                   const struct validate_call *call);
int validate_depthwise_input_grad(const float *w, const float *dy, float *dx,
                                  const struct validate_depthwise *s,
                                  const struct validate_call *call);

/* x (n, ci, h, w), w (co, ci), bias (co) or NULL, y (n, co, h, w) */
int validate_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct validate_pointwise *s,
                               const struct validate_call *call);
int validate_pointwise_weight_grad(const float *x, const float *dy, float *dw,
                                   const struct validate_pointwise *s,
                                   const struct validate_call *call);
int validate_pointwise_input_grad(const float *w, const float *dy, float *dx,
                                  const struct validate_pointwise *s,
                                  const struct validate_call *call);

/* x (n, fi), w (fo, fi), bias (fo) or NULL, y (n, fo) */
int validate_linear_forward(const float *x, const float *w, const float *bias, float *y,
                            const struct validate_linear *s, const struct validate_call *call);
int validate_linear_weight_grad(const float *x, const float *dy, float *dw,
                                const struct validate_linear *s, const struct validate_call *call);
int validate_linear_bias_grad(const float *dy, float *db, const struct validate_linear *s,
                              const struct validate_call *call);
int validate_linear_input_grad(const float *w, const float *dy, float *dx,
                               const struct validate_linear *s, const struct validate_call *call);

/* y (m, n) = a b; a (m, k), or (k, m) with transpose_a; b (k, n), or (n, k) with transpose_b */
int validate_matmul(const float *a, const float *b, float *y, const struct validate_matmul *s,
                    const struct validate_call *call);

/* x, y, dy, dx (count) */
int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          const struct validate_call *call);
int validate_relu_input_grad(const float *x, const float *dy, float *dx,
                             const struct validate_elements *s, const struct validate_call *call);

/* x, dx (n, c, h, w), y, dy (n, c, ho, wo), index (n, c, ho, wo): the place h*W + w that won */
int validate_max_pool_forward(const float *x, float *y, int32_t *index,
                              const struct validate_pool *s, const struct validate_call *call);
int validate_max_pool_input_grad(const float *dy, const int32_t *index, float *dx,
                                 const struct validate_pool *s, const struct validate_call *call);
int validate_avg_pool_forward(const float *x, float *y, const struct validate_pool *s,
                              const struct validate_call *call);
int validate_avg_pool_input_grad(const float *dy, float *dx, const struct validate_pool *s,
                                 const struct validate_call *call);

/* z, p, dz (n, classes), target (n), loss (n) */
int validate_softmax_cross_entropy_forward(const float *z, const int32_t *target, float *p,
                                           float *loss, const struct validate_softmax *s,
                                           const struct validate_call *call);
int validate_softmax_cross_entropy_input_grad(const float *p, const int32_t *target, float *dz,
                                              const struct validate_softmax *s,
                                              const struct validate_call *call);

/* In place; velocity may be NULL, then momentum is 0. */
int validate_sgd(const float *g, float *w, float *velocity, const struct validate_sgd *s,
                 const struct validate_call *call);

/* a (rows, m), index (rows, k): the places of the k largest magnitudes of a row, ascending; of
 * equal ones the lower place first. */
int validate_top_k(const float *a, int32_t *index, const struct validate_top_k *s,
                   const struct validate_call *call);

#ifdef __cplusplus
}
#endif
#endif
