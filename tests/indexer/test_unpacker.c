/* Archives: what is packed in them is read as if it lay in a folder, and nothing else happens. */
#include "archives.h"
#include "readings.h"

#include <locale.h>
#include <stdlib.h>

#include "indexer/command/archive_entries.h"
#include "indexer/command/unpacker.h"

static struct making making;

TestSuite(unpacker, .init = readings_begin, .fini = readings_end);

/* ---- reading ---- */

static void put_item(const struct item *item, struct slice bytes)
{
    const struct lede_article *article = &item->article;
    const struct lede_field *last;

    (void)bytes;
    if (item->kind == ITEM_SKIP) {
        buffer_printf(&out, "skip %.*s %s%s\n", (int)item->skip.path.size, item->skip.path.data,
                      skip_reason_name(item->skip.reason), item->skip.named ? " named" : "");
        return;
    }
    buffer_printf(&out, "%.*s|%.*s", (int)article->id.size, (const char *)article->id.data,
                  (int)article->text.size, (const char *)article->text.data);
    cr_expect_eq(article->source.size, 1, "the source is the file");
    last = article->metadata_count ? article->metadata + article->metadata_count - 1 : NULL;
    if (last)
        buffer_printf(&out, "|%.*s", (int)last->value.size, (const char *)last->value.data);
    buffer_byte(&out, '\n');
}

/* A line an item: "ID|TEXT|ENTRY" or "skip PATH REASON". */
static const char *read_as(enum input_format format, size_t step)
{
    struct reader_options options = {.format = format,
                                     .max_record = 1000,
                                     .max_text = 1000,
                                     .max_page = 10000,
                                     .max_tree = 100000};

    return read_items(&options, "f", buffer_bytes(&file), step, put_item);
}

static void check(const char *expected)
{
    for (size_t step = 0; step < 6; step += 5) {
        const char *got = read_as(FORMAT_AUTO, step);

        cr_expect_str_eq(got, expected, "%s not %s", got, expected);
    }
}

/* Some entry of each kind that there is. */
static void put_entries(void)
{
    making_file(&making, "a.txt", "one");
    making_file(&making, "dir/b.jsonl", "{\"id\":\"x\",\"text\":\"two\"}\n{\"text\":\"three\"}\n");
    making_file(&making, "dir/c.html", "<html><title>T</title><p>four");
    making_file(&making, "w",
                "WARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n\r\n\r\n");
}

static const char ENTRIES[] = "f!a.txt|one|a.txt\n"
                              "x|two|dir/b.jsonl\n"
                              "f!dir/b.jsonl#2|three|dir/b.jsonl\n"
                              "f!dir/c.html|four|dir/c.html\n"
                              "skip f!w no_article\n";

/* ---- what is read ---- */

Test(unpacker, entries_are_read_by_what_they_are)
{
    static const char *const formats[] = {"ustar", "pax", "gnutar", "v7tar", "zip"};
    static const char *const filters[] = {"none", "gzip", "zstd", "xz", "bzip2"};

    for (size_t i = 0; i < 25; i++) {
        buffer_clear(&file);
        making_begin(&making, formats[i % 5], filters[i / 5], &file);
        put_entries();
        making_end(&making);
        check(ENTRIES);
    }
}

Test(unpacker, a_format_that_was_asked_for_is_that_of_the_entries)
{
    making_begin(&making, "zip", "none", &file);
    making_file(&making, "a.jsonl", "{\"text\":\"x\"}");
    making_end(&making);
    cr_expect_str_eq(read_as(FORMAT_TEXT, 0), "f!a.jsonl|{\"text\":\"x\"}|a.jsonl\n");
    cr_expect_str_eq(read_as(FORMAT_ARCHIVE, 0), "f!a.jsonl#1|x|a.jsonl\n");
    buffer_clear(&file);
    buffer_str(&file, "text");
    cr_expect_str_eq(read_as(FORMAT_ARCHIVE, 0), "skip f bad_record named\n");
}

