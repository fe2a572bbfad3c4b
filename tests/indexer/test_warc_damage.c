/* Archives of the web that are compressed record by record, and damaged: what is lost is what the
 * damaged members held, by name. */
#include "scratch.h"

#include <zlib.h>

#include "base/buffer.h"
#include "indexer/command/reader.h"

enum { RECORDS = 40 };

static struct buffer file;
static size_t begins[RECORDS + 1]; /* of members */
static bool met[RECORDS];
static unsigned articles, losses;
static char message[400];

static void put_member(struct slice bytes)
{
    z_stream zlib = {.next_in = (uint8_t *)(uintptr_t)bytes.data, .avail_in = (uInt)bytes.size};
    size_t room;

    cr_assert_eq(deflateInit2(&zlib, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    room = deflateBound(&zlib, bytes.size);
    zlib.next_out = buffer_room(&file, room);
    zlib.avail_out = (uInt)room;
    cr_assert_eq(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    file.size += zlib.total_out;
    deflateEnd(&zlib);
}

/* Pages of some words each; one of them is larger than what zlib gives at once. */
static void make(unsigned *seed)
{
    struct buffer body, record;

    buffer_init(&body, NULL);
    buffer_init(&record, NULL);
    buffer_clear(&file);
    for (int i = 0; i < RECORDS; i++) {
        int words = i == 7 ? 60000 : 30 + rand_r(seed) % 300;

        begins[i] = file.size;
        buffer_clear(&body);
        buffer_str(&body, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>");
        for (int j = 0; j < words; j++)
            buffer_printf(&body, "w%x ", (unsigned)rand_r(seed) % 5000);
        buffer_clear(&record);
        buffer_printf(&record,
                      "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://x/%d\r\n"
                      "Content-Type: application/http\r\nContent-Length: %zu\r\n\r\n",
                      i, body.size);
        buffer_put(&record, body.data, body.size);
        buffer_str(&record, "\r\n\r\n");
        put_member(buffer_bytes(&record));
    }
    begins[RECORDS] = file.size;
    buffer_done(&body);
    buffer_done(&record);
}

static void take(const struct item *item)
{
    if (item->kind == ITEM_SKIP) {
        losses++;
        snprintf(message, sizeof message, "%s", item->skip.message);
        cr_expect(item->skip.reason == SKIP_UNREADABLE || item->skip.reason == SKIP_BAD_RECORD,
                  "%s", message);
        return;
    }
    articles++;
    met[strtol((const char *)item->article.id.data + strlen("http://x/"), NULL, 10)] = true;
}

/* fd -1: the file as bytes in memory. */
static void read_file(int fd)
{
    struct reader_options options = {
        .max_record = 1 << 20, .max_text = 1 << 20, .max_page = 1 << 20, .max_tree = 1 << 22};
    struct origin origin = {slice_str("a.warc.gz"), slice_str("a.warc.gz"), true};
    struct reader *reader;
    struct item item;

    memset(met, 0, sizeof met);
    articles = losses = 0;
    cr_assert_eq(reader_open(&options, &reader, NULL), LEDE_OK);
    cr_assert_eq(fd < 0 ? reader_start_memory(reader, buffer_bytes(&file), 0, &origin, NULL)
                        : reader_start(reader, fd, &origin, NULL),
                 LEDE_OK);
    while (reader_next(reader, &item, NULL) == LEDE_OK && item.kind != ITEM_END)
        take(&item);
    cr_assert_eq(item.kind, ITEM_END);
    reader_close(reader);
}

static int member_of(size_t place)
{
    int member = 0;

    while (begins[member + 1] <= place)
        member++;
    return member;
}

/* All were met but those from the first to the last. */
static void expect_lost(int first, int last, const char *when)
{
    for (int i = 0; i < RECORDS; i++)
        cr_expect(met[i] || (i >= first && i <= last), "%s: record %d is lost", when, i);
}

static void start(void)
{
    buffer_init(&file, NULL);
}

static void end(void)
{
    buffer_done(&file);
}

TestSuite(warc_damage, .init = start, .fini = end);

Test(warc_damage, a_file_that_is_whole_has_no_losses)
{
    unsigned seed = 3;

    make(&seed);
    read_file(-1);
    cr_expect_eq(articles, RECORDS);
    cr_expect_eq(losses, 0);
}

Test(warc_damage, a_damaged_byte_costs_one_record_at_most)
{
    unsigned seed = scratch_seed(), first = seed;
    char when[64];

    make(&seed);
    for (int i = 0; i < 120; i++) {
        size_t place = (size_t)rand_r(&seed) % file.size;
        uint8_t before = file.data[place];

        if (place < 3)
            continue; /* then it is no gz at all */
        file.data[place] ^= (uint8_t)(1 << rand_r(&seed) % 8);
        read_file(-1);
        snprintf(when, sizeof when, "seed %u, byte %zu", first, place);
        expect_lost(member_of(place), member_of(place), when);
        cr_expect_leq(losses, 2, "%s: %u losses", when, losses);
        cr_expect(losses > 0 || articles == RECORDS, "%s: a loss that is not named", when);
        file.data[place] = before;
    }
}

Test(warc_damage, the_loss_is_named_with_where_reading_goes_on)
{
    unsigned seed = 5;
    char expected[80];

    make(&seed);
    memset(file.data + begins[4] + 20, 0xff, 30);
    read_file(-1);
    expect_lost(4, 4, "overwritten");
    cr_expect_eq(articles, RECORDS - 1);
    cr_expect_eq(losses, 1);
    snprintf(expected, sizeof expected, "; reading goes on at byte %zu of the file", begins[5]);
    cr_expect_not_null(strstr(message, expected), "%s: %s", expected, message);
}

Test(warc_damage, bytes_that_are_gone_or_too_many_cost_the_members_they_were_in)
{
    unsigned seed = 6;

    make(&seed);
    memmove(file.data + begins[3] + 50, file.data + begins[5] + 50, file.size - begins[5] - 50);
    file.size -= begins[5] - begins[3];
    read_file(-1);
    expect_lost(3, 5, "cut out");
    cr_expect_geq(losses, 1);
    make(&seed);
    file.size = begins[20] + 40;
    read_file(-1);
    expect_lost(20, RECORDS - 1, "cut short");
    cr_expect_eq(losses, 1, "%u", losses);
}

Test(warc_damage, a_pipe_loses_no_more_than_one_record_behind_the_damage)
{
    unsigned seed = 8;

    make(&seed);
    for (int i = 0; i < 20; i++) {
        size_t place = begins[10] + 12 + (size_t)rand_r(&seed) % (begins[11] - begins[10] - 12);
        uint8_t before = file.data[place];
        int ends[2];

        file.data[place] ^= 0x55;
        cr_assert_eq(pipe(ends), 0);
        if (fork() == 0) {
            close(ends[0]);
            for (size_t at = 0, size; at < file.size; at += size) {
                size = file.size - at < 4096 ? file.size - at : 4096;
                if (write(ends[1], file.data + at, size) != (ssize_t)size)
                    _exit(1);
            }
            _exit(0);
        }
        close(ends[1]);
        read_file(ends[0]);
        expect_lost(10, 11, "pipe");
        cr_expect_geq(losses, 1);
        file.data[place] = before;
    }
}

/* Beginnings of members by the hundred thousand, none of which is one. */
Test(warc_damage, damage_everywhere_is_given_up)
{
    unsigned seed = 9;

    make(&seed);
    file.size = begins[2];
    for (int i = 0; i < 200000; i++)
        buffer_put(&file, "\x1f\x8b\x08\0\xff\xff\xff\xff\xff\xff\xff", 11);
    read_file(-1);
    cr_expect_eq(articles, 2);
    cr_expect_leq(losses, 1100, "%u", losses);
}
