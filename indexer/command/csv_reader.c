#include "command/csv_reader.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lede_bytes.h"
#include "command/csv_header.h"
#include "command/file_kind.h"
#include "command/repair.h"

enum {
    LINE_END = 1,           /* bytes that libcsv takes for one */
    PIECE = 64 * 1024,      /* bytes that libcsv is given at once, at most */
    FIELD_GROWS = 64 * 1024 /* as far as its copy of a field grows at once */
};

struct csv_reader {
    struct members members;
    size_t max_record;
    struct csv_parser parser; /* begun by csv_reader_new */
    struct input *input;
    const struct origin *origin;
    bool tabs;                  /* TSV was asked for */
    bool ended;                 /* nothing more is to be read, and it was said why */
    bool has_row;               /* libcsv met the end of a row */
    bool after_return, at_line; /* what was passed last is a CR; is a line end */
    uint64_t line, record;      /* lines passed; rows read, but for the header */
    uint64_t replaced;

    /* The row that was read last. */
    uint64_t row_line, row_offset; /* where it begins */
    size_t row_size;               /* bytes, with its line end, if it has one */
    struct buffer row;             /* its fields, one behind the other */
    size_t count;                  /* of fields, of which the first CSV_COLUMNS are kept */
    size_t ends[CSV_COLUMNS];      /* in row */

    struct buffer header;
    size_t columns;
    struct slice names[CSV_COLUMNS];
    struct json_member found[CSV_COLUMNS];
};

/* ---- its life ---- */

static bool begin_parser(struct csv_reader *reader)
{
    if (csv_init(&reader->parser, 0) != 0)
        return false;
    csv_set_blk_size(&reader->parser, FIELD_GROWS);
    return true;
}

enum lede_status csv_reader_new(const struct member_fields *fields, size_t max_record,
                                struct csv_reader **out, struct lede_error *err)
{
    struct csv_reader *reader = calloc(1, sizeof *reader);

    if (!reader || !begin_parser(reader)) {
        free(reader);
        return error_no_memory(err);
    }
    members_init(&reader->members, fields);
    reader->max_record = max_record;
    buffer_init(&reader->row, NULL);
    buffer_init(&reader->header, NULL);
    *out = reader;
    return LEDE_OK;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    csv_free(&reader->parser);
    members_done(&reader->members);
    buffer_done(&reader->row);
    buffer_done(&reader->header);
    free(reader);
}

/* Drops what libcsv has of a row. False if memory ran out. */
static bool reset_parser(struct csv_reader *reader)
{
    unsigned char separator = csv_get_delim(&reader->parser);
    unsigned char quote = csv_get_quote(&reader->parser);

    csv_free(&reader->parser);
    if (!begin_parser(reader))
        return false;
    csv_set_delim(&reader->parser, separator);
    csv_set_quote(&reader->parser, quote);
    return true;
}

enum lede_status csv_reader_start(struct csv_reader *reader, struct input *input,
                                  const struct origin *origin, bool tabs, struct lede_error *err)
{
    reader->input = input;
    reader->origin = origin;
    reader->tabs = tabs;
    reader->ended = reader->after_return = false;
    reader->line = reader->record = 0;
    reader->columns = 0;
    return reset_parser(reader) ? LEDE_OK : error_no_memory(err);
}

/* ---- the header ---- */

/* Looks at the header for how the table is written. */
static void choose_dialect(struct csv_reader *reader)
{
    size_t seen = 0;
    struct slice head, line;

    do {
        (void)input_peek(reader->input, seen + 1, &head, NULL);
        line = csv_first_line(head);
        if (head.size == seen)
            break;
        seen = head.size;
    } while (seen < HEAD_SIZE && line.size + 3 >= seen);
    if (slice_begins(head, slice_str("\xef\xbb\xbf")))
        input_skip(reader->input, 3);
    csv_set_delim(&reader->parser, reader->tabs ? CSV_TAB : csv_separator(line));
    csv_set_quote(&reader->parser, reader->tabs && !(line.size && memchr(line.data, '"', line.size))
                                       ? 0
                                       : CSV_QUOTE);
}

/* ---- rows ---- */

static void take_field(void *bytes, size_t size, void *context)
{
    struct csv_reader *reader = context;

    if (reader->count < CSV_COLUMNS) {
        repair_utf8(slice_of(bytes, size), &reader->row, &reader->replaced);
        reader->ends[reader->count] = reader->row.size;
    }
    reader->count++;
}

static void take_row(int end, void *context)
{
    struct csv_reader *reader = context;

    (void)end;
    reader->has_row = true;
}

static struct slice field(const struct csv_reader *reader, size_t i)
{
    size_t begin = i > 0 ? reader->ends[i - 1] : 0;

    return slice_of(reader->row.data ? reader->row.data + begin : NULL, reader->ends[i] - begin);
}

