#include "command/json_memory.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

#include "base/account.h"

static struct account account;
static bool installed, refused;

/* What is charged is what malloc really took, which free can ask for as well. */
static void *take(size_t size)
{
    void *memory = account_left(&account) < size ? NULL : malloc(size);

    if (memory && account_charge(&account, malloc_usable_size(memory)))
        return memory;
    free(memory);
    refused = true;
    return NULL;
}

static void give_back(void *memory)
{
    account_release(&account, malloc_usable_size(memory));
    free(memory);
}

struct account *json_memory(void)
{
    if (!installed)
        json_set_alloc_funcs(take, give_back);
    installed = true;
    return &account;
}

void json_memory_bound(size_t most)
{
    json_memory()->limit = most;
}

bool json_memory_refused(void)
{
    bool was = refused;

    refused = false;
    return was;
}

bool json_memory_is_bounded(void)
{
    return account.limit > 0;
}
