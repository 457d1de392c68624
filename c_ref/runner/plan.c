#include "plan.h"

#include <string.h>

#include "platform.h"
#include "reader.h"
#include "tile.h"

enum { COUNTS = 11, LEAST_TENSOR = 7, ALIGNMENT = 64 };
enum { SEND_TRACE = 1, SEND_COSTS = 2, GUARDED = 4 };

struct counts {
    uint32_t cores, send, arena, tensors, bodies, schedule, outputs, initial, streams, order, local;
};

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Region: request, tensors, streams, bodies, arena; each begins at a multiple of 64 bytes. */
static bool place(struct plan *p, struct reader *r, const struct counts *n)
{
    uint64_t left = (uint64_t)(r->end - r->at);
    if ((uint64_t)n->tensors * LEAST_TENSOR > left || n->bodies > left)
        return refuse(r->m, MESSAGE_REQUEST, "%u tensors and %u bodies do not fit into %l words",
                      n->tensors, n->bodies, left);
    uint64_t words = left + COUNTS, available = 0;
    uint64_t tensors = aligned(words * sizeof(int32_t));
    uint64_t streams = tensors + aligned((uint64_t)n->tensors * sizeof(struct tensor));
    uint64_t bodies = streams + aligned((uint64_t)n->tensors * sizeof(struct stream));
    uint64_t start = bodies + aligned((uint64_t)n->bodies * sizeof(struct body));
    uint64_t bytes = start + (uint64_t)n->arena * sizeof(uint32_t);
    unsigned char *region = platform_memory(bytes, &available);
    if (!region)
        return refuse(r->m, MESSAGE_MEMORY, "the plan needs %l bytes, there are %l", bytes,
                      available);
    r->at = (const int32_t *)(void *)region + COUNTS;
    r->end = r->at + left;
    p->tensors = (void *)(region + tensors);
    p->streams = (void *)(region + streams);
    p->bodies = (void *)(region + bodies);
    p->arena = (void *)(region + start);
    p->arena_words = n->arena;
    memset(p->streams, 0, (size_t)(bodies - streams));
    for (uint32_t i = 0; i < n->arena; i++)
        p->arena[i] = PLAN_UNWRITTEN;
    return true;
}

bool plan_load(struct plan *p, uint32_t words, struct message *m)
{
    uint64_t available;
    const int32_t *start = platform_memory((uint64_t)words * sizeof(int32_t), &available);
    struct reader r = {start, start + words, m};
    const int32_t *head = take(&r, COUNTS, "counts");
    struct counts n;
    if (!head)
        return false;
    memcpy(&n, head, sizeof n);
    if (n.cores < 1 || n.cores > (uint32_t)platform_cores())
        return refuse(m, MESSAGE_REQUEST, "%u cores asked for; this target has 1 to %d", n.cores,
                      platform_cores());
    if (n.send > (SEND_TRACE | SEND_COSTS | GUARDED))
        return refuse(m, MESSAGE_REQUEST,
                      "asked for %u; there are 1 (trace), 2 (costs) and 4 (guards)", n.send);
    if (n.order > 1)
        return refuse(m, MESSAGE_REQUEST,
                      "selection order %u; there are 0 (ascending) and 1 (heap)", n.order);
    if (!place(p, &r, &n))
        return false;
    p->cores = (int)n.cores;
    p->checked = n.send & SEND_TRACE;
    p->counted = n.send & SEND_COSTS;
    p->guarded = n.send & GUARDED;
    p->order = (int32_t)n.order;
    p->tiling = platform_local(&p->tile_bytes);
    p->tile_bytes -= TILE_STATE;
    if (n.local < p->tile_bytes)
        p->tile_bytes = n.local;
    p->n_tensors = n.tensors;
    p->n_bodies = n.bodies;
    p->n_schedule = n.schedule;
    p->n_outputs = n.outputs;
    if (!read_tensors(p, &r) || !read_bodies(p, &r) ||
        !read_schedule(p, &r) || !(p->outputs = take_ids(&r, p, n.outputs, "outputs")) ||
        !read_initial(p, &r, n.initial) || !read_streams(p, &r, n.streams) ||
        !check_streams(p, m))
        return false;
    if (r.at != r.end)
        return refuse(m, MESSAGE_REQUEST, "%l words behind the end of the plan",
                      (uint64_t)(r.end - r.at));
    return true;
}
