/* Fork and join on threads that are made once and sleep in between. They never spin: 16 of them
 * must also get along on two processors. */
#include <pthread.h>
#include <stdlib.h>

#include "platform.h"

enum { MAX_CORES = 16 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;

/* Everything here is read and written under the lock. */
static struct worker {
    pthread_cond_t called;
    int core;
    int waiting; /* 1: there is work for this worker */
} workers[MAX_CORES];
static int started = 1; /* core 0 is the caller */
static int running;
static platform_job *job;
static void *job_arg;
static int job_cores;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int waiting_cores; /* at the barrier */
static int side;          /* of the barrier on which the cores are: 0 or 1 */

static void *work(void *arg)
{
    struct worker *self = arg;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!self->waiting)
            pthread_cond_wait(&self->called, &lock);
        self->waiting = 0;
        pthread_mutex_unlock(&lock);
        job(job_arg, self->core, job_cores);
        pthread_mutex_lock(&lock);
        if (--running == 0)
            pthread_cond_signal(&finished);
    }
    return NULL;
}

static void start_worker(int core)
{
    pthread_t thread;
    workers[core].core = core;
    pthread_cond_init(&workers[core].called, NULL);
    if (pthread_create(&thread, NULL, work, &workers[core]) != 0) {
        platform_log("cannot start another thread");
        exit(1);
    }
    pthread_detach(thread);
}

int platform_cores(void)
{
    return MAX_CORES;
}

void platform_fork(platform_job *the_job, void *arg, int cores)
{
    if (cores > 1) {
        pthread_mutex_lock(&lock);
        while (started < cores)
            start_worker(started++);
        job = the_job;
        job_arg = arg;
        job_cores = cores;
        running = cores - 1;
        for (int core = 1; core < cores; core++) {
            workers[core].waiting = 1;
            pthread_cond_signal(&workers[core].called);
        }
        pthread_mutex_unlock(&lock);
    }
    the_job(arg, 0, cores);
    if (cores > 1) {
        pthread_mutex_lock(&lock);
        while (running)
            pthread_cond_wait(&finished, &lock);
        pthread_mutex_unlock(&lock);
    }
}

void platform_barrier(int core, int cores)
{
    (void)core;
    pthread_mutex_lock(&lock);
    const int before = side;
    if (++waiting_cores == cores) {
        waiting_cores = 0;
        side = before == 0;
        pthread_cond_broadcast(&arrived);
    }
    while (side == before)
        pthread_cond_wait(&arrived, &lock);
    pthread_mutex_unlock(&lock);
}
