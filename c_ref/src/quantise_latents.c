/* packed = x / scale in whole steps of `bits` bits each, without gaps
 *
 * x (n, each), scale one element, packed (n, ceil(each * bits / 8))
 * Element i has the bits i * bits and up of its sample, the lowest bit of a byte first. Eight
 * elements take `bits` whole bytes: cores share groups of eight. */
#include "tinycl_replay.h"

/* To the nearest step, ties to even; below 2^23 the sum has no fraction. 0 for a NaN. */
static uint32_t level(float x, float scale, float top)
{
    const float ratio = x / scale;

    if (!(ratio > 0.0f) || scale == 0.0f)
        return 0;
    return (uint32_t)(ratio < top ? (ratio + 0x1p23f) - 0x1p23f : top);
}

void tinycl_quantise_latents(const float *x, const float *scale, uint8_t *packed,
                             const struct tinycl_latents_shape *s, int core, int cores)
{
    const int32_t groups = (s->each - 1) / 8 + 1, row = tinycl_packed_bytes(s->each, s->bits);
    const struct tinycl_range mine = tinycl_share(s->n * groups, core, cores);
    const float top = (float)((1 << s->bits) - 1);

    for (int32_t g = mine.begin; g < mine.end; g++) {
        const float *sample = x + g / groups * s->each;
        uint8_t *to = packed + g / groups * row + g % groups * s->bits;
        const int32_t first = g % groups * 8, left = s->each - first;
        uint32_t word = 0;
        int filled = 0;

        for (int32_t i = first; i < first + (left < 8 ? left : 8); i++) {
            word |= level(sample[i], *scale, top) << filled;
            filled += s->bits;
            for (; filled >= 8; filled -= 8, word >>= 8)
                *to++ = (uint8_t)word;
        }
        if (filled > 0)
            *to = (uint8_t)word;
    }
}
