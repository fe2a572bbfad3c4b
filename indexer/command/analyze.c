/* lede-index analyze: which terms a text gives, a line each, tabs between. */
#include <stdio.h>

#include "command/command.h"
#include "command/languages.h"
#include "command/tokens.h"

static const size_t STOPWORDS_MOST = 16UL << 20;

static enum lede_status read_text(const struct options *options, struct buffer *text,
                                  struct lede_error *err)
{
    if (options->operand_count == 0)
        return command_read_file("-", options->reading.max_record, text, err);
    if (options->operand_count == 1 && strcmp(options->operands[0], "-") == 0)
        return command_read_file("-", options->reading.max_record, text, err);
    for (size_t i = 0; i < options->operand_count; i++) {
        if (i > 0)
            buffer_byte(text, ' ');
        buffer_str(text, options->operands[i]);
    }
    return text->failed ? error_no_memory(err) : LEDE_OK;
}

static enum lede_status analyze(const struct options *options, struct buffer *text,
                                struct buffer *stopwords, struct lede_error *err)
{
    struct analyzer_settings settings = {.no_stem = options->no_stem, .small_digits = true};
    enum lede_status status = LEDE_OK;

    if (options->stopwords)
        status = command_read_file(options->stopwords, STOPWORDS_MOST, stopwords, err);
    if (status == LEDE_OK)
        status = read_text(options, text, err);
    settings.stopwords = buffer_bytes(stopwords);
    if (status != LEDE_OK)
        return status;
    return tokens_print(&settings, languages_of(options->language, buffer_bytes(text)),
                        buffer_bytes(text), err);
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
