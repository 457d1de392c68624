/* Normalisation and its gradients, squeeze-excite, dropout. As in tinycl.h: NCHW, all cores call
 * with the same arguments but `core`, default contract. */
#ifndef TINYCL_NORM_H
#define TINYCL_NORM_H

#include <stdint.h>

/* n samples of c channels of `area` positions: h*w, or 1 for (n, c). */
struct tinycl_norm_shape {
    int32_t n, c, area;
};
/* One number a channel each. r and d are the corrections of batch renormalisation, or NULL. */
struct tinycl_norm {
    const float *mean, *std, *gamma, *beta, *r, *d;
};

/* The normalised value of x in channel c: ((x - mean) [* r]) / std [+ d]. */
static inline float tinycl_normalised(const struct tinycl_norm *t, float x, int32_t c)
{
    float v = x - t->mean[c];

    if (t->r)
        v = v * t->r[c];
    v = v / t->std[c];
    return t->d ? v + t->d[c] : v;
}

/* dy * gamma [* r], with which a gradient goes back into channel c. */
static inline float tinycl_norm_scaled(const struct tinycl_norm *t, float dy, int32_t c)
{
    const float g = dy * t->gamma[c];

    return t->r ? g * t->r[c] : g;
}

/* x (n, c, area), mean (c), var (c): the biased variance, in a second pass. */
void tinycl_channel_moments(const float *x, float *mean, float *var,
                            const struct tinycl_norm_shape *s, int core, int cores);
/* std = sqrt(var + eps), each (count). */
void tinycl_deviation(const float *var, float *std, float eps, int32_t count, int core, int cores);
/* m = rate * (scale * value - m) + m in place, both (count). */
void tinycl_moving_average(float *m, const float *value, float rate, float scale, int32_t count,
                           int core, int cores);
/* r = std / moving_std between 1 / rmax and rmax, d = (mean - moving_mean) / moving_std between
 * -dmax and dmax, each (count). */
struct tinycl_renorm_bounds {
    float rmax, dmax;
};
void tinycl_renorm_corrections(const float *mean, const float *std, const float *moving_mean,
                               const float *moving_std, float *r, float *d,
                               const struct tinycl_renorm_bounds *bounds, int32_t count, int core,
                               int cores);

/* x, y, dy, dx (n, c, area); dgamma, dbeta (c). */
void tinycl_normalise_forward(const float *x, const struct tinycl_norm *t, float *y,
                              const struct tinycl_norm_shape *s, int core, int cores);
/* Reads mean, std, r, d. */
void tinycl_normalise_weight_grad(const float *x, const struct tinycl_norm *t, const float *dy,
                                  float *dgamma, float *dbeta, const struct tinycl_norm_shape *s,
                                  int core, int cores);
/* Reads std, gamma, r: the statistics are constants. */
void tinycl_normalise_input_grad(const struct tinycl_norm *t, const float *dy, float *dx,
                                 const struct tinycl_norm_shape *s, int core, int cores);
/* Reads mean, std, gamma, r: mean and std are those of x. */
void tinycl_batch_norm_input_grad(const float *x, const struct tinycl_norm *t, const float *dy,
                                  float *dx, const struct tinycl_norm_shape *s, int core,
                                  int cores);

/* weight and folded (c, inner), bias (c) or NULL, shift (c); reads mean, std, gamma, beta. */
void tinycl_fold_norm(const float *weight, const float *bias, const struct tinycl_norm *t,
                      float *folded, float *shift, int32_t c, int32_t inner, int core, int cores);

/* x, y, dy, dx (planes, area), s and ds (planes): a number for each channel of each sample. */
void tinycl_channel_scale_forward(const float *x, const float *s, float *y, int32_t planes,
                                  int32_t area, int core, int cores);
void tinycl_channel_scale_input_grad(const float *s, const float *dy, float *dx, int32_t planes,
                                     int32_t area, int core, int cores);
void tinycl_channel_scale_gate_grad(const float *x, const float *dy, float *ds, int32_t planes,
                                    int32_t area, int core, int cores);

/* x, y, mask (count); the gradient is tinycl_mul of dy and mask. */
struct tinycl_dropout {
    uint64_t seed, stream;
    float rate;
};
void tinycl_dropout_forward(const float *x, float *y, float *mask, const struct tinycl_dropout *s,
                            int32_t count, int core, int cores);

#endif
