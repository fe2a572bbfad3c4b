/* lede-index analyze: which terms a text gives, a line each, tabs between. */
#include <stdio.h>

#include "base/printable.h"
#include "command/command.h"
#include "text/analyzer.h"
#include "text/language.h"

static const size_t STOPWORDS_MOST = 16UL << 20;

static enum lede_status read_text(const struct options *options, struct buffer *text,
                                  struct lede_error *err)
{
    if (options->operand_count == 0)
        return command_read_file("-", options->max_record, text, err);
    if (options->operand_count == 1 && strcmp(options->operands[0], "-") == 0)
        return command_read_file("-", options->max_record, text, err);
    for (size_t i = 0; i < options->operand_count; i++) {
        if (i > 0)
            buffer_byte(text, ' ');
        buffer_str(text, options->operands[i]);
    }
    return text->failed ? error_no_memory(err) : LEDE_OK;
}

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

static enum lede_status print_tokens(struct analyzer *analyzer, struct slice text,
                                     language_id language, struct lede_error *err)
{
    struct token tokens[TOKEN_BATCH];
    struct buffer line;
    bool failed = false;
    size_t count;

    buffer_init(&line, NULL);
    (void)puts("position\toffset\tsize\tword\tterm\tvariant\tflags");
    analyzer_start(analyzer, text, language, 0);
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0 && !ferror(stdout))
        for (size_t i = 0; i < count; i++) {
            print_token(&line, text, &tokens[i]);
            failed |= line.failed;
        }
    buffer_done(&line);
    if (failed || analyzer_status(analyzer) != LEDE_OK)
        return error_no_memory(err);
    return LEDE_OK;
}

static enum lede_status analyze(const struct options *options, struct buffer *text,
                                struct buffer *stopwords, struct lede_error *err)
{
    const char *name = options->language ? options->language : "en";
    struct analyzer_settings settings = {.no_stem = options->no_stem};
    struct analyzer *analyzer = NULL;
    language_id language = LANGUAGE_NONE;
    enum lede_status status = LEDE_OK;

    if (options->stopwords)
        status = command_read_file(options->stopwords, STOPWORDS_MOST, stopwords, err);
    if (status == LEDE_OK)
        status = read_text(options, text, err);
    settings.stopwords = buffer_bytes(stopwords);
    if (status == LEDE_OK)
        status = analyzer_new(&settings, NULL, &analyzer, err);
    if (status != LEDE_OK)
        return status;
    (void)language_find(slice_str(name), &language);
    status = print_tokens(analyzer, buffer_bytes(text), language, err);
    analyzer_free(analyzer);
    return status;
}

int command_analyze(const struct options *options)
{
    struct buffer text, stopwords;
    struct lede_error error;
    enum lede_status status;

    buffer_init(&text, NULL);
    buffer_init(&stopwords, NULL);
    status = analyze(options, &text, &stopwords, &error);
    buffer_done(&text);
    buffer_done(&stopwords);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
