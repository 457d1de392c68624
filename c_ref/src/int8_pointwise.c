/* y = w x + bias in whole numbers at each place of the image, scaled back to bytes
 *
 * x (n, ci, h, w), w (co, ci), bias, multiplier and shift (co), y (n, co, h, w)
 * Sums (x - zero) * w modulo 2^32 from the bias on. */
#include "tinycl_int8.h"

void tinycl_int8_pointwise(const uint8_t *x, const int8_t *w, const struct tinycl_int8_scales *to,
                           uint8_t *y, const struct tinycl_pointwise_shape *s, int core, int cores)
{
    const int32_t area = s->h * s->w;
    const struct tinycl_range mine = tinycl_share(s->n * s->co * area, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++) {
        const int32_t co = i / area % s->co;
        const uint8_t *pixel = x + i / area / s->co * s->ci * area + i % area;
        uint32_t sum = (uint32_t)to->bias[co];

        for (int32_t ci = 0; ci < s->ci; ci++)
            sum += (uint32_t)((pixel[ci * area] - to->zeros[0]) * w[co * s->ci + ci]);
        y[i] = tinycl_rescaled(sum, to->multiplier[co], to->shift[co], to->zeros[1]);
    }
}
