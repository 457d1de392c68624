/* The loop that answers requests. */
#ifndef RUNNER_H
#define RUNNER_H

/* Serves until the input ends. Returns the exit status: 0, or 1 after input that is not a request. */
int runner_serve(void);

#endif
