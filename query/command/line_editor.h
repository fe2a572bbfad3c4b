/* line_editor.h -- lines that are typed at a terminal, with editing, a history and completion: by
 * libedit, which a program that asks for no lines does not load.
 *
 * Where it is linked in (the static lede-search) it lies there unused; else it is opened when the
 * first editor is. One editor at a time, in the thread that handles signals. */
#ifndef LEDE_QUERY_COMMAND_LINE_EDITOR_H
#define LEDE_QUERY_COMMAND_LINE_EDITOR_H

#include "base/buffer.h"
#include "lede.h"

/* Appends what the beginning of a word may become, a candidate a line; none is no failure. */
typedef void line_completer(void *context, struct slice word, struct buffer *lines);

struct line_editor;

enum line_result {
    LINE_TYPED,
    LINE_ABANDONED, /* by Ctrl-C: ask again */
    LINE_ENDED      /* nothing more is to be read */
};

/* prompt is shown before each line, and lives as long as the editor. Sets the locale's characters
 * (LC_CTYPE) to what the environment says, or to UTF-8. LEDE_IO: there is no libedit, or no
 * terminal; LEDE_NO_MEMORY. */
enum lede_status line_editor_open(const char *prompt, line_completer *complete, void *context,
                                  struct line_editor **out, struct lede_error *err);
void line_editor_close(struct line_editor *editor);

/* Reads a line, without its newline; it lives until the next call. */
enum line_result line_editor_read(struct line_editor *editor, struct slice *line);

/* Adds a line to what Up brings back; text ends with a NUL. */
void line_editor_remember(struct line_editor *editor, const char *text);

#endif
