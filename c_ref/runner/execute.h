/* Carries out a plan. */
#ifndef EXECUTE_H
#define EXECUTE_H

#include "plan.h"

/* Runs the schedule and writes trace, records and outputs to the reply. */
void execute(const struct plan *p);

#endif