Test(unpacker, compressed_entries_and_archives_in_archives_are_unpacked)
{
    struct buffer inner, middle;

    buffer_init(&inner, NULL);
    buffer_init(&middle, NULL);
    making_begin(&making, "zip", "none", &inner);
    making_file(&making, "a.txt", "deep");
    making_end(&making);
    making_begin(&making, "pax", "gzip", &middle);
    making_put(&making, "in.zip", AE_IFREG, buffer_bytes(&inner));
    making_file(&making, "b.txt", "between");
    making_end(&making);
    making_begin(&making, "zip", "none", &file);
    making_put(&making, "mid.tar.gz", AE_IFREG, buffer_bytes(&middle));
    making_file(&making, "c.txt", "top");
    making_end(&making);
    check("f!mid.tar.gz!in.zip!a.txt|deep|mid.tar.gz!in.zip!a.txt\n"
          "f!mid.tar.gz!b.txt|between|mid.tar.gz!b.txt\n"
          "f!c.txt|top|c.txt\n");
    buffer_done(&inner);
    buffer_done(&middle);
}

Test(unpacker, a_name_that_comes_again_is_numbered)
{
    making_begin(&making, "ustar", "none", &file);
    making_file(&making, "a", "one");
    making_file(&making, "./a", "two");
    making_file(&making, "b", "three");
    making_file(&making, "a", "four");
    making_end(&making);
    check("f!a|one|a\nf!a#2|two|a#2\nf!b|three|b\nf!a#3|four|a#3\n");
}

Test(unpacker, names_of_any_script_stay_as_they_are_in_any_locale)
{
    static const char *const formats[] = {"pax", "zip"};
    char name[] = "\xd0\xbc\xd0\xb8\xd1\x80/caf\xc3\xa9.txt";

    for (size_t i = 0; i < 2; i++) {
        buffer_clear(&file);
        cr_assert(setlocale(LC_CTYPE, "C.UTF-8"));
        making_begin(&making, formats[i], "none", &file);
        making_file(&making, name, "one");
        making_end(&making);
        cr_assert(setlocale(LC_CTYPE, "C"));
        check("f!\xd0\xbc\xd0\xb8\xd1\x80/caf\xc3\xa9.txt|one|\xd0\xbc\xd0\xb8\xd1\x80/"
              "caf\xc3\xa9.txt\n");
    }
}

Test(unpacker, a_text_that_begins_like_an_archive_is_a_text)
{
    buffer_str(&file, "PK\n\nis no archive");
    check("f|is no archive\n");
    buffer_clear(&file);
    for (int i = 0; i < 40; i++)
        buffer_str(&file, "a.txt 0000644 ");
    cr_expect_eq(strncmp(read_as(FORMAT_AUTO, 0), "f|a.txt", 7), 0);
}

Test(unpacker, an_archive_without_entries_has_no_articles)
{
    making_begin(&making, "zip", "none", &file);
    making_end(&making);
    check("");
}

Test(unpacker, bytes_of_entries_are_counted)
{
    struct reader_options options = {.max_record = 1000, .max_text = 1000};
    struct origin origin = {slice_str("f"), slice_str("f"), true};
    struct reader *reader;
    struct item item = {.kind = ITEM_SKIP};

    making_begin(&making, "zip", "none", &file);
    making_file(&making, "a", "12345");
    making_file(&making, "b", "123");
    making_end(&making);
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL), LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind != ITEM_END)
        ;
    cr_expect_eq(reader_bytes(reader), 8);
    cr_expect_geq(reader_raw_bytes(reader), file.size);
    reader_close(reader);
}

/* ---- what is not ---- */

