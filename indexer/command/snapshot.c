/* lede-index snapshot: a copy of an index, also while somebody writes it. */
#include "base/printable.h"
#include "command/command.h"
#include "index/store.h"
#include "settings.h"

static void print_copy(const struct options *options, uint64_t size)
{
    struct buffer line;

    buffer_init(&line, NULL);
    printable_put(&line, slice_str(options->operands[0]), PRINTABLE_NAME);
    buffer_str(&line, ": a copy of ");
    printable_put(&line, slice_str(options->index), PRINTABLE_NAME);
    buffer_printf(&line, ", %llu bytes", (unsigned long long)size);
    command_say(&line);
    buffer_done(&line);
}

int command_snapshot(const struct options *options)
{
    struct lede_error error = {.text = ""};
    struct store *store = NULL;
    uint64_t size = 0;
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = store_open_checked(options->index, NULL, NULL, NULL, &store, &error);
    if (status == LEDE_OK)
        store_bound_pages(store, MEMORY_MAPPED);
    if (status == LEDE_OK)
        status = store_copy(store, options->operands[0], options->wait, &size, &error);
    store_close(store);
    if (status == LEDE_OK && !options->quiet)
        print_copy(options, size);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
