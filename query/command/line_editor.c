#include "line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "base/command_line.h"
#include "base/error.h"
#include "libedit.h"

enum { REMEMBERED = 1000, COLUMNS_OF_CANDIDATES = 79 };

/* ---- libedit, linked in or opened ---- */

#pragma weak el_init
#pragma weak el_end
#pragma weak el_set
#pragma weak el_wset
#pragma weak el_gets
#pragma weak el_line
#pragma weak el_insertstr
#pragma weak el_deletestr
#pragma weak el_resize
#pragma weak history_init
#pragma weak history_end
#pragma weak history

#define LIBEDIT_NAMES                                                                              \
    "el_init", "el_end", "el_set", "el_wset", "el_gets", "el_line", "el_insertstr",                \
        "el_deletestr", "el_resize", "history_init", "history_end", "history"
static struct {
    __typeof__(&el_init) el_init;
    __typeof__(&el_end) el_end;
    __typeof__(&el_set) el_set;
    __typeof__(&el_wset) el_wset;
    __typeof__(&el_gets) el_gets;
    __typeof__(&el_line) el_line;
    __typeof__(&el_insertstr) el_insertstr;
    __typeof__(&el_deletestr) el_deletestr;
    __typeof__(&el_resize) el_resize;
    __typeof__(&history_init) history_init;
    __typeof__(&history_end) history_end;
    __typeof__(&history) history;
} edit = {el_init,      el_end,       el_set,    el_wset,      el_gets,     el_line,
          el_insertstr, el_deletestr, el_resize, history_init, history_end, history};

/* In programs that are linked dynamically. */
#pragma weak libedit_open

static enum lede_status load_libedit(struct lede_error *err)
{
    static const char *const names[] = {LIBEDIT_NAMES};
    void *places[sizeof names / sizeof names[0]];

    _Static_assert(sizeof places == sizeof edit, "a name for each function");
    if (edit.el_init)
        return LEDE_OK;
    if (!libedit_open || !libedit_open(names, places, sizeof names / sizeof names[0]))
        return error_set(err, LEDE_IO, "-i needs libedit (libedit.so.2), which cannot be loaded");
    memcpy(&edit, places, sizeof edit);
    return LEDE_OK;
}

/* ---- an editor ---- */

struct line_editor {
    EditLine *line;
    History *history;
    const char *prompt;
    line_completer *complete;
    void *context;
    struct buffer candidates;
};

/* libedit tells its callbacks which EditLine, but not whose. */
static struct line_editor *current;
static volatile sig_atomic_t interrupted, resized, continued;

/* A byte that was read as the interrupt came: the next line's; -1: there is none. */
static int early_byte = -1;

static void on_signal(int number)
{
    interrupted |= number == SIGINT;
    resized |= number == SIGWINCH;
    continued |= number == SIGCONT;
}

/* The terminal has another size, or a shell had it in the meantime. */
static void adapt(EditLine *line)
{
    if (resized)
        edit.el_resize(line);
    if (continued)
        (void)edit.el_set(line, EL_PREP_TERM, 1);
    (void)edit.el_set(line, EL_REFRESH);
    resized = continued = 0;
}

/* 1; 0 at the end; -1 after an interrupt, or where nothing can be read. */
static int read_byte(EditLine *line, char *byte)
{
    ssize_t got;

    if (early_byte >= 0) {
        *byte = (char)early_byte;
        early_byte = -1;
        return 1;
    }
    while ((got = read(STDIN_FILENO, byte, 1)) < 0 && errno == EINTR && !interrupted)
        adapt(line);
    if (got == 1 && interrupted)
        early_byte = (unsigned char)*byte;
    return interrupted ? -1 : (int)got;
}

/* As libedit's own, which would ask again after an interrupt. */
static int read_character(EditLine *line, wchar_t *character)
{
    mbstate_t state = {0};

    for (;;) {
        char byte;
        int got = read_byte(line, &byte);

        if (got <= 0)
            return got;
        switch (mbrtowc(character, &byte, 1, &state)) {
        case (size_t)-2:
            continue;
        case (size_t)-1:
            memset(&state, 0, sizeof state); /* no character: passed over */
            continue;
        default:
            return 1;
        }
    }
}

static char *show_prompt(EditLine *line)
{
    (void)line;
    return (char *)current->prompt;
}

