/* The floating point environment belongs to a core: each one that takes part checks its own. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>

#include "message.h"

/* Refuses, naming the core, unless subnormals are kept and rounding is to nearest even. */
bool environment_check(int cores, struct message *m);

#endif
