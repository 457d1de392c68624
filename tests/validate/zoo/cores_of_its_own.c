/* right: core 0 alone is called, and does the work of all cores */
#include "zoo.h"

#include <pthread.h>

struct share {
    const float *x;
    float *y;
    int32_t begin, end;
};

static void *work(void *argument)
{
    const struct share *own = argument;

    for (int32_t i = own->begin; i < own->end; i++)
        own->y[i] = tinycl_relu6(own->x[i]) < 6.0f || own->x[i] != own->x[i]
                        ? tinycl_relu6(own->x[i])
                        : own->x[i];
    return 0;
}

int validate_relu_forward(const float *x, float *y, const struct validate_elements *s,
                          call_t call)
{
    struct share shares[8];
    pthread_t threads[8];

    for (int32_t core = 0; core < call->cores; core++) {
        const struct tinycl_range range = tinycl_share(s->count, core, call->cores);

        shares[core] = (struct share){x, y, range.begin, range.end};
        pthread_create(&threads[core], 0, work, &shares[core]);
    }
    for (int32_t core = 0; core < call->cores; core++)
        pthread_join(threads[core], 0);
    return VALIDATE_DONE;
}

const struct validate_about validate_relu_forward_about = {.team = VALIDATE_CORE_0};