/* What is typed is UTF-8, whatever the environment leaves unsaid. */
static void set_characters(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        (void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* ---- completion ---- */

/* The part of the line before the cursor, from the last blank on. */
static struct slice word_at_cursor(EditLine *line)
{
    const LineInfo *info = edit.el_line(line);
    const char *begin = info->cursor;

    while (begin > info->buffer && begin[-1] != ' ')
        begin--;
    return slice_of(begin, (size_t)(info->cursor - begin));
}

static struct slice take_line(struct slice *lines)
{
    const uint8_t *end = memchr(lines->data, '\n', lines->size);
    struct slice line = slice_of(lines->data, end ? (size_t)(end - lines->data) : lines->size);
    size_t taken = line.size + (end != NULL);

    *lines = slice_of(lines->data + taken, lines->size - taken);
    return line;
}

/* How many there are; *common is what all begin with. */
static size_t count_candidates(struct slice lines, struct slice *common)
{
    size_t count = 0;

    while (lines.size > 0) {
        struct slice line = take_line(&lines);
        size_t same = 0;

        if (count++ == 0)
            *common = line;
        while (same < common->size && same < line.size && common->data[same] == line.data[same])
            same++;
        while (same > 0 && same < common->size && (common->data[same] & 0xc0) == 0x80)
            same--; /* a part of a character */
        common->size = same;
    }
    return count;
}

static void list_candidates(struct slice lines)
{
    struct buffer text;
    size_t column = 0;

    buffer_init(&text, NULL);
    buffer_byte(&text, '\n');
    while (lines.size > 0) {
        struct slice line = take_line(&lines);

        if (column > 0 && column + 2 + line.size > COLUMNS_OF_CANDIDATES) {
            buffer_byte(&text, '\n');
            column = 0;
        }
        buffer_str(&text, column > 0 ? "  " : "");
        buffer_put(&text, line.data, line.size);
        column += line.size + (column > 0 ? 2 : 0);
    }
    buffer_byte(&text, '\n');
    (void)command_write(STDOUT_FILENO, text.data, text.failed ? 0 : text.size);
    buffer_done(&text);
}

/* Puts text in the place of the word; whole: nothing else may be meant, so the next word begins. */
static bool replace_word(EditLine *line, struct slice word, struct slice text, bool whole)
{
    bool field = text.size > 0 && text.data[text.size - 1] == ':';
    struct buffer typed;
    bool put;

    buffer_init(&typed, NULL);
    buffer_put(&typed, text.data, text.size);
    buffer_str(&typed, whole && !field ? " " : "");
    buffer_byte(&typed, '\0');
    put = !typed.failed;
    if (put) {
        const LineInfo *info = edit.el_line(line);
        size_t characters = 0;

        for (const char *at = info->cursor - word.size; at < info->cursor; at++)
            characters += (*at & 0xc0) != 0x80;
        edit.el_deletestr(line, (int)characters);
        put = edit.el_insertstr(line, (const char *)typed.data) == 0;
    }
    buffer_done(&typed);
    return put;
}

static unsigned char complete_word(EditLine *line, wint_t key)
{
    struct buffer *candidates = &current->candidates;
    struct slice word = word_at_cursor(line), common = slice_of(NULL, 0);
    size_t count;

    (void)key;
    buffer_clear(candidates);
    current->complete(current->context, word, candidates);
    count = candidates->failed ? 0 : count_candidates(buffer_bytes(candidates), &common);
    if (count == 0)
        return CC_REFRESH_BEEP;
    if (count == 1 || common.size > word.size)
        return replace_word(line, word, common, count == 1) ? CC_REFRESH : CC_REFRESH_BEEP;
    list_candidates(buffer_bytes(candidates));
    return CC_REDISPLAY;
}

/* ---- lines ---- */

static void set_up(struct line_editor *editor)
{
    HistEvent event;

    (void)edit.history(editor->history, &event, H_SETSIZE, REMEMBERED);
    (void)edit.history(editor->history, &event, H_SETUNIQUE, 1);
    (void)edit.el_set(editor->line, EL_PROMPT, show_prompt);
    (void)edit.el_set(editor->line, EL_EDITOR, "emacs");
    (void)edit.el_set(editor->line, EL_GETCFN, read_character);
    (void)edit.el_set(editor->line, EL_HIST, edit.history, editor->history);
    (void)edit.el_wset(editor->line, EL_ADDFN, L"lede-complete", L"complete a word", complete_word);
    (void)edit.el_set(editor->line, EL_BIND, "^I", "lede-complete", NULL);
    (void)edit.el_set(editor->line, EL_BIND, "^R", "em-inc-search-prev", NULL);
}

enum lede_status line_editor_open(const char *prompt, line_completer *complete, void *context,
                                  struct line_editor **out, struct lede_error *err)
{
    struct line_editor *editor;
    enum lede_status status = load_libedit(err);

    if (status != LEDE_OK)
        return status;
    set_characters();
    editor = calloc(1, sizeof *editor);
    if (!editor)
        return error_no_memory(err);
    *editor = (struct line_editor){.prompt = prompt, .complete = complete, .context = context};
    buffer_init(&editor->candidates, NULL);
    editor->history = edit.history_init();
    editor->line = edit.el_init("lede-search", stdin, stdout, stderr);
    if (!editor->line || !editor->history) {
        line_editor_close(editor);
        return error_set(err, LEDE_IO, "-i: libedit takes no terminal such as this");
    }
    current = editor;
    set_up(editor);
    *out = editor;
    return LEDE_OK;
}

void line_editor_close(struct line_editor *editor)
{
    if (!editor)
        return;
    if (editor->line)
        edit.el_end(editor->line);
    if (editor->history)
        edit.history_end(editor->history);
    buffer_done(&editor->candidates);
    current = NULL;
    free(editor);
}

/* While a line is typed an interrupt abandons it; at other times it ends the program. */
enum line_result line_editor_read(struct line_editor *editor, struct slice *line)
{
    static const int signals[] = {SIGINT, SIGWINCH, SIGCONT};
    struct sigaction action = {.sa_handler = on_signal}, usual[3];
    const char *text;
    int count = 0;

    interrupted = resized = continued = 0;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < 3; i++)
        (void)sigaction(signals[i], &action, &usual[i]);
    text = edit.el_gets(editor->line, &count);
    for (size_t i = 0; i < 3; i++)
        (void)sigaction(signals[i], &usual[i], NULL);
    if (interrupted) {
        (void)command_write(STDOUT_FILENO, "\n", 1);
        return LINE_ABANDONED;
    }
    if (!text || count <= 0)
        return LINE_ENDED;
    *line = slice_of(text, (size_t)count);
    while (line->size > 0 && strchr("\r\n", line->data[line->size - 1]))
        line->size--;
    return LINE_TYPED;
}

void line_editor_remember(struct line_editor *editor, const char *text)
{
    HistEvent event;

    (void)edit.history(editor->history, &event, H_ENTER, text);
}
