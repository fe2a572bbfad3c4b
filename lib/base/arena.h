/* arena.h -- memory that is built up piece by piece and dies at once.
 *
 * What one flush or one query builds lives in one arena. Not thread-safe: one
 * thread an arena. Pieces are aligned to 16 bytes and are not zeroed. */
#ifndef LEDE_BASE_ARENA_H
#define LEDE_BASE_ARENA_H

#include <stddef.h>

struct account;
struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    char *at, *end;             /* free part of the newest chunk */
    size_t chunk_size;          /* bytes of an ordinary chunk */
    size_t size;                /* bytes taken from the system, all chunks */
    struct account *account;    /* charged for every chunk; may be NULL */
};

/* chunk_size 0: 64 KiB. Takes no memory yet. */
void arena_init(struct arena *arena, size_t chunk_size, struct account *account);

/* size bytes that live until arena_reset or arena_done; NULL if memory ran out or the
 * account refused. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* count items of size bytes each, overflow checked, zeroed. */
void *arena_calloc(struct arena *arena, size_t count, size_t size);

/* A copy of size bytes with a NUL behind it, or NULL. */
char *arena_copy(struct arena *arena, const void *data, size_t size);

/* Frees every piece; keeps one ordinary chunk for the next use. */
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

#endif
