/* std = sqrt(var + eps). var, std (count) */
#include "tinycl.h"
#include "tinycl_norm.h"

void tinycl_deviation(const float *var, float *std, float eps, int32_t count, int core, int cores)
{
    const struct tinycl_range mine = tinycl_share(count, core, cores);

    for (int32_t i = mine.begin; i < mine.end; i++)
        std[i] = __builtin_sqrtf(var[i] + eps);
}
