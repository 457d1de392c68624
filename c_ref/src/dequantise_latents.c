/* x = steps * scale, where packed holds `bits` bits for each step
 *
 * packed (n, ceil(each * bits / 8)), scale one element, x (n, each)
 * Laid out as quantise_latents does; cores share groups of eight elements, which begin with a
 * byte. */
#include "tinycl_replay.h"

void tinycl_dequantise_latents(const uint8_t *packed, const float *scale, float *x,
                               const struct tinycl_latents_shape *s, int core, int cores)
{
    const int32_t groups = (s->each - 1) / 8 + 1, row = tinycl_packed_bytes(s->each, s->bits);
    const struct tinycl_range mine = tinycl_share(s->n * groups, core, cores);
    const uint32_t mask = (1u << s->bits) - 1;

    for (int32_t g = mine.begin; g < mine.end; g++) {
        const uint8_t *from = packed + g / groups * row + g % groups * s->bits;
        float *sample = x + g / groups * s->each;
        const int32_t first = g % groups * 8, left = s->each - first;
        uint32_t word = 0;
        int held = 0;

        for (int32_t i = first; i < first + (left < 8 ? left : 8); i++) {
            if (held < s->bits) {
                word |= (uint32_t)*from++ << held;
                held += 8;
            }
            sample[i] = (float)(word & mask) * *scale;
            word >>= s->bits;
            held -= s->bits;
        }
    }
}