Test(unpacker, names_that_lead_elsewhere_are_only_names)
{
    making_begin(&making, "ustar", "none", &file);
    making_file(&making, "../../etc/passwd", "one");
    making_file(&making, "/abs/./x//y.txt", "two");
    making_file(&making, "..", "three");
    making_end(&making);
    check("f!etc/passwd|one|etc/passwd\nf!abs/x/y.txt|two|abs/x/y.txt\nf!unnamed|three|unnamed\n");
}

Test(unpacker, links_and_devices_are_skipped_by_name)
{
    making_begin(&making, "ustar", "none", &file);
    making_put(&making, "link", AE_IFLNK, slice_str("/etc/passwd"));
    making_put(&making, "fifo", AE_IFIFO, slice_of(NULL, 0));
    making_put(&making, "dev", AE_IFCHR, slice_of(NULL, 0));
    making_put(&making, "folder", AE_IFDIR, slice_of(NULL, 0));
    making_file(&making, "a", "one");
    making_end(&making);
    check("skip f!link symlink\nskip f!fifo not_a_file\nskip f!dev not_a_file\nf!a|one|a\n");
}

Test(unpacker, a_link_in_a_zip_is_skipped_by_name)
{
    making_begin(&making, "zip", "none", &file);
    making_put(&making, "link", AE_IFLNK, slice_str("../a"));
    making_file(&making, "a", "one");
    making_end(&making);
    check("skip f!link symlink\nf!a|one|a\n");
}

Test(unpacker, hidden_entries_are_skipped_by_name)
{
    making_begin(&making, "zip", "none", &file);
    making_file(&making, ".git/config", "one");
    making_file(&making, "a/.b", "two");
    making_file(&making, "c", "three");
    making_end(&making);
    check("skip f!.git/config hidden\nskip f!a/.b hidden\nf!c|three|c\n");
}

Test(unpacker, a_document_that_is_a_zip_is_binary)
{
    static const char *const firsts[] = {"mimetype", "[Content_Types].xml", "META-INF/MANIFEST.MF"};

    for (size_t i = 0; i < 3; i++) {
        buffer_clear(&file);
        making_begin(&making, "zip", "none", &file);
        making_file(&making, firsts[i], "x");
        making_file(&making, "word/document.xml", "<w>text</w>");
        making_end(&making);
        check("skip f binary named\n");
    }
}

Test(unpacker, archives_too_deep_in_archives_are_one_skip)
{
    struct buffer inner, swap;

    buffer_init(&inner, NULL);
    buffer_str(&inner, "text");
    for (int i = 0; i <= UNPACKER_DEPTH; i++) {
        buffer_clear(&file);
        making_begin(&making, "zip", "none", &file);
        making_put(&making, "n", AE_IFREG, buffer_bytes(&inner));
        making_end(&making);
        swap = inner;
        inner = file;
        file = swap;
    }
    swap = inner;
    inner = file;
    file = swap;
    check("skip f!n!n!n!n too_large\n");
    buffer_done(&inner);
}

Test(unpacker, a_name_without_end_is_one_skip)
{
    char *name = malloc(100001);

    memset(name, 'n', 100000);
    name[100000] = 0;
    making_begin(&making, "pax", "none", &file);
    making_file(&making, name, "one");
    making_file(&making, "a", "two");
    making_end(&making);
    check("skip f refused named\nf!a|two|a\n");
    free(name);
}

/* ---- damage ---- */

Test(unpacker, an_entry_whose_sum_is_wrong_is_skipped_and_the_next_one_read)
{
    uint8_t *at;

    making_begin(&making, "zip", "none", &file);
    archive_write_zip_set_compression_store(making.archive);
    making_file(&making, "a", "onetwothree");
    making_file(&making, "b", "four");
    making_end(&making);
    at = memmem(file.data, file.size, "onetwothree", 11);
    cr_assert(at);
    *at = 'O';
    check("skip f!a unreadable\nf!b|four|b\n");
}

