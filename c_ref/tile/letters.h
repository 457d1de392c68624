#ifndef LETTERS_H
#define LETTERS_H

#include "fit.h"

/* Fills all of a fit but extents, turns and words. */
void letters_read(struct fit *f, const struct cut *cut, const struct call *call);

#endif
