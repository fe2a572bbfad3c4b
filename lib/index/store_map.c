/* store_map.c -- what a program's handlers, of signals and of LMDB's assertions, ask about maps. */
#include <stdatomic.h>

#include "index/store_internal.h"

enum { RANGES = 64 }; /* maps that store_maps knows; more are open without it */

static struct {
    _Atomic uintptr_t from, to; /* to 0: nothing known */
    struct environment *owner;  /* NULL: none; guarded as the registry is */
} ranges[RANGES];

static void (*_Atomic assert_handler)(const char *message);

void store_on_assert(void (*handler)(const char *message))
{
    atomic_store(&assert_handler, handler);
}

void store_assert_failed(MDB_env *env, const char *message)
{
    void (*handler)(const char *message) = atomic_load(&assert_handler);

    (void)env;
    if (handler)
        handler(message);
}

bool store_maps(const void *address)
{
    uintptr_t at = (uintptr_t)address;

    for (size_t i = 0; i < RANGES; i++)
        if (at >= atomic_load(&ranges[i].from) && at < atomic_load(&ranges[i].to))
            return true;
    return false;
}

void store_forget_range(struct environment *environment)
{
    if (environment->range >= 0)
        atomic_store(&ranges[environment->range].to, 0);
}

/* environment->mutex held. LMDB does not say where its map is, but a page in it knows its number,
 * and a value its page: small ones are inside it, others begin behind its header. */
void store_note_range(struct environment *environment, const void *value)
{
    const uint8_t *page = (const uint8_t *)value - (uintptr_t)value % PAGE_SIZE;
    uintptr_t base = (uintptr_t)page - (uintptr_t)(load_le64(page) * PAGE_SIZE);
    MDB_envinfo info;

    if (environment->range < 0 || atomic_load(&ranges[environment->range].to) != 0)
        return;
    if (mdb_env_info(environment->env, &info) != 0)
        return;
    atomic_store(&ranges[environment->range].from, base);
    atomic_store(&ranges[environment->range].to, base + info.me_mapsize);
}

void *store_range(const struct environment *environment, size_t *size)
{
    uintptr_t from, to;

    if (environment->range < 0)
        return NULL;
    from = atomic_load(&ranges[environment->range].from);
    to = atomic_load(&ranges[environment->range].to);
    *size = to - from;
    return to == 0 ? NULL : (void *)from;
}

void store_claim_range(struct environment *environment)
{
    environment->range = -1;
    for (int i = 0; i < RANGES && environment->range < 0; i++)
        if (!ranges[i].owner) {
            ranges[i].owner = environment;
            environment->range = i;
        }
}

void store_release_range(struct environment *environment)
{
    store_forget_range(environment);
    if (environment->range >= 0)
        ranges[environment->range].owner = NULL;
}
