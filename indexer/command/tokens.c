#include "command/tokens.h"

#include <stdio.h>

#include "base/printable.h"
#include "index/segment.h"
#include "settings.h"
#include "text/language.h"

static void print_token(struct buffer *line, struct slice text, const struct token *token)
{
    buffer_clear(line);
    buffer_printf(line, "%u\t%zu\t%u\t", token->position, token->offset, token->size);
    printable_put(line, slice_of(text.data + token->offset, token->size), PRINTABLE_LINE);
    buffer_byte(line, '\t');
    printable_put(line, token->term, PRINTABLE_LINE);
    buffer_byte(line, '\t');
    printable_put(line, token->variant, PRINTABLE_LINE);
    buffer_byte(line, '\t');
    if (token->marked)
        buffer_str(line, token->lone_character ? "marked,lone" : "marked");
    else if (token->lone_character)
        buffer_str(line, "lone");
    buffer_byte(line, '\n');
    (void)fwrite(line->data, 1, line->failed ? 0 : line->size, stdout);
}

enum lede_status tokens_print(const struct analyzer_settings *settings, language_id language,
                              struct slice text, struct lede_error *err)
{
    struct token tokens[TOKEN_BATCH];
    struct analyzer *analyzer;
    struct buffer line;
    bool failed = false;
    size_t count;
    enum lede_status status = analyzer_new(settings, NULL, &analyzer, err);

    if (status != LEDE_OK)
        return status;
    buffer_init(&line, NULL);
    (void)puts("position\toffset\tsize\tword\tterm\tvariant\tflags");
    analyzer_start(analyzer, text, language, 0);
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0 && !ferror(stdout))
        for (size_t i = 0; i < count; i++) {
            print_token(&line, text, &tokens[i]);
            failed |= line.failed;
        }
    if (failed || analyzer_status(analyzer) != LEDE_OK)
        status = error_no_memory(err);
    buffer_done(&line);
    analyzer_free(analyzer);
    return status;
}

enum lede_status tokens_index_settings(const char *path, struct analyzer_settings *settings,
                                       struct buffer *stopwords, language_id *language,
                                       struct lede_error *err)
{
    struct snapshot *snapshot;
    enum lede_status status = snapshot_open(path, &snapshot, err);

    if (status != LEDE_OK)
        return status;
    *settings = settings_analysis(&snapshot->manifest);
    buffer_put(stopwords, settings->stopwords.data, settings->stopwords.size);
    settings->stopwords = buffer_bytes(stopwords);
    (void)language_find(buffer_bytes(&snapshot->manifest.language), language);
    snapshot_close(snapshot);
    return stopwords->failed ? error_no_memory(err) : LEDE_OK;
}
