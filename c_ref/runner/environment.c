#include "environment.h"

#include <stddef.h>
#include <string.h>

#include "platform.h"

enum { MAX_CORES = 64 };

/* Compared as bits: where subnormals count as zero, == takes the smallest of them for zero too. */
static bool is(volatile float value, uint32_t wanted)
{
    float copy = value;
    uint32_t bits;
    memcpy(&bits, &copy, sizeof bits);
    return bits == wanted;
}

/* 1 + 2^-11 + 2^-24 is a tie: rounded it loses 2^-24, unless the compiler has made an fma of this. */
static float product_and_sum(float a, float b, float c)
{
    return a * b + c;
}

/* Volatile, so that the machine computes and not the compiler. */
static const char *fault(void)
{
    volatile float least = 0x1p-149f, normal = 0x1p-126f, one = 1.0f, half = 0.5f;
    volatile float tie = 0x1p-24f, odd_tie = 0x1.8p-23f;
    if (!is(least * one, 0x00000001) || !is(-least * one, 0x80000001))
        return "takes subnormal operands as zero";
    if (!is(normal * half, 0x00400000) || !is(-normal * half, 0x80400000))
        return "turns subnormal results into zero";
    if (!is(one + tie, 0x3f800000) || !is(one + odd_tie, 0x3f800002) ||
        !is(-one - tie, 0xbf800000) || !is(-one - odd_tie, 0xbf800002))
        return "does not round to nearest even";
    volatile float factor = 0x1.001p0f, minus = -0x1.002p0f;
    if (!is(product_and_sum(factor, factor, minus), 0x00000000))
        return "contracts a product and a sum into one rounding; compile with -ffp-contract=off";
    return NULL;
}

static void check_core(void *arg, int core, int cores)
{
    const char **faults = arg;
    (void)cores;
    faults[core] = fault();
}

bool environment_check(int cores, struct message *m)
{
    const char *faults[MAX_CORES] = {NULL};
    platform_fork(check_core, (void *)faults, cores);
    for (int core = 0; core < cores; core++)
        if (faults[core])
            return refuse(m, MESSAGE_ENVIRONMENT, "core %d %s", core, faults[core]);
    return true;
}
