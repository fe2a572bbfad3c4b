/* lede-index rm: removes articles by id. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "command/command.h"

static void say_missing(const char *id)
{
    struct buffer line;

    buffer_init(&line, NULL);
    buffer_str(&line, "lede-index: no article ");
    printable_put(&line, slice_str(id), PRINTABLE_NAME);
    command_say(&line);
    buffer_done(&line);
}

/* A writer would make an index that is not there: rm must not. */
static enum lede_status check_there(const struct options *options, struct lede_error *err)
{
    char path[4096];
    struct stat st;
    int size = snprintf(path, sizeof path, "%s/data.mdb", options->index);

    if (size < 0 || (size_t)size >= sizeof path)
        return error_set(err, LEDE_INVALID, "-d: the directory's name is too long");
    if (stat(path, &st) != 0)
        return error_set(err, LEDE_MISSING, "%s: there is no index (lede-index add makes one)",
                         options->index);
    return LEDE_OK;
}

static enum lede_status remove_all(const struct options *options, struct lede_writer *writer,
                                   size_t *missing, struct lede_error *err)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        const char *id = options->operands[i];
        enum lede_status status =
            lede_writer_remove(writer, (struct lede_bytes){id, strlen(id)}, err);

        if (status == LEDE_MISSING) {
            ++*missing;
            say_missing(id);
        } else if (status != LEDE_OK) {
            return status;
        }
    }
    return options->dry_run ? LEDE_OK : lede_writer_commit(writer, err);
}

int command_rm(const struct options *options)
{
    struct lede_writer_options wanted = {.memory = options->memory, .wait = options->wait};
    struct lede_writer *writer = NULL;
    struct lede_error error = {.text = ""};
    size_t missing = 0;
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = check_there(options, &error);
    if (status == LEDE_OK)
        status = lede_writer_open(options->index, &wanted, &writer, &error);
    if (status == LEDE_OK)
        status = remove_all(options, writer, &missing, &error);
    lede_writer_close(writer);
    if (status != LEDE_OK)
        return command_fail(&error);
    if (!options->quiet)
        (void)fprintf(stderr, "%s %zu of %zu article%s\n",
                      options->dry_run ? "would remove" : "removed",
                      options->operand_count - missing, options->operand_count,
                      plural_of(options->operand_count));
    return missing ? EXIT_SKIPPED : EXIT_DONE;
}
