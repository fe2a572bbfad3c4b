#include "scratch.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buffer.h"
#include "indexer/command/walk.h"

TestSuite(walk, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

/* A line an item, the scratch directory cut off: "ID" of a file, or "REASON PATH", with * behind
 * what was named. */
static enum lede_status walk_all(const struct walk_options *options, struct buffer *out,
                                 struct lede_error *err)
{
    size_t size = strlen(scratch) + 1;
    struct walk *walk;
    struct walk_item item;
    enum lede_status status = walk_open(options, &walk, err);

    buffer_clear(out);
    while (status == LEDE_OK && (status = walk_next(walk, &item, err)) == LEDE_OK &&
           item.kind != WALK_END) {
        struct slice path = item.kind == WALK_FILE ? item.origin.id : item.skip.path;
        bool named = item.kind == WALK_FILE ? item.origin.named : item.skip.named;

        cr_expect_eq(path.data[path.size], 0);
        if (path.size > size && memcmp(path.data, scratch, size - 1) == 0)
            path = slice_of(path.data + size, path.size - size);
        if (item.kind == WALK_FILE)
            close(item.fd);
        else
            buffer_printf(out, "%s ", skip_reason_name(item.skip.reason));
        buffer_put(out, path.data, path.size);
        buffer_str(out, named ? "*\n" : "\n");
    }
    buffer_byte(out, 0);
    if (status == LEDE_OK || status == LEDE_IO)
        cr_assert(!out->failed);
    if (status == LEDE_OK)
        walk_close(walk);
    return status;
}

static void check(const struct walk_options *options, const char *expected)
{
    struct lede_error error = {.text = ""};
    struct buffer out;

    buffer_init(&out, NULL);
    cr_assert_eq(walk_all(options, &out, &error), LEDE_OK, "%s", error.text);
    cr_expect_str_eq((char *)out.data, expected, "\n%s\nnot\n%s", (char *)out.data, expected);
    buffer_done(&out);
}

#define PATHS(...)                                                                                 \
    .paths = (char *[]){__VA_ARGS__}, .path_count = sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)

Test(walk, a_tree_is_walked_in_the_order_of_bytes)
{
    static const char *const files[] = {"t/b/2",      "t/b/10",  "t/B",    "t/a.txt",
                                        "t/\xc3\xa9", "t/b.txt", "t/c/d/e"};

    scratch_folder("t");
    scratch_folder("t/b");
    scratch_folder("t/c");
    scratch_folder("t/c/d");
    scratch_folder("t/empty");
    for (size_t i = 0; i < 7; i++)
        scratch_file(files[i], "x");
    for (size_t batch = 0; batch < 4; batch++)
        check(&(struct walk_options){PATHS("t"), .recursive = true, .batch = batch},
              "t/B\nt/a.txt\nt/b/10\nt/b/2\nt/b.txt\nt/c/d/e\nt/\xc3\xa9\n");
}

Test(walk, arguments_keep_their_order_and_paths_become_absolute)
{
    scratch_folder("t");
    scratch_file("t/a", "x");
    scratch_file("b", "x");
    check(&(struct walk_options){PATHS("t/../b", "./t//a", "t/."), .recursive = true},
          "b*\nt/a*\nt/a\n");
}

Test(walk, a_directory_without_r_is_refused_before_anything_is_read)
{
    struct walk_options options = {PATHS("a", "t")};
    struct lede_error error;
    struct buffer out;

    scratch_folder("t");
    scratch_file("a", "x");
    buffer_init(&out, NULL);
    cr_expect_eq(walk_all(&options, &out, &error), LEDE_INVALID);
    cr_expect_str_eq(error.text, "t is a directory: add -r to index what is in it");
    buffer_done(&out);
}

Test(walk, what_is_not_there_is_a_skip_and_the_rest_goes_on)
{
    scratch_file("a", "x");
    check(&(struct walk_options){PATHS("none", "none/b", "a/b", "a", "")},
          "unreadable none*\nunreadable none/b*\nunreadable a/b*\na*\nunreadable *\n");
}

Test(walk, hidden_files_are_skipped_in_a_tree_but_not_if_they_are_named)
{
    scratch_folder("t");
    scratch_folder("t/.git");
    scratch_file("t/.git/x", "x");
    scratch_file("t/.a", "x");
    scratch_file("t/b", "x");
    check(&(struct walk_options){PATHS("t"), .recursive = true},
          "hidden t/.a\nhidden t/.git\nt/b\n");
    check(&(struct walk_options){PATHS("t/.a", "t/.git"), .recursive = true}, "t/.a*\nt/.git/x\n");
}

Test(walk, links_are_followed_if_they_are_named_and_skipped_in_a_tree)
{
    scratch_folder("t");
    scratch_folder("t/d");
    scratch_file("t/a", "x");
    cr_assert_eq(symlink("..", "t/d/loop"), 0);
    cr_assert_eq(symlink("a", "t/link"), 0);
    cr_assert_eq(symlink("nowhere", "t/dangling"), 0);
    cr_assert_eq(symlink("t", "other"), 0);
    cr_assert_eq(symlink("self", "self"), 0);
    check(&(struct walk_options){PATHS("t"), .recursive = true},
          "t/a\nsymlink t/d/loop\nsymlink t/dangling\nsymlink t/link\n");
    check(&(struct walk_options){PATHS("t/link", "t/dangling", "self", "other/a")},
          "t/link*\nunreadable t/dangling*\nunreadable self*\nt/a*\n");
    check(&(struct walk_options){PATHS("t/d/loop/d"), .recursive = true}, "symlink t/d/loop\n");
}

