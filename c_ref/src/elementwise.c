/* The operators themselves, element by element: one rounding each. All tensors (count). */
#include "tinycl.h"
#include "tinycl_num.h"

void tinycl_accumulate(float *total, const float *x, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        total[i] = total[i] + x[i];
}

void tinycl_copy(const float *x, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = x[i];
}

void tinycl_clear(float *x, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        x[i] = 0.0f;
}

void tinycl_add(const float *a, const float *b, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = a[i] + b[i];
}

void tinycl_sub(const float *a, const float *b, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = a[i] - b[i];
}

void tinycl_mul(const float *a, const float *b, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = a[i] * b[i];
}

void tinycl_div(const float *a, const float *b, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = a[i] / b[i];
}

void tinycl_mac(const float *a, const float *b, const float *c, float *y, int32_t count,
                int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = __builtin_fmaf(a[i], b[i], c[i]);
}

void tinycl_sqrt(const float *a, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = __builtin_sqrtf(a[i]);
}

void tinycl_exp_each(const float *a, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = tinycl_exp(a[i]);
}

void tinycl_log_each(const float *a, float *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = tinycl_log(a[i]);
}

/* 1 less, 2 equal, 4 greater, 0 unordered: what a NaN is to everything. */
void tinycl_compare(const float *a, const float *b, int32_t *y, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        y[i] = a[i] < b[i] ? 1 : a[i] == b[i] ? 2 : a[i] > b[i] ? 4 : 0;
}
