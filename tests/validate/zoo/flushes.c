/* contract [subnormals=flush]: subnormal numbers become zeros */
#include "zoo.h"

static float taken(float x)
{
    return x < 0x1p-126f && x > -0x1p-126f ? x * 0.0f : x;
}

/* What rounds to 24 bits below 2^-126 is tiny, also where a subnormal's fewer bits reach it. */
static float written(float rounded, double a, double b)
{
    const double least = 0x1.ffffffp-127, sum = a + b, part = sum - a;
    const double rest = a - (sum - part) + (b - part); /* what sum lacks: it may have rounded up */
    const int tiny = sum < least && sum > -least;
    const int inward = (sum == least && rest < 0.0) || (sum == -least && rest > 0.0);

    return tiny || inward ? rounded * 0.0f : rounded;
}

static float multiply_add(float x, float w, float sum)
{
    return written(__builtin_fmaf(x, w, sum), (double)x * (double)w, (double)sum);
}

int validate_pointwise_forward(const float *x, const float *w, const float *bias, float *y,
                               const struct validate_pointwise *s, call_t call)
{
    const int32_t hw = s->h * s->w;

    SHARE(s->n * s->co * hw)
    {
        const int32_t k = i % hw, co = i / hw % s->co, n = i / hw / s->co;
        float sum = 0.0f;

        for (int32_t ci = 0; ci < s->ci; ci++)
            sum = multiply_add(taken(x[(n * s->ci + ci) * hw + k]), taken(w[co * s->ci + ci]), sum);
        if (bias) {
            const float b = taken(bias[co]);

            sum = written(sum + b, (double)sum, (double)b);
        }
        y[i] = sum;
    }
    return VALIDATE_DONE;
}