Test(walk, what_is_no_file_is_never_opened)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "t/socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    scratch_folder("t");
    cr_assert_eq(mkfifo("t/fifo", 0644), 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    check(&(struct walk_options){PATHS("t", "t/fifo", "/dev/null"), .recursive = true},
          "not_a_file t/fifo\nnot_a_file t/socket\nnot_a_file t/fifo*\nnot_a_file /dev/null*\n");
}

Test(walk, an_index_is_never_indexed)
{
    scratch_folder("t");
    scratch_folder("t/index");
    scratch_file("t/index/data.mdb", "x");
    scratch_file("t/index/lede.lock", "x");
    scratch_folder("t/lmdb");
    scratch_file("t/lmdb/data.mdb", "x");
    scratch_folder("t/new");
    scratch_file("t/new/a", "x");
    check(&(struct walk_options){PATHS("t", "t/index"), .recursive = true, .index = "t/new"},
          "index t/index\nt/lmdb/data.mdb\nindex t/new\nindex t/index*\n");
    check(&(struct walk_options){PATHS("t"), .recursive = true, .index = "t"}, "index t*\n");
}

Test(walk, ids_are_relative_to_a_base_and_what_is_outside_is_a_skip)
{
    scratch_folder("t");
    scratch_folder("t/a");
    scratch_folder("ta");
    scratch_file("t/a/b", "x");
    scratch_file("ta/c", "x");
    cr_assert_eq(symlink("t", "link"), 0);
    check(&(struct walk_options){PATHS("t", "ta/c"), .recursive = true, .base = "link"},
          "a/b\noutside_base ta/c*\n");
    check(&(struct walk_options){PATHS("t"), .recursive = true, .base = "t/a"}, "b\n");
}

Test(walk, patterns_choose_files_and_keep_out_of_directories)
{
    struct walk_options options = {PATHS("t"), .recursive = true};

    scratch_folder("t");
    scratch_folder("t/drafts");
    scratch_folder("t/d");
    scratch_file("t/drafts/a.txt", "x");
    scratch_file("t/d/a.txt", "x");
    scratch_file("t/d/b.md", "x");
    scratch_file("t/c.txt", "x");
    options.include = (char *[]){"*.txt"};
    options.include_count = 1;
    check(&options, "t/c.txt\nt/d/a.txt\nt/drafts/a.txt\n");
    options.exclude = (char *[]){"drafts", "c.*"};
    options.exclude_count = 2;
    check(&options, "t/d/a.txt\n");
    options.include = (char *[]){"d/*", "none"};
    options.include_count = 2;
    check(&options, "t/d/a.txt\nt/d/b.md\n");
}

Test(walk, a_list_of_paths_comes_after_the_arguments)
{
    scratch_folder("t");
    scratch_file("a", "x");
    scratch_file("b c", "x");
    scratch_file("d\ne", "x");
    scratch_file("list", "b c\n\nt\nnone");
    scratch_write("nuls", "d\ne\0b c", 7);
    check(&(struct walk_options){PATHS("a"), .files_from = "list"},
          "a*\nb c*\nnot_a_file t*\nunreadable none*\n");
    check(&(struct walk_options){.files_from = "nuls", .nul_separated = true}, "d\ne*\nb c*\n");
}

Test(walk, a_list_that_makes_no_sense_is_an_error_that_names_it)
{
    struct walk_options options = {.files_from = "list"};
    struct lede_error error;
    struct buffer out, list;
    struct walk *walk;
    struct walk_item item;

    buffer_init(&out, NULL);
    buffer_init(&list, NULL);
    cr_expect_eq(walk_open(&options, &walk, &error), LEDE_IO);
    cr_expect_str_eq(error.text, "list: No such file or directory");
    scratch_write("list", "a\0b\0", 4);
    cr_assert_eq(walk_open(&options, &walk, &error), LEDE_OK);
    cr_expect_eq(walk_next(walk, &item, &error), LEDE_INVALID);
    cr_expect_str_eq(error.text, "list: line 1 holds a NUL: add -0");
    walk_close(walk);
    while (list.size < 1000000)
        buffer_str(&list, "/long");
    scratch_write("list", list.data, list.size);
    cr_assert_eq(walk_open(&options, &walk, &error), LEDE_OK);
    cr_expect_eq(walk_next(walk, &item, &error), LEDE_INVALID);
    cr_expect_str_eq(error.text, "list: line 1 is too long for a path");
    walk_close(walk);
    buffer_done(&out);
    buffer_done(&list);
}

