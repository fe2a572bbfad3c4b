#include "prompt.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "caret.h"
#include "completion.h"
#include "history_file.h"
#include "line_editor.h"
#include "session.h"

static const char HELP[] =
    "A query, as lede-search has it; with Tab a word or a field is completed.\n"
    "  :N      article N of the last answer as a whole\n"
    "  :more   the next articles\n"
    "  :quit   the end, as Ctrl-D is; Ctrl-C abandons a line\n";

struct prompt {
    const struct options *options;
    struct line_editor *editor;
    char *history; /* its path; NULL: none is kept */
    char *query;   /* the last one; NULL: none yet */
    size_t offset; /* of what is shown of it */
};

/* ---- answers ---- */

static enum lede_status answer(const struct options *options, struct lede_error *err)
{
    struct lede_index *index = NULL;
    bool matched;
    enum lede_status status = session_open_index(options, &index, err);

    if (status == LEDE_OK)
        status = session_answer_one(options, index, &matched, err);
    lede_index_close(index);
    if (status != LEDE_INVALID && status != LEDE_LIMIT)
        return status;
    command_complain(SESSION_PROGRAM, "%s", err->text);
    caret_tell(slice_str(options->query), err->column);
    return LEDE_OK;
}

/* Of the last query: from the place on, or the one article there as a whole. */
static enum lede_status show(struct prompt *prompt, size_t offset, bool open,
                             struct lede_error *err)
{
    struct options options = *prompt->options;

    options.query = prompt->query;
    options.search.offset = offset;
    options.open = open;
    if (open)
        options.search.limit = 1;
    return answer(&options, err);
}

/* ---- commands ---- */

static enum lede_status open_article(struct prompt *prompt, const char *digits,
                                     struct lede_error *err)
{
    char *end;
    unsigned long long place = strtoull(digits, &end, 10);

    if (*end || place == 0 || place > UINT32_MAX) {
        command_complain(SESSION_PROGRAM, ":%s: there is no such article", digits);
        return LEDE_OK;
    }
    return show(prompt, (size_t)place - 1, true, err);
}

static enum lede_status obey(struct prompt *prompt, const char *command, bool *done,
                             struct lede_error *err)
{
    bool about_answer = strcmp(command, "more") == 0 || (*command >= '0' && *command <= '9');

    *done = strcmp(command, "quit") == 0 || strcmp(command, "q") == 0;
    if (*done)
        return LEDE_OK;
    if (strcmp(command, "help") == 0) {
        (void)command_write(STDOUT_FILENO, HELP, sizeof HELP - 1);
        return LEDE_OK;
    }
    if (!about_answer || !prompt->query) {
        command_complain(SESSION_PROGRAM,
                         about_answer ? ":%s: ask something first"
                                      : ":%s: no such command; :help has them",
                         command);
        return LEDE_OK;
    }
    if (*command != 'm')
        return open_article(prompt, command, err);
    prompt->offset += prompt->options->search.limit;
    return show(prompt, prompt->offset, false, err);
}

/* ---- lines ---- */

/* Told once: what is asked goes on. */
static void keep_line(struct prompt *prompt, const char *text)
{
    struct lede_error error;

    line_editor_remember(prompt->editor, text);
    if (!prompt->history || history_file_add(prompt->history, slice_str(text), &error) == LEDE_OK)
        return;
    command_complain(SESSION_PROGRAM, "note: %s: queries are not kept", error.text);
    free(prompt->history);
    prompt->history = NULL;
}

static struct slice without_blanks(struct slice line)
{
    while (line.size > 0 && line.data[0] <= ' ')
        line = slice_of(line.data + 1, line.size - 1);
    while (line.size > 0 && line.data[line.size - 1] <= ' ')
        line.size--;
    return line;
}

static enum lede_status take_line(struct prompt *prompt, struct slice typed, bool *done,
                                  struct lede_error *err)
{
    struct slice line = without_blanks(typed);
    enum lede_status status;
    char *text;

    *done = false;
    if (line.size == 0)
        return LEDE_OK;
    text = strndup((const char *)line.data, line.size);
    if (!text)
        return error_no_memory(err);
    keep_line(prompt, text);
    if (*text == ':') {
        status = obey(prompt, text + 1, done, err);
        free(text);
        return status;
    }
    free(prompt->query);
    prompt->query = text;
    prompt->offset = prompt->options->search.offset;
    return show(prompt, prompt->offset, false, err);
}

static enum lede_status take_lines(struct prompt *prompt, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    bool done = false;

    while (status == LEDE_OK && !done) {
        struct slice line;
        enum line_result result = line_editor_read(prompt->editor, &line);

        if (result == LINE_TYPED)
            status = take_line(prompt, line, &done, err);
        if (result == LINE_ENDED) {
            (void)command_write(STDOUT_FILENO, "\n", 1);
            done = true;
        }
    }
    return status;
}

/* ---- beginning and end ---- */

static void complete_line(void *context, struct slice word, struct buffer *lines)
{
    const struct prompt *prompt = context;
    struct lede_index *index;

    if (session_open_index(prompt->options, &index, NULL) != LEDE_OK)
        return;
    if (completion_put(index, word, lines, NULL) != LEDE_OK)
        buffer_clear(lines);
    lede_index_close(index);
}

static void recall_lines(struct prompt *prompt)
{
    struct lede_error error;
    struct buffer lines;
    char *at, *text;

    prompt->history = history_file_path();
    if (!prompt->history)
        return;
    buffer_init(&lines, NULL);
    if (history_file_read(prompt->history, &lines, &error) != LEDE_OK)
        command_complain(SESSION_PROGRAM, "note: %s", error.text);
    buffer_byte(&lines, '\0');
    at = lines.failed ? NULL : (char *)lines.data;
    while ((text = strsep(&at, "\n")) != NULL)
        if (*text)
            line_editor_remember(prompt->editor, text);
    buffer_done(&lines);
}

/* That there is an index is known before the first question. */
static enum lede_status check_index(const struct options *options, struct lede_error *err)
{
    struct lede_index *index;
    enum lede_status status = session_open_index(options, &index, err);

    if (status == LEDE_OK)
        lede_index_close(index);
    return status;
}

enum lede_status prompt_run(const struct options *options, struct lede_error *err)
{
    struct prompt prompt = {.options = options};
    enum lede_status status;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return error_set(err, LEDE_INVALID,
                         "-i needs a terminal; lede-search - answers what it reads");
    status = check_index(options, err);
    if (status == LEDE_OK)
        status = line_editor_open("lede> ", complete_line, &prompt, &prompt.editor, err);
    if (status != LEDE_OK)
        return status;
    recall_lines(&prompt);
    status = take_lines(&prompt, err);
    line_editor_close(prompt.editor);
    free(prompt.query);
    free(prompt.history);
    return status;
}
