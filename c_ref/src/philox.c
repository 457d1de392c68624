/* Philox4x32-10: random numbers addressed by (seed, stream, index).
 *
 * key = (seed low word, seed high word); counter = (block low, block high, stream low, stream high).
 * Word i of a stream is word i % 4 of block i / 4. Nothing is kept between calls.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#include "tinycl_num.h"

#define ROUNDS 10

void tinycl_philox_block(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t even = (uint64_t)c0 * UINT32_C(0xd2511f53);
        uint64_t odd = (uint64_t)c2 * UINT32_C(0xcd9e8d57);
        c0 = (uint32_t)(odd >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)odd;
        c2 = (uint32_t)(even >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)even;
        k0 += UINT32_C(0x9e3779b9);
        k1 += UINT32_C(0xbb67ae85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* The block that holds word `index` of a stream. */
static void block_of(uint32_t out[4], uint64_t seed, uint64_t stream, uint64_t index)
{
    uint64_t block = index / 4;
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32),
                                 (uint32_t)stream, (uint32_t)(stream >> 32)};
    tinycl_philox_block(out, counter, key);
}

void tinycl_philox_words(uint32_t *out, uint64_t seed, uint64_t stream, uint64_t start,
                         uint32_t count)
{
    uint32_t block[4];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t index = start + i;
        if (i == 0 || index % 4 == 0)
            block_of(block, seed, stream, index);
        out[i] = block[index % 4];
    }
}

void tinycl_uniform(float *out, uint64_t seed, uint64_t stream, uint64_t start, uint32_t count)
{
    uint32_t block[4];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t index = start + i;
        if (i == 0 || index % 4 == 0)
            block_of(block, seed, stream, index);
        out[i] = (float)(block[index % 4] >> 8) * 0x1p-24f;  /* both steps are exact */
    }
}

/* (u * bound) >> 64 for u = words 2 index (low) and 2 index + 1 (high). */
static uint32_t bounded(uint32_t bound, uint64_t seed, uint64_t stream, uint64_t index)
{
    uint32_t block[4];
    block_of(block, seed, stream, 2 * index);
    uint64_t low = block[2 * index % 4], high = block[2 * index % 4 + 1];
    return (uint32_t)((high * bound + (low * bound >> 32)) >> 32);
}

void tinycl_integers(uint32_t *out, uint32_t bound, uint64_t seed, uint64_t stream,
                     uint64_t start, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = bounded(bound, seed, stream, start + i);
}

void tinycl_permutation(int32_t *out, uint32_t n, uint64_t seed, uint64_t stream)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int32_t)i;
    /* Fisher-Yates: entry i is swapped with an entry j <= i. */
    for (uint32_t i = n; i-- > 1;) {
        uint32_t j = bounded(i + 1, seed, stream, i);
        int32_t kept = out[i];
        out[i] = out[j];
        out[j] = kept;
    }
}
