/* Numbers that every target must agree on: exp, log and the random generator.
 * The Python twins are tinycl/num/explog.py and tinycl/num/generator.py. */
#ifndef TINYCL_NUM_H
#define TINYCL_NUM_H

#include <stdint.h>

/* Correctly rounded (nearest even, subnormals included), in integer arithmetic only.
 * Every NaN result is 0x7fc00000. */
float tinycl_exp(float x);
float tinycl_log(float x); /* log(0) = -Inf for both zeros, log(1) = +0, log(negative) = NaN */

/* One block of Philox4x32-10. */
void tinycl_philox_block(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* Items start .. start+count-1 of stream (seed, stream). Stateless: an item depends on its index
 * alone. start + count must not exceed 2^64 (2^63 for tinycl_integers). */
void tinycl_philox_words(uint32_t *out, uint64_t seed, uint64_t stream, uint64_t start,
                         uint32_t count);
/* (word >> 8) * 2^-24, in [0, 1). */
void tinycl_uniform(float *out, uint64_t seed, uint64_t stream, uint64_t start, uint32_t count);
/* (u * bound) >> 64 with u = words 2i (low) and 2i+1 (high); 1 <= bound. Bias below 2^-32. */
void tinycl_integers(uint32_t *out, uint32_t bound, uint64_t seed, uint64_t stream,
                     uint64_t start, uint32_t count);
/* Fisher-Yates shuffle of 0 .. n-1, n < 2^31. */
void tinycl_permutation(int32_t *out, uint32_t n, uint64_t seed, uint64_t stream);

#endif