/* The rest of the line ahead with its first line end, or as much of it as is there. */
static struct slice next_piece(struct slice ahead)
{
    size_t size = 0;

    if (ahead.size > PIECE)
        ahead.size = PIECE;
    while (size < ahead.size && ahead.data[size] != '\n' && ahead.data[size] != '\r')
        size++;
    return slice_of(ahead.data, size < ahead.size ? size + 1 : size);
}

/* A line end is LF, CR or CR LF. */
static void count_line(struct csv_reader *reader, struct slice piece)
{
    uint8_t last = piece.data[piece.size - 1];

    reader->line += last == '\r' || (last == '\n' && !(reader->after_return && piece.size == 1));
    reader->after_return = last == '\r';
}

static bool ends_line(struct slice piece)
{
    return piece.data[piece.size - 1] == '\n' || piece.data[piece.size - 1] == '\r';
}

enum row_kind { ROW_END, ROW_WHOLE, ROW_TOO_LONG, ROW_OPEN, ROW_FAILED };

/* The input is at its end: what is left is the last row, if a line end ends it. */
static enum row_kind finish_row(struct csv_reader *reader, enum lede_status *status)
{
    if (*status != LEDE_OK)
        return ROW_FAILED;
    if (reader->row_size == 0)
        return ROW_END;
    if (csv_parse(&reader->parser, "\n", 1, take_field, take_row, reader) != 1)
        *status = LEDE_NO_MEMORY;
    if (*status != LEDE_OK)
        return ROW_FAILED;
    reader->at_line = false;
    if (!reader->has_row)
        return reader->parser.quoted ? ROW_OPEN : ROW_END;
    return ROW_WHOLE;
}

/* Passes blanks and empty lines, up to where a row begins. */
static enum lede_status find_row(struct csv_reader *reader, struct lede_error *error)
{
    uint8_t separator = csv_get_delim(&reader->parser);
    enum lede_status status;
    struct slice ahead;
    size_t size;

    do {
        status = input_peek(reader->input, 1, &ahead, error);
        for (size = 0;
             size < ahead.size && byte_is_blank(ahead.data[size]) && ahead.data[size] != separator;
             size++)
            count_line(reader, slice_of(ahead.data + size, 1));
        input_skip(reader->input, size);
    } while (size > 0 && size == ahead.size);
    reader->row_line = reader->line + 1;
    reader->row_offset = input_offset(reader->input);
    return status;
}

/* Gives libcsv the next line, or a piece of it. */
static enum lede_status feed(struct csv_reader *reader, struct slice piece)
{
    struct csv_parser *parser = &reader->parser;

    if (csv_parse(parser, piece.data, piece.size, take_field, take_row, reader) != piece.size)
        return LEDE_NO_MEMORY;
    count_line(reader, piece);
    reader->row_size += piece.size;
    reader->at_line = ends_line(piece);
    input_skip(reader->input, piece.size);
    return LEDE_OK;
}

/* Gives libcsv lines until it says that they are a row. */
static enum row_kind read_row(struct csv_reader *reader, enum lede_status *status,
                              struct lede_error *error)
{
    size_t most = reader->max_record + LINE_END;
    struct slice ahead;

    buffer_clear(&reader->row);
    reader->count = reader->row_size = 0;
    reader->has_row = false;
    reader->replaced = 0;
    *status = find_row(reader, error);
    while (*status == LEDE_OK && !reader->has_row && reader->row_size <= most) {
        *status = input_peek(reader->input, 1, &ahead, error);
        if (ahead.size == 0)
            return finish_row(reader, status);
        *status = feed(reader, next_piece(ahead));
    }
    if (*status != LEDE_OK)
        return ROW_FAILED;
    return reader->row_size <= most ? ROW_WHOLE : ROW_TOO_LONG;
}

/* ---- items ---- */

static void set_skip(struct csv_reader *reader, struct item *item, enum skip_reason reason,
                     const char *message)
{
    item_skip(item, reader->origin, reason, reader->row_line, reader->row_offset, message);
}

/* The file has no more to give, for a reason that is its last item. */
static void end_with(struct csv_reader *reader, struct item *item, enum skip_reason reason,
                     const char *message)
{
    set_skip(reader, item, reason, message);
    reader->ended = true;
}

/* Drops the row, and passes what is left of its line. False if memory ran out. */
static bool drop_row(struct csv_reader *reader)
{
    struct slice ahead, piece;

    while (!reader->at_line) {
        (void)input_peek(reader->input, 1, &ahead, NULL);
        piece = next_piece(ahead);
        if (piece.size == 0)
            break;
        count_line(reader, piece);
        reader->at_line = ends_line(piece);
        input_skip(reader->input, piece.size);
    }
    return reset_parser(reader);
}

static enum lede_status skip_too_long(struct csv_reader *reader, struct item *item,
                                      struct lede_error *err)
{
    char message[160];

