#include "html/reserve.h"

#include <jansson.h>
#include <libxml/xmlmemory.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/account.h"

enum {
    RESERVE = 1 << 20, /* bytes: what an event takes, unless an attribute is that long */
    ALIGNMENT = 16
};

static char *reserve;
static size_t used; /* of it, once memory ran out: blocks behind their sizes */
static bool is_spent;
static struct account json_account;
static bool is_refused; /* by that */

static bool is_reserved(const void *block)
{
    return reserve && (const char *)block >= reserve && (const char *)block < reserve + RESERVE;
}

static void *take_reserved(size_t size)
{
    size_t room = ALIGNMENT + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *block = reserve + used;

    is_spent = true;
    if (size > RESERVE || room > RESERVE - used)
        return NULL;
    memcpy(block, &size, sizeof size);
    used += room;
    return block + ALIGNMENT;
}

static void *take(size_t size)
{
    void *block = malloc(size);

    if (!block && size > 0)
        block = take_reserved(size);
    return block;
}

static size_t size_of(void *block)
{
    size_t size;

    if (!is_reserved(block))
        return malloc_usable_size(block);
    memcpy(&size, (char *)block - ALIGNMENT, sizeof size);
    return size;
}

static void give(void *block)
{
    if (!is_reserved(block))
        free(block);
}

static void *take_more(void *block, size_t size)
{
    void *larger;
    size_t kept;

    if (!block)
        return take(size);
    kept = size_of(block);
    if (!is_reserved(block)) {
        larger = realloc(block, size);
        if (larger || size == 0)
            return larger;
    }
    larger = take(size);
    if (larger) {
        memcpy(larger, block, kept < size ? kept : size);
        give(block);
    }
    return larger;
}

static char *take_string(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = take(size);

    return copy ? memcpy(copy, text, size) : NULL;
}

static void *take_json(size_t size)
{
    void *block = account_left(&json_account) < size ? NULL : take(size);

    if (block && (is_reserved(block) || account_charge(&json_account, malloc_usable_size(block))))
        return block;
    free(block);
    is_refused = is_refused || !is_spent;
    return NULL;
}

static void give_json(void *block)
{
    if (!is_reserved(block))
        account_release(&json_account, malloc_usable_size(block));
    give(block);
}

bool reserve_begin(void)
{
    if (!reserve) {
        reserve = malloc(RESERVE);
        if (!reserve || xmlMemSetup(give, take, take_more, take_string) != 0)
            is_spent = true;
        else
            json_set_alloc_funcs(take_json, give_json);
    }
    return !is_spent;
}

bool reserve_is_spent(void)
{
    return is_spent;
}

struct account *reserve_json_account(void)
{
    return &json_account;
}

bool reserve_json_was_refused(void)
{
    return is_refused;
}

void reserve_json_clear(void)
{
    is_refused = false;
}