Test(walk, a_file_that_may_not_be_read_is_a_skip)
{
    if (geteuid() == 0)
        cr_skip_test("root may read everything");
    scratch_folder("t");
    scratch_file("t/a", "x");
    scratch_folder("t/b");
    scratch_file("t/c", "x");
    chmod("t/a", 0);
    chmod("t/b", 0);
    check(&(struct walk_options){PATHS("t"), .recursive = true},
          "unreadable t/a\nunreadable t/b\nt/c\n");
    chmod("t/b", 0755);
}

Test(walk, a_tree_deeper_than_paths_and_descriptors_allow_is_walked_whole)
{
    enum { DEPTH = 1000 };
    struct rlimit limit = {64, 64};
    struct buffer expected;
    int at = open(".", O_RDONLY | O_DIRECTORY), next;

    buffer_init(&expected, NULL);
    scratch_folder("t");
    for (int i = 0; i < DEPTH; i++) {
        cr_assert_eq(mkdirat(at, i == 0 ? "t/deeper" : "deeper", 0755), 0);
        next = openat(at, i == 0 ? "t/deeper" : "deeper", O_RDONLY | O_DIRECTORY);
        cr_assert(next >= 0);
        close(at);
        at = next;
    }
    close(openat(at, "bottom", O_CREAT | O_WRONLY, 0644));
    close(at);
    scratch_file("t/last", "x");
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    buffer_byte(&expected, 't');
    for (int i = 0; i < DEPTH; i++)
        buffer_str(&expected, "/deeper");
    buffer_str(&expected, "/bottom\nt/last\n");
    buffer_byte(&expected, 0);
    check(&(struct walk_options){PATHS("t"), .recursive = true, .batch = 1},
          (const char *)expected.data);
    buffer_done(&expected);
}

/* Makes a tree of random shape and checks that small batches, which drop and read listings
 * again, give the same as one listing a directory. */
static void make_random(const char *path, unsigned *seed, int depth)
{
    char name[256];
    int count = rand_r(seed) % 9;

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%d", path, rand_r(seed) % 1000);
        if (access(name, F_OK) == 0)
            continue;
        if (depth > 0 && rand_r(seed) % 2) {
            scratch_folder(name);
            make_random(name, seed, depth - 1);
        } else {
            scratch_file(name, "x");
        }
    }
}

Test(walk, the_size_of_batches_changes_nothing)
{
    unsigned seed = scratch_seed();
    struct walk_options options = {PATHS("t"), .recursive = true};
    struct buffer whole, parts;
    struct lede_error error;

    scratch_folder("t");
    for (int i = 0; i < 30; i++) {
        char name[32];

        snprintf(name, sizeof name, "t/%d", 2000 + i);
        scratch_folder(name);
        make_random(name, &seed, 5);
    }
    buffer_init(&whole, NULL);
    buffer_init(&parts, NULL);
    cr_assert_eq(walk_all(&options, &whole, &error), LEDE_OK);
    for (options.batch = 1; options.batch < 20; options.batch += 3) {
        cr_assert_eq(walk_all(&options, &parts, &error), LEDE_OK);
        cr_expect(slice_equal(buffer_bytes(&whole), buffer_bytes(&parts)), "seed %u, batch %zu",
                  scratch_seed(), options.batch);
    }
    buffer_done(&whole);
    buffer_done(&parts);
}

Test(walk, a_directory_that_vanishes_while_it_is_walked_is_told)
{
    struct walk_options options = {PATHS("t"), .recursive = true, .batch = 1};
    struct walk *walk;
    struct walk_item item;
    struct buffer out;
    char command[128];

    buffer_init(&out, NULL);
    scratch_folder("t");
    scratch_folder("t/a");
    scratch_file("t/a/1", "x");
    scratch_file("t/a/2", "x");
    scratch_file("t/b", "x");
    cr_assert_eq(walk_open(&options, &walk, NULL), LEDE_OK);
    cr_assert_eq(walk_next(walk, &item, NULL), LEDE_OK);
    cr_assert_eq(item.kind, WALK_FILE);
    close(item.fd);
    snprintf(command, sizeof command, "rm -r %s/t", scratch);
    cr_assert_eq(system(command), 0);
    do {
        cr_assert_eq(walk_next(walk, &item, NULL), LEDE_OK);
        cr_expect_neq(item.kind, WALK_FILE);
    } while (item.kind != WALK_END);
    walk_close(walk);
    buffer_done(&out);
}

Test(walk, the_total_is_known_when_all_are_files)
{
    struct walk_options options = {PATHS("a", "b")};
    struct walk *walk;

    scratch_file("a", "12345");
    scratch_file("b", "123");
    cr_assert_eq(walk_open(&options, &walk, NULL), LEDE_OK);
    cr_expect_eq(walk_total_bytes(walk), 8);
    walk_close(walk);
    options.paths = (char *[]){"a", "-"};
    cr_assert_eq(walk_open(&options, &walk, NULL), LEDE_OK);
    cr_expect_eq(walk_total_bytes(walk), 0);
    walk_close(walk);
}

Test(walk, a_dash_is_standard_input)
{
    check(&(struct walk_options){PATHS("-")}, "-*\n");
    scratch_file("-", "x");
    check(&(struct walk_options){PATHS("./-")}, "-*\n");
}