    (void)snprintf(message, sizeof message,
                   "the row has more than %zu bytes, or a quote is not closed: see --max-record",
                   reader->max_record);
    set_skip(reader, item, SKIP_TOO_LARGE, message);
    if (!reader->has_row && !drop_row(reader))
        return error_no_memory(err);
    return LEDE_OK;
}

/* What is no row becomes an item; nothing, at the end. */
static enum lede_status take_other(struct csv_reader *reader, enum row_kind kind,
                                   enum lede_status status, const struct lede_error *error,
                                   struct item *item, struct lede_error *err)
{
    if (kind == ROW_FAILED && (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED))
        return status == LEDE_NO_MEMORY ? error_no_memory(err)
                                        : error_set(err, status, "%s", error->text);
    if (kind == ROW_FAILED)
        end_with(reader, item, SKIP_UNREADABLE, error->text);
    else if (kind == ROW_OPEN)
        end_with(reader, item, SKIP_BAD_RECORD, "a quote is not closed before the file ends");
    else if (kind == ROW_TOO_LONG)
        return skip_too_long(reader, item, err);
    return LEDE_OK;
}

/* A column's name as members.h wants it. */
static struct slice column_name(const struct csv_reader *reader, struct slice name)
{
    for (int i = 0; i < MEMBER_COUNT; i++)
        if (csv_same_name(name, reader->members.names[i]))
            return slice_str(reader->members.names[i]);
    return name.size > 0 ? name : slice_str("column");
}

/* Takes the row for the header; false if no column is worth an article. */
static bool take_header(struct csv_reader *reader)
{
    struct buffer swap = reader->header;
    bool known = false;

    reader->columns = reader->count < CSV_COLUMNS ? reader->count : CSV_COLUMNS;
    for (size_t i = 0; i < reader->columns; i++) {
        reader->names[i] = column_name(reader, field(reader, i));
        for (int j = MEMBER_TITLE; j <= MEMBER_TEXT; j++)
            known |= slice_equal(reader->names[i], slice_str(reader->members.names[j]));
    }
    reader->header = reader->row; /* which the names are in */
    reader->row = swap;
    return known && reader->count <= CSV_COLUMNS;
}

static void reject_header(struct csv_reader *reader, struct item *item)
{
    char message[256];

    if (reader->count > CSV_COLUMNS)
        (void)snprintf(message, sizeof message, "a table of more than %d columns", CSV_COLUMNS);
    else
        (void)snprintf(
            message, sizeof message,
            "no column is named \"%.48s\" or \"%.48s\": see --field (-f text takes it as "
            "text)",
            reader->members.names[MEMBER_TITLE], reader->members.names[MEMBER_TEXT]);
    end_with(reader, item, SKIP_BAD_RECORD, message);
}

static enum lede_status take_article(struct csv_reader *reader, struct item *item,
                                     struct lede_error *err)
{
    char complaint[MEMBERS_COMPLAINT] = "";
    size_t count = 0;

    if (reader->row.failed)
        return error_no_memory(err);
    reader->record++;
    if (reader->count > reader->columns) {
        (void)snprintf(complaint, sizeof complaint, "the row has %zu fields, the header %zu",
                       reader->count, reader->columns);
        set_skip(reader, item, SKIP_BAD_RECORD, complaint);
        return LEDE_OK;
    }
    for (size_t i = 0; i < reader->count; i++)
        if (field(reader, i).size > 0)
            reader->found[count++] =
                (struct json_member){reader->names[i], field(reader, i), KIND_STRING};
    if (members_read(&reader->members, reader->found, count, reader->origin, reader->record, item,
                     complaint) != LEDE_OK)
        return error_no_memory(err);
    if (complaint[0]) {
        set_skip(reader, item, SKIP_BAD_RECORD, complaint);
        return LEDE_OK;
    }
    item->record = reader->row_line;
    item->replaced_bytes = reader->replaced;
    item_set_source(item, reader->origin, reader->row_offset,
                    reader->row_size - (reader->at_line ? LINE_END : 0));
    return LEDE_OK;
}

enum lede_status csv_reader_next(struct csv_reader *reader, struct item *item,
                                 struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status = LEDE_OK;
    enum row_kind kind;

    *item = (struct item){.kind = ITEM_END};
    if (reader->ended)
        return LEDE_OK;
    if (reader->columns == 0) {
        choose_dialect(reader);
        kind = read_row(reader, &status, &error);
        if (kind != ROW_WHOLE)
            return take_other(reader, kind, status, &error, item, err);
        if (reader->row.failed)
            return error_no_memory(err);
        if (!take_header(reader)) {
            reject_header(reader, item);
            return LEDE_OK;
        }
    }
    do
        kind = read_row(reader, &status, &error);
    while (kind == ROW_WHOLE && reader->row.size == 0 && !reader->row.failed);
    return kind == ROW_WHOLE ? take_article(reader, item, err)
                             : take_other(reader, kind, status, &error, item, err);
}
