/* reader.h -- any file as articles: the one interface over text, JSON lines, web pages, archives of
 * the web, and archives of such files.
 *
 *     reader_start(reader, fd, &origin, err);
 *     while ((status = reader_next(reader, &item, err)) == LEDE_OK && item.kind != ITEM_END) ...
 *
 * An archive (unpacker.h: tar or zip, told by its content whatever the format) is what is packed in
 * it; the format is that of its entries, and FORMAT_ARCHIVE is FORMAT_AUTO but that the file has to
 * be one. An article of an entry has the archive as its source, bytes of the unpacked entry as its
 * range there, and the entry's name as its last metadata, READER_ENTRY.
 *
 * FORMAT_AUTO looks at the bytes and at the name without .gz, .zst, .xz or .bz2:
 *     WARC, ARC    WARC/0., WARC/1. or filedesc:// at the beginning
 *     binary       among the first 8 KiB a NUL, or control characters more than one in 64 bytes,
 *                  but no mark of UTF-16: skipped (also if text was asked for)
 *     JSON lines   *.jsonl, *.ndjson; or the first line that is not blank is a JSON object
 *     JSON         *.json that is not lines, or json_recognizes: an array of objects, or one
 *     CSV, TSV     *.csv, *.tsv, *.tab; or csv_recognizes
 *     feed         its first element is that of RSS, or of an Atom feed
 *     mail         *.eml, *.mbox; or the first line of an mbox, or the fields of a mail
 *     web page     a doctype html, <html, <head, <body, <title or <meta, behind blanks, comments
 * and an XML declaration; or *.html, *.htm, *.xhtml, if it has anything like a tag text anything
 * else A *.json file whose first line is no object is skipped: it is JSON, but not lines of it. An
 * empty file is an article without words (it may replace one that had some); an empty standard
 * input, the path "-", is none. A slow pipe is judged by its first line alone.
 *
 * Text files and web pages that chain several articles are cut into them (chained.h).
 *
 * One reader serves many files, one after the other; what is wrong with a file is an
 * item, so that the next one can be read. */
#ifndef LEDE_COMMAND_READER_H
#define LEDE_COMMAND_READER_H

#include "command/chained.h"
#include "command/item.h"
#include "command/jsonl_reader.h"

#define READER_ENTRY "archive_entry"

enum input_format {
    FORMAT_AUTO,
    FORMAT_TEXT,
    FORMAT_JSONL,
    FORMAT_HTML,
    FORMAT_WARC,
    FORMAT_ARCHIVE,
    FORMAT_CSV,
    FORMAT_TSV,
    FORMAT_JSON,
    FORMAT_FEED,
    FORMAT_MAIL
};

struct reader_options {
    enum input_format format;
    size_t max_record;           /* bytes of a line */
    size_t max_values;           /* bytes that a record of JSON takes once it is read; 0: any */
    uint64_t max_text;           /* bytes of a text file */
    size_t max_unpack;           /* bytes that a decompressor may take; 0: DECODER_MEMORY */
    size_t max_page, max_tree;   /* bytes of a web page, and of its tree in memory */
    struct member_fields fields; /* borrowed */
    struct split_options split;  /* of text files and web pages; borrowed */
};

struct reader;

enum lede_status reader_open(const struct reader_options *options, struct reader **out,
                             struct lede_error *err);
void reader_close(struct reader *reader);

/* Begins a file, or bytes in memory (given step at a time; 0: at once). Takes fd; origin, whose
 * path ends with a NUL behind it, and bytes are borrowed until ITEM_END or the next start.
 * LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status reader_start(struct reader *reader, int fd, const struct origin *origin,
                              struct lede_error *err);
enum lede_status reader_start_memory(struct reader *reader, struct slice bytes, size_t step,
                                     const struct origin *origin, struct lede_error *err);

/* The next article or skip, whose bytes live until the next call; or ITEM_END.
 * LEDE_NO_MEMORY, LEDE_INTERRUPTED. */
enum lede_status reader_next(struct reader *reader, struct item *item, struct lede_error *err);

/* Bytes of the file as it is (compressed) that were read so far, and those that came out; of an
 * archive those of its entries. */
uint64_t reader_raw_bytes(const struct reader *reader);
uint64_t reader_bytes(const struct reader *reader);

#endif
