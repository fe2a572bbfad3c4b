#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/account.h"

enum { ALIGNMENT = 16, DEFAULT_CHUNK = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* bytes, this header included */
};

_Static_assert(sizeof(struct arena_chunk) % ALIGNMENT == 0, "the header keeps pieces aligned");

void arena_init(struct arena *arena, size_t chunk_size, struct account *account)
{
    memset(arena, 0, sizeof *arena);
    arena->chunk_size = chunk_size ? chunk_size : DEFAULT_CHUNK;
    arena->account = account;
}

static void *chunk_start(struct arena_chunk *chunk)
{
    return (char *)chunk + sizeof *chunk;
}

static struct arena_chunk *chunk_new(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = account_malloc(arena->account, size);

    if (!chunk)
        return NULL;
    chunk->size = size;
    arena->size += size;
    return chunk;
}

static void chunk_free(struct arena *arena, struct arena_chunk *chunk)
{
    arena->size -= chunk->size;
    account_release(arena->account, chunk->size);
    free(chunk);
}

/* A piece too large for an ordinary chunk gets one of its own, behind the newest. */
static void *alloc_alone(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk;

    if (size > SIZE_MAX - sizeof *chunk)
        return NULL;
    chunk = chunk_new(arena, size + sizeof *chunk);
    if (!chunk)
        return NULL;
    if (arena->chunks) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = NULL;
        arena->chunks = chunk;
        arena->at = arena->end = NULL;
    }
    return chunk_start(chunk);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk;
    char *piece;

    if (size > SIZE_MAX - ALIGNMENT)
        return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (size > arena->chunk_size / 4)
        return alloc_alone(arena, size);
    if (!arena->at || (size_t)(arena->end - arena->at) < size) {
        chunk = chunk_new(arena, arena->chunk_size);
        if (!chunk)
            return NULL;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->at = chunk_start(chunk);
        arena->end = (char *)chunk + chunk->size;
    }
    piece = arena->at;
    arena->at += size;
    return piece;
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    void *piece;

    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    piece = arena_alloc(arena, total);
    if (piece)
        memset(piece, 0, total);
    return piece;
}

char *arena_copy(struct arena *arena, const void *data, size_t size)
{
    char *copy = size < SIZE_MAX ? arena_alloc(arena, size + 1) : NULL;

    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *kept = NULL, *chunk = arena->chunks, *next;

    for (; chunk; chunk = next) {
        next = chunk->next;
        if (!kept && chunk->size == arena->chunk_size)
            kept = chunk;
        else
            chunk_free(arena, chunk);
    }
    arena->chunks = kept;
    arena->at = arena->end = NULL;
    if (kept) {
        kept->next = NULL;
        arena->at = chunk_start(kept);
        arena->end = (char *)kept + kept->size;
    }
}

void arena_done(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunks, *next;

    for (; chunk; chunk = next) {
        next = chunk->next;
        chunk_free(arena, chunk);
    }
    arena->chunks = NULL;
    arena->at = arena->end = NULL;
}
