/* The operations that can be cut. An output is never split among tiles in the middle of a term;
 * where its sum is cut, it stays in local memory and goes on from there, so the bits are the same. */
#include <stddef.h>

#include "cut.h"

#define OPERATION(code, name, inputs, outputs, attr_words) void call_##name(const struct call *c);
#include "operations.inc"
#undef OPERATION

/* Element by element: one or two tensors in, one out. */
#define MAP(name)                                                                                  \
    {.run = call_##name, .outputs = "f", .sums = "", .axes = {"f", "f"}, .inputs = 1,              \
     .kernel = -1, .bias = -1}
#define ZIP(name)                                                                                  \
    {.run = call_##name, .outputs = "f", .sums = "", .axes = {"f", "f", "f"}, .inputs = 2,         \
     .kernel = -1, .bias = -1}

static const struct cut cuts[] = {
    {call_conv2d_forward, "noh", "i", {"niH.", "oi..", "o", "noh."}, 3, 1, 0, 2},
    {call_conv2d_weight_grad, "oi", "nh", {"niH.", "noh.", "oi.."}, 2, 2, 2, -1},
    {call_conv2d_input_grad, "nih", "o", {"oi..", "noY.", "nih."}, 2, 0, 2, -1},
    {call_conv2d_bias_grad, "o", "nh", {"noh.", "o"}, 1, -1, 0, -1},

    {call_depthwise_forward, "nch", "", {"ncH.", "c..", "c", "nch."}, 3, 1, 0, -1},
    {call_depthwise_weight_grad, "c", "nh", {"ncH.", "nch.", "c.."}, 2, 2, 2, -1},
    {call_depthwise_input_grad, "nch", "", {"c..", "ncY.", "nch."}, 2, 0, 2, -1},

    {call_pointwise_forward, "nohw", "i", {"nihw", "oi", "o", "nohw"}, 3, -1, 0, 2},
    {call_pointwise_weight_grad, "oi", "nh", {"nih.", "noh.", "oi"}, 2, -1, 0, -1},
    {call_pointwise_input_grad, "nihw", "o", {"oi", "nohw", "nihw"}, 2, -1, 0, -1},

    {call_linear_forward, "no", "i", {"ni", "oi", "o", "no"}, 3, -1, 0, 2},
    {call_linear_weight_grad, "oi", "n", {"ni", "no", "oi"}, 2, -1, 0, -1},
    {call_linear_input_grad, "ni", "o", {"oi", "no", "ni"}, 2, -1, 0, -1},
    {call_linear_bias_grad, "o", "n", {"no", "o"}, 1, -1, 0, -1},

    {call_avg_pool_forward, "nc", "", {"nc..", "nc.."}, 1, -1, 0, -1},
    {call_avg_pool_input_grad, "nc", "", {"nc..", "nc.."}, 1, -1, 0, -1},
    {call_max_pool_forward, "nc", "", {"nc..", "nc..", "nc.."}, 1, -1, 0, -1},
    {call_max_pool_input_grad, "nc", "", {"nc..", "nc..", "nc.."}, 2, -1, 0, -1},

    {call_channel_scale_forward, "nc", "", {"nc..", "nc..", "nc.."}, 2, -1, 0, -1},
    {call_channel_scale_input_grad, "nc", "", {"nc..", "nc..", "nc.."}, 2, -1, 0, -1},
    {call_channel_scale_gate_grad, "nc", "", {"nc..", "nc..", "nc.."}, 2, -1, 0, -1},

    {call_sgd, "f", "", {"f", "f", "f", ".", "f", "f"}, 4, -1, 0, -1},
    {call_accumulate, "f", "", {"f", "f", "f"}, 2, -1, 0, -1},
    ZIP(add),
    ZIP(sub),
    ZIP(mul),
    MAP(relu_forward),
    ZIP(relu_input_grad),
    MAP(relu6_forward),
    ZIP(relu6_input_grad),
    MAP(hard_swish_forward),
    ZIP(hard_swish_input_grad),
    MAP(sigmoid_forward),
    ZIP(sigmoid_input_grad),
};

const struct cut *cut_of(void (*run)(const struct call *c))
{
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        if (cuts[i].run == run)
            return &cuts[i];
    return NULL;
}
