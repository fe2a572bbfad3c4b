/* Archives as a user has them: added, asked, shown again, kept in step with their folder; and those
 * that somebody made to do harm. */
#include "tests/indexer/archives.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/command_runner.h"

TestSuite(archives, .init = runner_init, .fini = runner_done, .timeout = 300);

enum { MIB = 1 << 20, CAP = (16 + 64) * MIB };

static struct making making;
static struct buffer bytes;

static void begin(const char *format, const char *filter)
{
    buffer_init(&bytes, NULL);
    making_begin(&making, format, filter, &bytes);
}

/* Writes the archive that was begun; seconds: of its time of change, after 2001. */
static void end(const char *path, int seconds)
{
    struct timespec times[2] = {{978307200 + seconds, 0}, {978307200 + seconds, 0}};

    making_end(&making);
    runner_write(path, bytes.data, bytes.size);
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    buffer_done(&bytes);
}

static void expect_raw(const char *index, const char *id, const char *expected)
{
    struct run run = INDEX("show", "--raw", "-d", index, id);

    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_str_eq(run.out, expected, "%s: %s", id, run.out);
    run_done(&run);
}

static void expect_found(const char *index, const char *query, const char *ids)
{
    struct run run = SEARCH("-q", "-d", index, "-l", "--", query);

    cr_expect_str_eq(run.out, ids, "%s: %s", query, run.out);
    run_done(&run);
}

Test(archives, raw_bytes_are_found_again_in_their_entry)
{
    static const char *const formats[] = {"pax", "zip"};
    const char *index = runner_path("a.lede"), *path = runner_path("a.bin");

    for (size_t i = 0; i < 2; i++) {
        begin(formats[i], i ? "none" : "zstd");
        making_file(&making, "a.txt", "A heron\n\nstands.\n");
        making_file(&making, "b.jsonl", "{\"id\":\"x\",\"text\":\"newt\"}\n{\"text\":\"swan\"}\n");
        making_file(&making, "a.txt", "again\n");
        end(path, 1);
        runner_expect(0, "lede-index",
                      ARGUMENTS("add", "-q", "--base", runner_path(""), "-d", index, path));
        expect_found(index, "heron", "a.bin!a.txt\n");
        expect_raw(index, "a.bin!a.txt", "A heron\n\nstands.\n");
        expect_raw(index, "a.bin!a.txt#2", "again\n");
        expect_raw(index, "x", "{\"id\":\"x\",\"text\":\"newt\"}");
        expect_raw(index, "a.bin!b.jsonl#2", "{\"text\":\"swan\"}");
    }
}

Test(archives, a_member_of_that_name_in_a_plain_file_is_no_entry)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.jsonl");
    const char *line = "{\"id\":\"x\",\"text\":\"newt\",\"archive_entry\":\"b\"}";
    struct run run;

    runner_write(path, line, strlen(line));
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, path));
    run = INDEX("show", "--raw", "-d", index, "x");
    cr_expect_str_eq(run.out, line, "%s", run.err);
    run_done(&run);
}

Test(archives, sync_follows_what_is_in_an_archive)
{
    const char *index = runner_path("a.lede"), *tree = runner_path("tree"),
               *path = runner_path("tree/a.zip");

    cr_assert_eq(mkdir(tree, 0777), 0);
    begin("zip", "none");
    making_file(&making, "a", "heron");
    making_file(&making, "b", "heron");
    end(path, 1);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index, tree));
    expect_found(index, "heron", "a.zip!a\na.zip!b\n");
    begin("zip", "none");
    making_file(&making, "b", "heron");
    making_file(&making, "c", "swan");
    end(path, 2);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index, tree));
    expect_found(index, "heron", "a.zip!b\n");
    expect_found(index, "swan", "a.zip!c\n");
    cr_assert_eq(unlink(path), 0);
    runner_expect(0, "lede-index",
                  ARGUMENTS("sync", "-q", "--force", "--base", tree, "-d", index, tree));
    expect_found(index, "swan", "");
}

Test(archives, names_that_lead_elsewhere_write_nothing_and_are_shown_harmlessly)
{
    const char *index = runner_path("a.lede"), *path = runner_path("in.tar");
    struct run run;

    begin("ustar", "none");
    making_file(&making, "../out.txt", "heron");
    making_file(&making, "\x1b[31mred", "heron");
    making_put(&making, "fifo\x1b", AE_IFIFO, slice_of(NULL, 0));
    end(path, 1);
    run = INDEX("add", "-v", "-d", index, path);
    cr_expect_eq(run.code, 1);
    cr_expect_null(strchr(run.err, '\x1b'));
    cr_expect_not_null(strstr(run.err, "in.tar!fifo\\x1b: a FIFO"), "%s", run.err);
    cr_expect_eq(access(runner_path("../out.txt"), F_OK), -1);
    run_done(&run);
    run = SEARCH("-d", index, "heron");
    cr_expect_not_null(strstr(run.out, "in.tar!out.txt"), "%s", run.out);
    cr_expect_null(strchr(run.out, '\x1b'));
    run_done(&run);
}

