#include "output.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"

enum { WRITE_SIZE = 1 << 20, LEAST_COLUMNS = 40, USUAL_COLUMNS = 80, MOST_COLUMNS = 100 };

static const struct {
    output_format *put;
    bool wants_total;
} FORMATS[] = {
    [OUTPUT_TEXT] = {output_text, false},   [OUTPUT_JSON] = {output_json, true},
    [OUTPUT_JSONL] = {output_jsonl, false}, [OUTPUT_TSV] = {output_tsv, false},
    [OUTPUT_TREC] = {output_trec, false},   [OUTPUT_IDS] = {output_ids, false},
    [OUTPUT_COUNT] = {output_count, true},
};

output_format *output_format_of(enum output_kind kind)
{
    return FORMATS[kind].put;
}

bool output_wants_total(enum output_kind kind)
{
    return FORMATS[kind].wants_total;
}

static unsigned columns_of(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col < LEAST_COLUMNS  ? LEAST_COLUMNS
           : size.ws_col > MOST_COLUMNS ? MOST_COLUMNS
                                        : size.ws_col;
}

void output_init(struct output *out, int fd, const struct options *options)
{
    *out = (struct output){.fd = fd, .columns = USUAL_COLUMNS};
    buffer_init(&out->text, NULL);
    if (options->kind == OUTPUT_TEXT || options->kind == OUTPUT_IDS)
        out->terminal = isatty(fd);
    if (options->kind != OUTPUT_TEXT)
        return;
    out->colored = command_wants_escapes(options->color, fd);
    out->linked = command_wants_escapes(options->hyperlink, fd);
    out->columns = columns_of(fd);
}

/* Topics are texts, not queries that somebody typed: what they say in vain is no news. */
const char *answer_note(const struct answer *answer, size_t place)
{
    if (answer->options->quiet || answer->options->topics)
        return NULL;
    return lede_results_note(answer->results, place);
}

void output_done(struct output *out)
{
    buffer_done(&out->text);
}

bool output_wait(struct output *out)
{
    out->closed = out->closed || (out->turns && !turns_wait(out->turns, out->number));
    return !out->closed;
}

enum lede_status output_flush(struct output *out, struct lede_error *err)
{
    bool failed = out->text.failed;

    (void)output_wait(out);
    if (lede_index_overtaken(out->index))
        return error_set(err, LEDE_BUSY,
                         "the index is being written to, and readers cannot be registered in its "
                         "directory (no permission to write there); try again");
    if (!failed && !out->closed && !command_write(out->fd, out->text.data, out->text.size)) {
        if (errno != EPIPE)
            return error_set(err, errno == ENOSPC ? LEDE_FULL : LEDE_IO, "standard output: %s",
                             strerror(errno));
        out->closed = true;
    }
    out->written += out->text.size;
    buffer_clear(&out->text);
    return failed ? error_no_memory(err) : LEDE_OK;
}

enum lede_status output_flush_some(struct output *out, struct lede_error *err)
{
    return out->text.size < WRITE_SIZE && !out->text.failed ? LEDE_OK : output_flush(out, err);
}

void output_refusal(struct output *out, const struct answer *answer, const char *why)
{
    if (answer->options->kind == OUTPUT_JSON || answer->options->kind == OUTPUT_JSONL)
        output_json_refusal(out, answer, why);
}

static char letter_of(uint8_t byte)
{
    return byte == '\t'   ? 't'
           : byte == '\n' ? 'n'
           : byte == '\r' ? 'r'
           : byte == '\\' ? '\\'
                          : '\0';
}

void output_put_field(struct output *out, struct slice text)
{
    size_t from = 0;

    for (size_t at = 0; at < text.size; at++) {
        char letter = letter_of(text.data[at]);

        if (!letter)
            continue;
        printable_put(&out->text, slice_of(text.data + from, at - from), PRINTABLE_NAME);
        buffer_byte(&out->text, '\\');
        buffer_byte(&out->text, (uint8_t)letter);
        from = at + 1;
    }
    if (from < text.size)
        printable_put(&out->text, slice_of(text.data + from, text.size - from), PRINTABLE_NAME);
}
