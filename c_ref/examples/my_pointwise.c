/* A pointwise convolution that walks along the image, eight places at a time
 *
 * The order of the outputs is free, that within a sum is not: each of the eight sums runs over ci
 * from +0.0, as the reference's does, so the bits are the reference's. A weight is loaded once for
 * eight places, and no index is divided in the loop. Where the width is a constant, the sums stay
 * in registers. Cores share the rows (n, co). */
#include "tinycl.h"

enum { TILE = 8 };

/* y (width) = the sum over ci of w (ci) and x (ci, area), width at most TILE */
static void tile(const float *x, const float *w, float bias, int has_bias, float *y, int32_t ci,
                 int32_t area, int32_t width)
{
    float sums[TILE] = {0.0f};

    for (int32_t i = 0; i < ci; i++)
        for (int32_t p = 0; p < width; p++)
            sums[p] = __builtin_fmaf(x[i * area + p], w[i], sums[p]);
    for (int32_t p = 0; p < width; p++)
        y[p] = has_bias ? sums[p] + bias : sums[p];
}

void tinycl_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                              const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->n * s->co, core, cores);

    for (int32_t row = mine.begin; row < mine.end; row++) {
        const int32_t n = row / s->co, co = row % s->co;
        const float *image = x + n * s->ci * area, *weights = w + co * s->ci;
        const float b = bias ? bias[co] : 0.0f;
        int32_t place = 0;

        for (; place + TILE <= area; place += TILE)
            tile(image + place, weights, b, bias != 0, y + row * area + place, s->ci, area, TILE);
        if (place < area)
            tile(image + place, weights, b, bias != 0, y + row * area + place, s->ci, area,
                 area - place);
    }
}
