/* How an operation is cut into tiles: loops over parts of its outputs and of its sums, and which part
 * of each tensor one turn of the loops touches. */
#ifndef CUT_H
#define CUT_H

#include <stdint.h>

#include "call.h"

enum { CUT_LOOPS = 5, CUT_OPERANDS = 6, CUT_AXES = 4 };

/* Loops are letters. `outputs` lists those that cut the outputs, `sums` those that cut the terms of
 * each sum, outermost term first. A tensor has a letter for each of its axes:
 *     a small letter  the part that the loop is at
 *     H               the rows of the image that the windows of rows h of the output cover
 *     Y               the rows of the output whose windows cover rows h of the image
 *     .               the whole axis
 * and "f" is a tensor of any rank, seen as one axis. A tensor without axes is left out. */
struct cut {
    void (*run)(const struct call *c);
    const char *outputs, *sums;
    const char *axes[CUT_OPERANDS]; /* of the inputs, then of the outputs */
    int8_t inputs;
    int8_t kernel; /* the operand whose last axes but one and last are kh and kw, or -1 */
    int8_t window; /* where the attributes hold stride (2) and padding (4) */
    int8_t bias;   /* the input that is added when the sums are complete, or -1 */
};

/* How this operation is cut, or NULL if it only works in place. */
const struct cut *cut_of(void (*run)(const struct call *c));

/* Operand k of a call: its inputs, then its outputs; NULL if it is left out. */
static inline const struct tensor *cut_operand(const struct cut *cut, const struct call *c, int k)
{
    return k < cut->inputs ? c->in[k] : c->out[k - cut->inputs];
}

#endif
