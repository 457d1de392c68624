/* Looks up the letters of a cut. */
#include "letters.h"

#include <string.h>

static int loop_of(const struct cut *cut, char letter)
{
    const char *at = strchr(cut->outputs, letter);
    if (at)
        return (int)(at - cut->outputs);
    at = strchr(cut->sums, letter);
    return at ? (int)(strlen(cut->outputs) + (size_t)(at - cut->sums)) : -1;
}

static void read_axis(struct fit *f, struct operand *o, int axis, char letter)
{
    o->reach[axis] = letter == '.'   ? REACH_ALL
                     : letter == 'H' ? REACH_UNDER
                     : letter == 'Y' ? REACH_MET
                                     : REACH_LOOP;
    if (letter == '.')
        return;
    o->loop[axis] = loop_of(f->cut, letter == 'H' || letter == 'Y' ? 'h' : letter);
    if (o->reach[axis] == REACH_LOOP)
        f->length[o->loop[axis]] = o->length[axis];
}

void letters_read(struct fit *f, const struct cut *cut, const struct call *call)
{
    *f = (struct fit){.cut = cut, .call = call, .kh = 1, .stride = 1};
    f->outer = (int)strlen(cut->outputs);
    f->loops = f->outer + (int)strlen(cut->sums);
    for (; f->operands < CUT_OPERANDS && cut->axes[f->operands]; f->operands++) {
        const struct tensor *t = cut_operand(cut, call, f->operands);
        const char *letters = cut->axes[f->operands];
        struct operand *o = &f->operand[f->operands];
        for (; t && letters[o->axes]; o->axes++) {
            o->length[o->axes] = letters[0] == 'f' ? count_of(t) : t->shape[o->axes];
            read_axis(f, o, o->axes, letters[o->axes]);
        }
    }
    if (cut->kernel >= 0) {
        const struct tensor *kernel = cut_operand(cut, call, cut->kernel);
        f->kh = kernel->shape[kernel->rank - 2];
        f->stride = call->attrs[cut->window];
        f->pad = call->attrs[cut->window + 2];
    }
}
