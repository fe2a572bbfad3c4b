#include "index/lmdb_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "index/format.h"

#define LMDB_MAGIC 0xbeefc0deU
#define NO_PAGE    UINT64_MAX

enum { /* of LMDB 0.9 */
       LMDB_VERSION = 1,
       PAGE_BRANCH = 1,
       PAGE_LEAF = 2,
       PAGE_OVERFLOW = 4,
       PAGE_META = 8,
       NODE_HEADER = 8,
       NODE_BIG = 1,
       NODE_TREE = 2,
       TREE_SIZE = 48,
       META_SIZE = 136, /* behind the page header */
       TREE_INTEGER_KEY = 0x08,
       TREE_NO_SUBDIR = 0x4000, /* mdb_copy -n leaves it in the free list's flags */
       DEPTH_MAX = 32,
       KEY_MAX = 511,
       REPORTS_MAX = 100
};

#define MAP_MAX (1ULL << 47) /* bytes of the largest address space */

enum tree_kind { TREE_FREE, TREE_MAIN, TREE_TABLE };

struct tree {
    enum tree_kind kind;
    char name[32];
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};

struct meta {
    uint64_t map_size, last_page, transaction;
    struct tree free, main;
};

struct check {
    const struct lmdb_file *file;
    void (*report)(void *context, const char *what);
    void *context;
    unsigned problems;
    enum lede_status status;  /* the first failure; LEDE_CORRUPT is the only one to go on after */
    struct lede_error *error; /* its text */
    uint64_t file_pages, last_page;
    uint8_t *used;     /* a bit for each page of the file: in a tree or in the free list */
    uint64_t *outside; /* free pages behind the end of the file */
    size_t outside_count, outside_capacity;
    struct lmdb_totals totals;
};

/* ---- what is wrong ---- */

static void fail(struct check *check, enum lede_status status, const char *text)
{
    if (check->status != LEDE_OK && (check->status != LEDE_CORRUPT || status == LEDE_CORRUPT))
        return;
    check->status = status;
    error_set(check->error, status, "%s", text);
}

static bool is_over(const struct check *check)
{
    return (check->status != LEDE_OK && check->status != LEDE_CORRUPT) ||
           check->problems >= REPORTS_MAX;
}