Test(unpacker, behind_a_header_that_makes_no_sense_the_next_one_is_found)
{
    making_begin(&making, "ustar", "none", &file);
    making_file(&making, "a", "one");
    making_file(&making, "b", "two");
    making_file(&making, "c", "three");
    making_end(&making);
    memset(file.data + 1024, 0xff, 512);
    check("f!a|one|a\nskip f unreadable named\nf!c|three|c\n");
}

Test(unpacker, an_archive_cut_anywhere_gives_what_is_before_the_cut)
{
    size_t whole;

    for (int zip = 0; zip < 2; zip++) {
        buffer_clear(&file);
        making_begin(&making, zip ? "zip" : "ustar", "none", &file);
        put_entries();
        making_end(&making);
        whole = file.size < 5000 ? file.size : 5000;
        for (file.size = 512; file.size < whole; file.size += 37) {
            const char *got = read_as(FORMAT_AUTO, 0), *skip = strstr(got, "skip");
            size_t same = skip ? (size_t)(skip - got) : strlen(got);

            cr_expect_eq(strncmp(got, ENTRIES, same), 0, "cut at %zu: %s", file.size, got);
        }
    }
}

Test(unpacker, methods_that_take_any_memory_are_not_read)
{
    /* A stored entry whose header says that it is of method 98, PPMd. */
    making_begin(&making, "zip", "none", &file);
    archive_write_zip_set_compression_store(making.archive);
    making_file(&making, "a", "one");
    making_end(&making);
    cr_assert_eq(file.data[8], 0);
    file.data[8] = 98;
    file.size = 30 + 1 + 9 + 3 + 64; /* without its directory, which says otherwise */
    cr_expect_eq(strncmp(read_as(FORMAT_AUTO, 0), "skip f!a unreadable\n", 20), 0, "%s",
                 (const char *)out.data);
}

/* ---- bombs ---- */

static void put_zeros(const char *name, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    char *zeros = calloc(1, 1 << 20);

    memset(zeros, 'x', 1 << 20);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)size);
    cr_assert_eq(archive_write_header(making.archive, entry), ARCHIVE_OK);
    for (; size > 0; size -= 1 << 20)
        cr_assert_eq(archive_write_data(making.archive, zeros, 1 << 20), 1 << 20);
    archive_entry_free(entry);
    free(zeros);
}

/* 300 MiB of one letter are some 10 KiB as xz. */
Test(unpacker, what_unpacks_to_a_thousand_times_its_size_is_given_up)
{
    struct reader_options options = {.max_text = UINT64_MAX - 1, .max_record = 1000};
    struct origin origin = {slice_str("f"), slice_str("f"), true};
    struct reader *reader;
    struct item item = {.kind = ITEM_PART};
    uint64_t size = 0;

    making_begin(&making, "ustar", "xz", &file);
    put_zeros("a", 300 << 20);
    making_end(&making);
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL), LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind == ITEM_PART)
        size += item.article.text.size;
    cr_expect_eq(item.kind, ITEM_SKIP);
    cr_expect_not_null(strstr(item.skip.message, "times its size"), "%s", item.skip.message);
    cr_expect_leq(size, EXPANSION_FREE + EXPANSION_MOST * file.size + (2 << 20));
    reader_close(reader);
}

/* A pax entry that says it is all hole. */
Test(unpacker, a_hole_is_not_filled_with_zeros)
{
    struct archive_entry *entry = archive_entry_new();

    making_begin(&making, "pax", "none", &file);
    archive_entry_set_pathname(entry, "a");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)1 << 40);
    archive_entry_sparse_add_entry(entry, ((la_int64_t)1 << 40) - 512, 512);
    cr_assert_eq(archive_write_header(making.archive, entry), ARCHIVE_OK);
    cr_assert_eq(archive_write_data(making.archive, "", 1), 1);
    archive_entry_free(entry);
    making_end(&making);
    check("skip f!a unreadable\n");
}