/* A file of two members of gz, each a record; the first one's bytes are no deflate any more. */
Test(archives, raw_bytes_behind_damage_are_found_again)
{
    const char *index = runner_path("a.lede"), *path = runner_path("a.warc.gz");
    char record[256];
    size_t second;
    struct run run;

    buffer_init(&bytes, NULL);
    for (int i = 1; i < 3; i++) {
        second = bytes.size;
        snprintf(record, sizeof record,
                 "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: http://x/%d\r\n"
                 "Content-Type: text/plain\r\nContent-Length: 11\r\n\r\nheron %04d\n\r\n\r\n",
                 i, i * 1001);
        making_begin(&making, "raw", "gzip", &bytes);
        making_file(&making, "a", record);
        making_end(&making);
    }
    memset(bytes.data + second - 40, 0xff, 20);
    runner_write(path, bytes.data, bytes.size);
    buffer_done(&bytes);
    run = INDEX("add", "-d", index, path);
    cr_expect_eq(run.code, 1);
    cr_expect_not_null(strstr(run.err, "reading goes on at byte"), "%s", run.err);
    run_done(&run);
    expect_found(index, "heron", "http://x/2\n");
    run = INDEX("show", "--raw", "-d", index, "http://x/2");
    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_eq(strncmp(run.out, "WARC/1.0\r\n", 10), 0, "%s", run.out);
    cr_expect_not_null(strstr(run.out, "heron 2002\n"), "%s", run.out);
    run_done(&run);
}

/* ---- harm ---- */

static void put_repeated(const char *name, const char *text, size_t size)
{
    struct archive_entry *entry = archive_entry_new();
    char *piece = malloc(MIB);

    for (size_t i = 0; i < MIB; i++)
        piece[i] = text[i % strlen(text)];
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)size);
    cr_assert_eq(archive_write_header(making.archive, entry), ARCHIVE_OK);
    for (; size > 0; size -= MIB)
        cr_assert_eq(archive_write_data(making.archive, piece, MIB), MIB);
    archive_entry_free(entry);
    free(piece);
}

/* What lede-index makes of it, with an article that is not harmful before or behind. The archive is
 * made by a child: what a process holds counts as its children's until they run a program. */
static void check_harm(void (*make)(const char *path), const char *what, const char *herons)
{
    const char *index = runner_path("harm.lede"), *path = runner_path("harm");
    pid_t pid = fork();
    int status;
    long peak;

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        make(path);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0, "%s", what);
    cr_expect_eq(runner_add_within(index, path, &peak), 1, "%s", what);
    cr_expect(runner_sanitized() || peak <= CAP, "%s: %ld bytes", what, peak);
    expect_found(index, "heron", herons);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "-q", "-d", index));
}

static void put_heron(void)
{
    making_file(&making, "b.jsonl", "{\"id\":\"x\",\"text\":\"heron\"}\n");
}

static void make_long_line(const char *path)
{
    begin("zip", "none");
    put_repeated("a.jsonl", "{\"id\":\"y\",\"text\":\"", 100UL * MIB);
    put_heron();
    end(path, 1);
}

static void make_repeated_text(const char *path)
{
    begin("ustar", "xz");
    put_heron();
    put_repeated("a.txt", "x ", 256UL * MIB);
    end(path, 1);
}

static void make_nested(const char *path)
{
    struct making outer;
    struct buffer inner;

    begin("zip", "none");
    put_heron();
    outer = making;
    buffer_init(&inner, NULL);
    making_begin(&making, "ustar", "zstd", &inner);
    put_repeated("a.txt", "0000 ", 256UL * MIB);
    making_end(&making);
    making = outer;
    making_put(&making, "in.tar.zst", AE_IFREG, buffer_bytes(&inner));
    end(path, 1);
}

Test(archives, bombs_end_in_a_skip_within_the_memory)
{
    check_harm(make_long_line, "a long line", "x\n");
    check_harm(make_repeated_text, "text that repeats", "x\n");
    check_harm(make_nested, "an archive in an archive", "x\n");
}

/* ---- archives that libarchive would not make ---- */

static void put_header(struct buffer *out, const char *name, char type, unsigned long long size)
{
    char head[512] = "";
    unsigned sum = 0;

    (void)snprintf(head, 100, "%s", name);
    memcpy(head + 100, "0000644\0000000000\0000000000", 24);
    (void)snprintf(head + 124, 12, "%011llo", size);
    memcpy(head + 136, "00000000000", 12);
    memset(head + 148, ' ', 8);
    head[156] = type;
    memcpy(head + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof head; i++)
        sum += (unsigned char)head[i];
    (void)snprintf(head + 148, 8, "%06o", sum);
    buffer_put(out, head, sizeof head);
}

static void pad(struct buffer *out)
{
    while (out->size % 512 != 0)
        buffer_byte(out, 0);
}

static void write_packed(const char *path, const struct buffer *plain)
{
    begin("raw", "xz");
    making_put(&making, "a", AE_IFREG, buffer_bytes(plain));
    end(path, 1);
}

/* An entry whose map of holes has no end. */
static void make_holes(const char *path)
{
    static const char fields[] = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
                                 "31 GNU.sparse.realsize=99999999\n";
    struct buffer plain;

    buffer_init(&plain, NULL);
    put_header(&plain, "pax", 'x', sizeof fields - 1);
    buffer_str(&plain, fields);
    pad(&plain);
    put_header(&plain, "a", '0', 400UL * MIB);
    buffer_str(&plain, "99999999\n");
    for (int i = 0; i < 30 * MIB; i++)
        buffer_str(&plain, "1\n");
    write_packed(path, &plain);
}

/* A long name of 64 MiB. */
static void make_name(const char *path)
{
    struct buffer plain;

    buffer_init(&plain, NULL);
    put_header(&plain, "././@LongLink", 'L', 64UL * MIB);
    for (int i = 0; i < 64 * MIB; i++)
        buffer_byte(&plain, 'n');
    put_header(&plain, "a", '0', 0);
    write_packed(path, &plain);
}

Test(archives, descriptions_without_end_do_not_fill_the_memory)
{
    runner_expect(0, "lede-index", /* an index that both can be asked about */
                  ARGUMENTS("add", "-q", "-d", runner_path("harm.lede"), "README.md"));
    check_harm(make_holes, "holes", "");
    check_harm(make_name, "a name", "");
}