/* Always false, for `return wrong(...)`. */
static bool wrong(struct check *check, const struct tree *tree, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool wrong(struct check *check, const struct tree *tree, const char *format, ...)
{
    char what[200];
    size_t size = 0;
    va_list arguments;

    if (check->problems >= REPORTS_MAX)
        return false;
    if (tree)
        size = (size_t)snprintf(what, sizeof what, "%s: ", tree->name);
    va_start(arguments, format);
    (void)vsnprintf(what + size, sizeof what - size, format, arguments);
    va_end(arguments);
    check->problems++;
    fail(check, LEDE_CORRUPT, what);
    if (check->report)
        check->report(check->context, what);
    return false;
}

static bool read_at(struct check *check, uint64_t offset, uint8_t *out, size_t size)
{
    if (check->file->read(check->file->context, offset, out, size))
        return true;
    if (check->status == LEDE_OK || check->status == LEDE_CORRUPT) {
        check->status = LEDE_IO;
        error_set(check->error, LEDE_IO, "data.mdb: %s", strerror(errno));
    }
    return false;
}

/* ---- pages ---- */

/* Takes count pages from first for one purpose. */
static bool use_pages(struct check *check, const struct tree *tree, uint64_t first, uint64_t count)
{
    if (first < 2 || first >= check->file_pages || count > check->file_pages - first)
        return wrong(check, tree, "page %llu is not in the file", (unsigned long long)first);
    if (first + count - 1 > check->last_page)
        return wrong(check, tree, "page %llu is behind the last page", (unsigned long long)first);
    for (uint64_t page = first; page < first + count; page++) {
        if (check->used[page / 8] >> (page % 8) & 1)
            return wrong(check, tree, "page %llu is used twice", (unsigned long long)page);
        check->used[page / 8] |= (uint8_t)(1 << (page % 8));
    }
    return true;
}

/* The node number place of a page whose nodes have been checked. */
static const uint8_t *node_at(const uint8_t *page, unsigned place)
{
    return page + load_le16(page + PAGE_HEADER + (size_t)2 * place);
}

static struct slice node_key(const uint8_t *node)
{
    return slice_of(node + NODE_HEADER, load_le16(node + 6));
}

static uint32_t node_value_size(const uint8_t *node)
{
    return load_le16(node) | (uint32_t)load_le16(node + 2) << 16;
}

static uint64_t node_child(const uint8_t *node)
{
    return node_value_size(node) | (uint64_t)load_le16(node + 4) << 32;
}

static const uint8_t *node_value(const uint8_t *node)
{
    return node + NODE_HEADER + load_le16(node + 6);
}

/* Bytes of the node at offset, a multiple of 2; 0 if it does not fit the page. */
static size_t node_size(const uint8_t *page, size_t offset, bool is_leaf)
{
    size_t left = PAGE_SIZE - offset, size;
    const uint8_t *node = page + offset;

    if (left < NODE_HEADER)
        return 0;
    size = NODE_HEADER + (size_t)load_le16(node + 6);
    if (is_leaf && load_le16(node + 4) & NODE_BIG)
        size += 8;
    else if (is_leaf)
        size += node_value_size(node);
    size += size % 2;
    return size <= left ? size : 0;
}

/* That the nodes of a page lie in it side by side, from upper to its end. */
static bool check_nodes(struct check *check, const struct tree *tree, const uint8_t *page,
                        uint64_t number, bool is_leaf)
{
    size_t lower = load_le16(page + 12), upper = load_le16(page + 14), total = 0;
    uint8_t taken[PAGE_SIZE / 2] = {0}; /* a byte for every two */

    if (lower < PAGE_HEADER || lower % 2 != 0 || lower > upper || upper > PAGE_SIZE)
        return wrong(check, tree, "page %llu has bad bounds", (unsigned long long)number);
    for (size_t at = PAGE_HEADER; at < lower; at += 2) {
        size_t offset = load_le16(page + at), size;

        size = offset >= upper && offset <= PAGE_SIZE && offset % 2 == 0
                   ? node_size(page, offset, is_leaf)
                   : 0;
        if (size == 0)
            return wrong(check, tree, "page %llu has a node outside", (unsigned long long)number);
        for (size_t i = offset / 2; i < (offset + size) / 2; i++)
            if (taken[i]++)
                return wrong(check, tree, "page %llu has nodes that overlap",
                             (unsigned long long)number);
        total += size;
    }
    if (total != PAGE_SIZE - upper)
        return wrong(check, tree, "page %llu has a gap between nodes", (unsigned long long)number);
    return true;
}

static unsigned node_count(const uint8_t *page)
{
    return (load_le16(page + 12) - PAGE_HEADER) / 2U;
}

static bool load_page(struct check *check, const struct tree *tree, uint64_t number, bool is_leaf,
                      uint8_t *page)
{
    unsigned fewest = is_leaf || tree->kind == TREE_FREE ? 1 : 2;

    if (!use_pages(check, tree, number, 1) || !read_at(check, number * PAGE_SIZE, page, PAGE_SIZE))
        return false;
    if (load_le64(page) != number)
        return wrong(check, tree, "page %llu says it is another", (unsigned long long)number);
    if (load_le16(page + 10) != (is_leaf ? PAGE_LEAF : PAGE_BRANCH))
        return wrong(check, tree, "page %llu is of the wrong kind", (unsigned long long)number);
    if (!check_nodes(check, tree, page, number, is_leaf))
        return false;
    if (node_count(page) < fewest)
        return wrong(check, tree, "page %llu is too empty", (unsigned long long)number);
    return true;
}

/* ---- values ---- */

/* A value with pages of its own: *count of them from *first. */
static bool check_overflow(struct check *check, const struct tree *tree, const uint8_t *node,
                           uint64_t *first, uint64_t *count)
{
    uint64_t size = node_value_size(node);
    uint8_t header[PAGE_HEADER];

    *first = load_le64(node_value(node));
    if (*first < 2 || *first >= check->file_pages)
        return wrong(check, tree, "page %llu is not in the file", (unsigned long long)*first);
    if (!read_at(check, *first * PAGE_SIZE, header, sizeof header))
        return false;
    *count = load_le32(header + 12);
    if (load_le64(header) != *first || load_le16(header + 10) != PAGE_OVERFLOW)
        return wrong(check, tree, "page %llu begins no large value", (unsigned long long)*first);
    if (*count < (size + PAGE_HEADER + PAGE_SIZE - 1) / PAGE_SIZE)
        return wrong(check, tree, "the large value at page %llu is longer than its pages",
                     (unsigned long long)*first);
    return use_pages(check, tree, *first, *count);
}

static bool note_free(struct check *check, const struct tree *tree, uint64_t page)
{
    if (page < 2 || page > check->last_page)
        return wrong(check, tree, "page %llu does not exist", (unsigned long long)page);
    check->totals.free++;
    if (page < check->file_pages)
        return use_pages(check, tree, page, 1);
    if (check->outside_count == check->outside_capacity &&
        !array_grow((void **)&check->outside, &check->outside_capacity, sizeof *check->outside,
                    NULL)) {
        fail(check, LEDE_NO_MEMORY, "out of memory");
        return false;
    }
    check->outside[check->outside_count++] = page;
    return true;
}

/* A value of the free list: u64 count, and as many page numbers, falling. Where it is in pages of
 * its own, it is read from the file; else it is in the node. */
static bool check_free(struct check *check, const struct tree *tree, const uint8_t *node,
                       uint64_t first)
{
    uint64_t size = node_value_size(node), before = NO_PAGE, count = 0, left;
    uint64_t from = first * PAGE_SIZE + PAGE_HEADER;
    const uint8_t *chunk = node_value(node);
    uint8_t copied[PAGE_SIZE];

    for (uint64_t at = 0; at + 8 <= size; at += 8) {
        if (first != 0 && at % PAGE_SIZE == 0) {
            left = size - at < PAGE_SIZE ? size - at : PAGE_SIZE;
            if (!read_at(check, from + at, copied, (size_t)left))
                return false;
        }
        uint64_t value = load_le64(first != 0 ? copied + at % PAGE_SIZE : chunk + at);

        if (at == 0)
            count = value;
        else if (value >= before || !note_free(check, tree, value))
            return wrong(check, tree, "a list of free pages is damaged");
        else
            before = value;
        if (at / 8 == count)
            return true;
    }
    return wrong(check, tree, "a list of free pages is too long");
}

static bool check_tree(struct check *check, const struct tree *tree);
static void tree_parse(const uint8_t *at, enum tree_kind kind, struct tree *tree);

/* A node of the main tree that is the root of a table. */
static bool check_table(struct check *check, const struct tree *tree, const uint8_t *node)
{
    struct slice key = node_key(node);
    struct tree table;

    if (tree->kind != TREE_MAIN || node_value_size(node) != TREE_SIZE)
        return wrong(check, tree, "a tree where none belongs");
    tree_parse(node_value(node), TREE_TABLE, &table);
    for (size_t i = 0; i < key.size && i < sizeof table.name - 1; i++) {
        bool is_letter = key.data[i] > ' ' && key.data[i] < 0x7f;

        table.name[i] = (char)(is_letter ? key.data[i] : '?');
        table.name[i + 1] = '\0';
    }
    check->totals.entries += table.entries;
    return check_tree(check, &table);
}

static bool check_value(struct check *check, const struct tree *tree, const uint8_t *node,
                        uint64_t *overflows)
{
    uint16_t flags = load_le16(node + 4);
    uint64_t first = 0, count = 0;

    if (flags == NODE_TREE)
        return check_table(check, tree, node);
    if (flags != 0 && flags != NODE_BIG)
        return wrong(check, tree, "a value is of an unknown kind");
    if (flags == NODE_BIG && !check_overflow(check, tree, node, &first, &count))
        return false;
    *overflows += count;
    return tree->kind != TREE_FREE || check_free(check, tree, node, first);
}

/* ---- trees ---- */

static int key_compare(const struct tree *tree, struct slice a, struct slice b)
{
    uint64_t left, right;

    if (tree->kind != TREE_FREE)
        return slice_compare(a, b);
    left = load_le64(a.data);
    right = load_le64(b.data);
    return (left > right) - (left < right);
}

/* A page on the way down, and what its keys must be: >= low, < high (data NULL: no such bound). */
struct level {
    struct slice low, high; /* in the pages above */
    unsigned next;          /* node to look at */
    uint8_t page[PAGE_SIZE];
};

struct walk {
    struct check *check;
    const struct tree *tree;
    uint64_t branches, leaves, overflows, entries;
    struct level levels[DEPTH_MAX];
};

static bool is_leaf_level(const struct walk *walk, unsigned depth)
{
    return depth + 1U == walk->tree->depth;
}

/* That the keys of a page rise, within its bounds. A branch's first key is never looked at. */
static bool check_keys(struct walk *walk, unsigned depth)
{
    struct level *level = &walk->levels[depth];
    const struct tree *tree = walk->tree;
    bool is_leaf = is_leaf_level(walk, depth);
    struct slice before = level->low;

    for (unsigned i = 0; i < node_count(level->page); i++) {
        struct slice key = node_key(node_at(level->page, i));
        bool is_first = i == 0;

        if (key.size > KEY_MAX)
            return wrong(walk->check, tree, "a key is too long");
        if (is_first && !is_leaf)
            continue;
        if (key.size == 0 || (tree->kind == TREE_FREE && key.size != 8))
            return wrong(walk->check, tree, "a key is of the wrong size");
        if ((before.data && key_compare(tree, before, key) >= (is_first ? 1 : 0)) ||
            (level->high.data && key_compare(tree, key, level->high) >= 0))
            return wrong(walk->check, tree, "keys are out of order");
        if (tree->kind == TREE_FREE && is_leaf &&
            (load_le64(key.data) == 0 || load_le64(key.data) > walk->check->totals.transaction))
            return wrong(walk->check, tree, "pages freed by a transaction that never was");
        before = key;
    }
    return true;
}

static bool enter(struct walk *walk, unsigned depth, uint64_t number)
{
    struct level *level = &walk->levels[depth];
    bool is_leaf = is_leaf_level(walk, depth);

    if (!load_page(walk->check, walk->tree, number, is_leaf, level->page) ||
        !check_keys(walk, depth))
        return false;
    level->next = 0;
    if (is_leaf)
        walk->leaves++;
    else
        walk->branches++;
    return true;
}

static bool check_leaf(struct walk *walk, const struct level *level)
{
    bool is_whole = true;

    for (unsigned i = 0; i < node_count(level->page) && !is_over(walk->check); i++) {
        walk->entries++;
        is_whole &= check_value(walk->check, walk->tree, node_at(level->page, i), &walk->overflows);
    }
    return is_whole;
}

/* To the next child of the branch page at depth; true if it could be entered. */
static bool descend(struct walk *walk, unsigned depth)
{
    struct level *level = &walk->levels[depth], *below = level + 1;
    unsigned place = level->next++;

    below->low = place > 0 ? node_key(node_at(level->page, place)) : level->low;
    below->high = place + 1 < node_count(level->page) ? node_key(node_at(level->page, place + 1))
                                                      : level->high;
    return enter(walk, depth + 1, node_child(node_at(level->page, place)));
}

/* Depth first; a child that is damaged is left out. */
static bool walk_pages(struct walk *walk)
{
    bool is_whole = true;
    unsigned depth = 0;

    walk->levels[0].low = walk->levels[0].high = slice_of(NULL, 0);
    if (!enter(walk, 0, walk->tree->root))
        return false;
    while (!is_over(walk->check)) {
        struct level *level = &walk->levels[depth];

        if (is_leaf_level(walk, depth)) {
            is_whole &= check_leaf(walk, level);
        } else if (level->next < node_count(level->page)) {
            if (descend(walk, depth))
                depth++;
            else
                is_whole = false;
            continue;
        }
        if (depth == 0)
            break;
        depth--;
    }
    return is_whole;
}

static bool check_tree(struct check *check, const struct tree *tree)
{
    bool is_empty = tree->root == NO_PAGE, is_whole;
    uint16_t flags = tree->kind == TREE_FREE ? TREE_INTEGER_KEY : 0;
    struct walk *walk;

    if ((tree->flags & ~(tree->kind == TREE_FREE ? TREE_NO_SUBDIR : 0)) != flags)
        return wrong(check, tree, "unknown flags");
    if (tree->depth > DEPTH_MAX || is_empty != (tree->depth == 0))
        return wrong(check, tree, "its depth is wrong");
    walk = calloc(1, sizeof *walk);
    if (!walk) {
        fail(check, LEDE_NO_MEMORY, "out of memory");
        return false;
    }
    walk->check = check;
    walk->tree = tree;
    is_whole = is_empty || walk_pages(walk);
    if (is_whole && !is_over(check) &&
        (walk->branches != tree->branches || walk->leaves != tree->leaves ||
         walk->overflows != tree->overflows || walk->entries != tree->entries))
        is_whole = wrong(check, tree, "its pages or entries are not as many as it says");
    check->totals.used += walk->branches + walk->leaves + walk->overflows;
    free(walk);
    return is_whole;
}

/* ---- meta pages ---- */

static void tree_parse(const uint8_t *at, enum tree_kind kind, struct tree *tree)
{
    static const char *const NAMES[] = {"free list", "list of tables", "a table"};

    memset(tree, 0, sizeof *tree);
    tree->kind = kind;
    memcpy(tree->name, NAMES[kind], strlen(NAMES[kind]));
    tree->flags = load_le16(at + 4);
    tree->depth = load_le16(at + 6);
    tree->branches = load_le64(at + 8);
    tree->leaves = load_le64(at + 16);
    tree->overflows = load_le64(at + 24);
    tree->entries = load_le64(at + 32);
    tree->root = load_le64(at + 40);
}

static bool meta_read(struct check *check, uint64_t number, struct meta *meta)
{
    uint8_t page[PAGE_HEADER + META_SIZE];
    const uint8_t *at = page + PAGE_HEADER;

    if (!read_at(check, number * PAGE_SIZE, page, sizeof page))
        return false;
    if (load_le64(page) != number || load_le16(page + 10) != PAGE_META ||
        load_le32(at) != LMDB_MAGIC)
        return wrong(check, NULL, "page %llu is no meta page of LMDB", (unsigned long long)number);
    if (load_le32(at + 4) != LMDB_VERSION || load_le32(at + 24) != PAGE_SIZE) {
        fail(check, LEDE_INCOMPATIBLE, "data.mdb has another version or page size of LMDB");
        return false;
    }
    meta->map_size = load_le64(at + 16);
    tree_parse(at + 24, TREE_FREE, &meta->free);
    tree_parse(at + 24 + TREE_SIZE, TREE_MAIN, &meta->main);
    meta->last_page = load_le64(at + 24 + 2 * TREE_SIZE);
    meta->transaction = load_le64(at + 32 + 2 * TREE_SIZE);
    return true;
}

/* Commits write their number into the pages in turn. */
static bool meta_pick(struct check *check, uint64_t transaction, struct meta *meta)
{
    struct meta metas[2];
    uint64_t newer, older;

    if (check->file_pages < 2)
        return wrong(check, NULL, "the file is shorter than two pages");
    if (!meta_read(check, 0, &metas[0]) || !meta_read(check, 1, &metas[1]))
        return false;
    if (transaction != LMDB_NEWEST) {
        *meta = metas[transaction & 1];
        if (meta->transaction != transaction)
            fail(check, LEDE_MISSING, "the transaction was written over");
        return check->status == LEDE_OK;
    }
    newer = metas[0].transaction < metas[1].transaction;
    older = metas[!newer].transaction;
    *meta = metas[newer];
    if (meta->transaction != 0 &&
        (meta->transaction != older + 1 || (meta->transaction & 1) != newer))
        return wrong(check, NULL, "the two meta pages do not follow each other");
    return true;
}

static bool meta_check(struct check *check, const struct meta *meta)
{
    if (meta->last_page < 1 || meta->last_page >= MAP_MAX / PAGE_SIZE)
        return wrong(check, NULL, "the last page's number makes no sense");
    if (meta->map_size < (meta->last_page + 1) * PAGE_SIZE || meta->map_size > MAP_MAX)
        return wrong(check, NULL, "the size of the map makes no sense");
    check->last_page = meta->last_page;
    check->totals.last_page = meta->last_page;
    check->totals.transaction = meta->transaction;
    return true;
}

/* ---- all of it ---- */

static int page_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void check_outside(struct check *check, const struct tree *tree)
{
    if (check->outside_count > 1)
        qsort(check->outside, check->outside_count, sizeof *check->outside, page_compare);
    for (size_t i = 1; i < check->outside_count; i++)
        if (check->outside[i] == check->outside[i - 1]) {
            wrong(check, tree, "page %llu is free twice", (unsigned long long)check->outside[i]);
            return;
        }
}

static void check_all(struct check *check, uint64_t transaction)
{
    struct meta meta;

    if (!meta_pick(check, transaction, &meta) || !meta_check(check, &meta))
        return;
    check->used = calloc(check->file_pages / 8 + 1, 1);
    if (!check->used) {
        fail(check, LEDE_NO_MEMORY, "out of memory");
        return;
    }
    check->totals.used = 2;
    check_tree(check, &meta.main);
    check_tree(check, &meta.free);
    check_outside(check, &meta.free);
    if (check->status == LEDE_OK)
        check->totals.lost = meta.last_page + 1 - check->totals.used - check->totals.free;
}

enum lede_status lmdb_check(const struct lmdb_file *file, uint64_t transaction,
                            void (*report)(void *context, const char *what), void *context,
                            struct lmdb_totals *totals, struct lede_error *err)
{
    struct check check = {.file = file,
                          .report = report,
                          .context = context,
                          .error = err,
                          .file_pages = file->size / PAGE_SIZE};

    check_all(&check, transaction);
    if (totals)
        *totals = check.totals;
    free(check.used);
    array_free(check.outside, check.outside_capacity, sizeof *check.outside, NULL);
    return check.status;
}

static bool read_file(void *context, uint64_t offset, uint8_t *out, size_t size)
{
    int file = *(int *)context;

    while (size > 0) {
        ssize_t got = pread(file, out, size, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got < 0 ? errno : EIO; /* it became shorter while we read */
            return false;
        }
        out += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

enum lede_status lmdb_check_path(const char *name, uint64_t transaction,
                                 void (*report)(void *context, const char *what), void *context,
                                 struct lmdb_totals *totals, struct lede_error *err)
{
    int file = open(name, O_RDONLY | O_CLOEXEC);
    enum lede_status status = LEDE_IO;
    struct stat about;

    if (file >= 0 && fstat(file, &about) == 0)
        status = lmdb_check(&(struct lmdb_file){&file, (uint64_t)about.st_size, read_file},
                            transaction, report, context, totals, err);
    else
        error_set(err, LEDE_IO, "%s: %s", name, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}
