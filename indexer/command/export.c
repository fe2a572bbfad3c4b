/* lede-index export: every live article as a JSON line, in the order they were added. */
#include <stdio.h>

#include "command/article_json.h"
#include "command/command.h"

static enum lede_status export_next(struct lede_index *index, struct lede_cursor *cursor,
                                    struct buffer *line, bool *text_missing, struct lede_error *err)
{
    struct lede_hit hit = {0};
    struct lede_stored *stored;
    enum lede_status status = lede_cursor_next(index, cursor, &hit, err);

    if (status != LEDE_OK)
        return status;
    status = lede_stored_get(index, &hit, &stored, err);
    if (status != LEDE_OK)
        return status;
    buffer_clear(line);
    article_json_put(line, lede_stored_article(stored), lede_stored_text_kept(stored));
    buffer_byte(line, '\n');
    *text_missing |= !lede_stored_text_kept(stored);
    lede_stored_free(stored);
    if (line->failed)
        return error_no_memory(err);
    (void)fwrite(line->data, 1, line->size, stdout);
    return LEDE_OK;
}

/* A damaged article is told and passed over: export is what saves the others. */
static int export_all(struct lede_index *index, struct lede_error *err)
{
    struct lede_cursor cursor = {0};
    struct buffer line;
    bool text_missing = false;
    int code = EXIT_DONE;
    enum lede_status status;

    buffer_init(&line, NULL);
    do {
        uint32_t segment = cursor.segment, document = cursor.document;

        status = export_next(index, &cursor, &line, &text_missing, err);
        if (status == LEDE_CORRUPT) {
            code = command_fail(err);
            if (cursor.segment != segment || cursor.document != document)
                status = LEDE_OK;
        }
    } while (status == LEDE_OK && !ferror(stdout));
    buffer_done(&line);
    if (text_missing)
        (void)fputs("lede-index: texts are null: the index was made with --no-store\n", stderr);
    if (status != LEDE_OK && status != LEDE_MISSING && status != LEDE_CORRUPT)
        return command_fail(err);
    return code;
}

int command_export(const struct options *options)
{
    struct lede_error error = {.text = ""};
    const char *const path = options->index;
    struct lede_index *index;
    enum lede_status status = command_need_index(options, &error);
    int code;

    if (status == LEDE_OK)
        status = lede_index_open(&path, 1, &index, &error);
    if (status != LEDE_OK)
        return command_fail(&error);
    code = export_all(index, &error);
    lede_index_close(index);
    return code;
}
