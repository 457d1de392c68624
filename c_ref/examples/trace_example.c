/* Two steps of training on one core, each tensor told by its hash
 *
 * It trains the net of the golden case training/linear_sgd_plain, whose inputs come from a header:
 *
 *     tinycl export training/linear_sgd_plain --format c --tensors 'input?*' --prefix golden \
 *         -o golden.h
 *     cc -std=c11 -ffp-contract=off -fno-math-errno -I. -Ic_ref/include -Ic_ref/trace \
 *         c_ref/examples/trace_example.c $(find c_ref/src -name '*.c') -lm -o trace_example
 *     ./trace_example > log
 *     tinycl trace diff log training/linear_sgd_plain
 *
 * With -DBUG the second step goes on with the weight gradient of the first. */
#include "golden.h"
#include "tinycl.h"
#include "tinycl_trace.h"

enum { STEPS = 2, BATCH = 2, FEATURES = 7, CLASSES = 3 };

static float weight[CLASSES * FEATURES], bias[CLASSES];
static float x[BATCH * FEATURES], y[BATCH * CLASSES], p[BATCH * CLASSES], each[BATCH], loss;
static float dz[BATCH * CLASSES], dweight[CLASSES * FEATURES], dbias[CLASSES];
static int32_t target[BATCH];

/* Floats from their bit patterns */
static void load(float *to, const uint32_t *bits, int count)
{
    for (int i = 0; i < count; i++)
        __builtin_memcpy(to + i, bits + i, 4);
}

static void step(int now)
{
    const struct tinycl_linear_shape linear = {.n = BATCH, .fi = FEATURES, .fo = CLASSES};
    const struct tinycl_softmax_shape softmax = {.n = BATCH, .classes = CLASSES};
    const struct tinycl_sgd_rates rates = {.lr = 0.1f};

    load(x, golden_input_x + now * BATCH * FEATURES, BATCH * FEATURES);
    for (int i = 0; i < BATCH; i++)
        target[i] = golden_input_target[now * BATCH + i];
    TINYCL_TRACE(now, "input", "x", x, BATCH * FEATURES);
    TINYCL_TRACE(now, "input", "target", target, BATCH);

    tinycl_linear_forward(x, weight, bias, y, &linear, 0, 1);
    TINYCL_TRACE(now, "linear_forward", "linear0.y", y, BATCH * CLASSES);
    tinycl_softmax_cross_entropy_forward(y, target, p, each, &softmax, 0, 1);
    TINYCL_TRACE(now, "softmax_cross_entropy_forward", "loss.p", p, BATCH * CLASSES);
    TINYCL_TRACE(now, "softmax_cross_entropy_forward", "loss.each", each, BATCH);
    loss = (each[0] + each[1]) / (float)BATCH;
    TINYCL_TRACE(now, "mean", "loss", &loss, 1);
    tinycl_softmax_cross_entropy_input_grad(p, target, dz, &softmax, BATCH, 0, 1);
    TINYCL_TRACE(now, "softmax_cross_entropy_input_grad", "loss.dz", dz, BATCH * CLASSES);
#ifdef BUG
    if (now == 0)
#endif
        tinycl_linear_weight_grad(x, dz, dweight, &linear, 0, 1);
    TINYCL_TRACE(now, "linear_weight_grad", "linear0.dweight", dweight, CLASSES * FEATURES);
    tinycl_linear_bias_grad(dz, dbias, &linear, 0, 1);
    TINYCL_TRACE(now, "linear_bias_grad", "linear0.dbias", dbias, CLASSES);
    tinycl_sgd(weight, dweight, NULL, NULL, BATCH, &rates, CLASSES * FEATURES, 0, 1);
    TINYCL_TRACE(now, "sgd", "linear0.weight", weight, CLASSES * FEATURES);
    tinycl_sgd(bias, dbias, NULL, NULL, BATCH, &rates, CLASSES, 0, 1);
    TINYCL_TRACE(now, "sgd", "linear0.bias", bias, CLASSES);
}

int main(void)
{
    load(weight, golden_input_linear0_weight, CLASSES * FEATURES);
    load(bias, golden_input_linear0_bias, CLASSES);
    for (int now = 0; now < STEPS; now++)
        step(now);
    return 0;
}
