/* A pointwise convolution that computes four neighbouring places at a time
 *
 * The order of the outputs is free, that within a sum is not: each of the four sums runs over ci
 * from +0.0, or from what y holds where s->resume says so, as the reference's does, so the bits are the
 * reference's. A weight is loaded once for four places, and no index is divided. Cores share the rows
 * (n, co). */
#include "tinycl.h"

/* The sum of one place, which goes on from `sum`: x (ci, area), w (ci) */
static float one(const float *x, const float *w, float sum, int32_t ci, int32_t area)
{
    for (int32_t i = 0; i < ci; i++, x += area)
        sum = __builtin_fmaf(*x, w[i], sum);
    return sum;
}

/* The sums of four places, y (4), which go on from what y holds */
static void four(const float *x, const float *w, float *y, int32_t ci, int32_t area)
{
    float a = y[0], b = y[1], c = y[2], d = y[3];

    for (int32_t i = 0; i < ci; i++, x += area) {
        a = __builtin_fmaf(x[0], w[i], a);
        b = __builtin_fmaf(x[1], w[i], b);
        c = __builtin_fmaf(x[2], w[i], c);
        d = __builtin_fmaf(x[3], w[i], d);
    }
    y[0] = a;
    y[1] = b;
    y[2] = c;
    y[3] = d;
}

void tinycl_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->n * s->co, core, cores);

    for (int32_t row = mine.begin; row < mine.end; row++) {
        const int32_t n = row / s->co, co = row % s->co;
        const float *image = x + n * s->ci * area, *weights = w + co * s->ci;
        float *out = y + row * area;
        int32_t place = 0;

        for (; !s->resume && place < area; place++)
            out[place] = 0.0f;
        for (place = 0; place + 4 <= area; place += 4)
            four(image + place, weights, out + place, s->ci, area);
        for (; place < area; place++)
            out[place] = one(image + place, weights, out[place], s->ci, area);
        for (place = 0; bias && place < area; place++)
            out[place] += bias[co];
    }
}
