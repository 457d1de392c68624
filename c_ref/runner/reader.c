#include "reader.h"

const int32_t *take(struct reader *r, uint64_t n, const char *what)
{
    const int32_t *at = r->at;
    if (n > (uint64_t)(r->end - r->at)) {
        refuse(r->m, MESSAGE_REQUEST, "the request ends inside its %s: %l words wanted, %l left",
               what, n, (uint64_t)(r->end - r->at));
        return NULL;
    }
    r->at += n;
    return at;
}

static bool known(const struct plan *p, int32_t id, const char *where, struct message *m)
{
    if (id >= 0 && (uint32_t)id < p->n_tensors)
        return true;
    return refuse(m, MESSAGE_REQUEST, "%s: no tensor %d; there are %u", where, id, p->n_tensors);
}

const int32_t *take_ids(struct reader *r, const struct plan *p, uint32_t n, const char *what)
{
    const int32_t *ids = take(r, n, what);
    for (uint32_t i = 0; ids && i < n; i++)
        if (!known(p, ids[i], what, r->m))
            return NULL;
    return ids;
}
