/* index = the places of the largest magnitudes of each row
 *
 * a (rows, m), wanted (rows) or NULL, count (rows), index (rows, cap)
 * count is cap, or wanted where that is less. Magnitudes compare as the bits of |a|, all NaNs as
 * one value above Inf. Behind the survivors, index holds -1. A core has some of the rows.
 *
 * Ascending: of equal magnitudes the lower places survive; they are listed by place.
 * Heap: what a min-heap over one pass leaves, in its order; the children of position p are 2p + 1
 * and 2p + 2. A later entry takes the root's place only if it is strictly larger.
 * Neither needs memory besides `index` and a few words of stack. */
#include "tinycl_sparse.h"

#define DIGIT 4 /* bits */

/* The k-th largest key, digit by digit from the highest; `equal`: how many of that key survive.
 * Of the keys that begin as the wanted one does, each pass counts those with each next digit. */
static uint32_t threshold(const float *a, int32_t m, int32_t k, int32_t *equal)
{
    uint32_t key = 0;

    for (int shift = 32 - DIGIT; shift >= 0; shift -= DIGIT) {
        const uint32_t above = ~((UINT32_C(1) << shift << DIGIT) - 1); /* none at first */
        int32_t found[1 << DIGIT];
        uint32_t digit;

        for (digit = 0; digit < 1 << DIGIT; digit++)
            found[digit] = 0;
        for (int32_t i = 0; i < m; i++) {
            const uint32_t magnitude = tinycl_magnitude(a[i]);
            if ((magnitude & above) == key)
                found[magnitude >> shift & ((1 << DIGIT) - 1)]++;
        }
        for (digit = (1 << DIGIT) - 1; found[digit] < k; digit--)
            k -= found[digit];
        key |= digit << shift;
    }
    *equal = k;
    return key;
}

/* 0 < k < m */
static void ascending(const float *a, int32_t m, int32_t *index, int32_t k)
{
    int32_t equal, next = 0;
    const uint32_t key = threshold(a, m, k, &equal);

    for (int32_t i = 0; i < m; i++) {
        const uint32_t magnitude = tinycl_magnitude(a[i]);
        if (magnitude > key || (magnitude == key && equal-- > 0))
            index[next++] = i;
    }
}

/* Moves an entry down while its smaller child, the left one if they are equal, is smaller. */
static void sift_down(const float *a, int32_t *heap, int32_t k, int32_t position)
{
    while (position < k / 2) {
        const int32_t left = 2 * position + 1, right = left + 1;
        int32_t child = left;

        if (right < k && tinycl_magnitude(a[heap[left]]) > tinycl_magnitude(a[heap[right]]))
            child = right;
        if (!(tinycl_magnitude(a[heap[child]]) < tinycl_magnitude(a[heap[position]])))
            return;

        const int32_t moved = heap[position];
        heap[position] = heap[child];
        heap[child] = moved;
        position = child;
    }
}

/* 0 < k < m */
static void min_heap(const float *a, int32_t m, int32_t *heap, int32_t k)
{
    for (int32_t i = 0; i < k; i++)
        heap[i] = i;
    for (int32_t position = k / 2; position >= 0; position--)
        sift_down(a, heap, k, position);
    for (int32_t i = k; i < m; i++)
        if (tinycl_magnitude(a[i]) > tinycl_magnitude(a[heap[0]])) {
            heap[0] = i;
            sift_down(a, heap, k, 0);
        }
}

static void select_row(const float *a, int32_t m, int32_t *index, int32_t k,
                       enum tinycl_order order)
{
    if (k == m)
        for (int32_t i = 0; i < m; i++)
            index[i] = i;
    else if (k > 0 && order == TINYCL_HEAP)
        min_heap(a, m, index, k);
    else if (k > 0)
        ascending(a, m, index, k);
}

void tinycl_top_k(const float *a, const int32_t *wanted, int32_t *count, int32_t *index,
                  int32_t rows, int32_t m, int32_t cap, enum tinycl_order order, int core,
                  int cores)
{
    const struct tinycl_range mine = tinycl_share(rows, core, cores);

    for (int32_t row = mine.begin; row < mine.end; row++) {
        const int32_t asked = wanted && wanted[row] < cap ? wanted[row] : cap;
        const int32_t k = asked > 0 ? asked : 0;

        select_row(a + row * m, m, index + row * cap, k, order);
        for (int32_t i = k; i < cap; i++)
            index[row * cap + i] = -1;
        count[row] = k;
    }
}
