/* lmdb_tree.c -- the B-trees of a data.mdb: every page, node, key, large value and free page. */
#include <stdlib.h>

#include "base/array.h"
#include "index/lmdb_check_internal.h"

#define NO_PAGE UINT64_MAX

enum { /* of LMDB 0.9 */
       PAGE_BRANCH = 1,
       PAGE_LEAF = 2,
       PAGE_OVERFLOW = 4,
       NODE_HEADER = 8,
       NODE_BIG = 1,
       NODE_TREE = 2,
       TREE_INTEGER_KEY = 0x08,
       TREE_NO_SUBDIR = 0x4000, /* mdb_copy -n leaves it in the free list's flags */
       DEPTH_MAX = 32,
       KEY_MAX = 511
};

void lmdb_tree_parse(const uint8_t *at, enum lmdb_tree_kind kind, struct lmdb_tree *tree)
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

/* ---- pages ---- */

/* Takes count pages from first for one purpose. */
static bool use_pages(struct lmdb_walker *walker, const struct lmdb_tree *tree, uint64_t first,
                      uint64_t count)
{
    if (first < 2 || first >= walker->file_pages || count > walker->file_pages - first)
        return lmdb_wrong(walker, tree, "page %llu is not in the file", (unsigned long long)first);
    if (first + count - 1 > walker->last_page)
        return lmdb_wrong(walker, tree, "page %llu is behind the last page",
                          (unsigned long long)first);
    for (uint64_t page = first; walker->used && page < first + count; page++) {
        if (walker->used[page / 8] >> (page % 8) & 1)
            return lmdb_wrong(walker, tree, "page %llu is used twice", (unsigned long long)page);
        walker->used[page / 8] |= (uint8_t)(1 << (page % 8));
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
static bool check_nodes(struct lmdb_walker *walker, const struct lmdb_tree *tree,
                        const uint8_t *page, uint64_t number, bool is_leaf)
{
    size_t lower = load_le16(page + 12), upper = load_le16(page + 14), total = 0;
    uint8_t taken[PAGE_SIZE / 2] = {0}; /* a byte for every two */

    if (lower < PAGE_HEADER || lower % 2 != 0 || lower > upper || upper > PAGE_SIZE)
        return lmdb_wrong(walker, tree, "page %llu has bad bounds", (unsigned long long)number);
    for (size_t at = PAGE_HEADER; at < lower; at += 2) {
        size_t offset = load_le16(page + at), size;

        size = offset >= upper && offset <= PAGE_SIZE && offset % 2 == 0
                   ? node_size(page, offset, is_leaf)
                   : 0;
        if (size == 0)
            return lmdb_wrong(walker, tree, "page %llu has a node outside",
                              (unsigned long long)number);
        for (size_t i = offset / 2; i < (offset + size) / 2; i++)
            if (taken[i]++)
                return lmdb_wrong(walker, tree, "page %llu has nodes that overlap",
                                  (unsigned long long)number);
        total += size;
    }
    if (total != PAGE_SIZE - upper)
        return lmdb_wrong(walker, tree, "page %llu has a gap between nodes",
                          (unsigned long long)number);
    return true;
}

static unsigned node_count(const uint8_t *page)
{
    return (load_le16(page + 12) - PAGE_HEADER) / 2U;
}

static bool load_page(struct lmdb_walker *walker, const struct lmdb_tree *tree, uint64_t number,
                      bool is_leaf, uint8_t *page)
{
    unsigned fewest = is_leaf || tree->kind == TREE_FREE ? 1 : 2;

    if (!use_pages(walker, tree, number, 1) ||
        !lmdb_read(walker, number * PAGE_SIZE, page, PAGE_SIZE))
        return false;
    if (load_le64(page) != number)
        return lmdb_wrong(walker, tree, "page %llu says it is another", (unsigned long long)number);
    if (load_le16(page + 10) != (is_leaf ? PAGE_LEAF : PAGE_BRANCH))
        return lmdb_wrong(walker, tree, "page %llu is of the wrong kind",
                          (unsigned long long)number);
    if (!check_nodes(walker, tree, page, number, is_leaf))
        return false;
    if (node_count(page) < fewest)
        return lmdb_wrong(walker, tree, "page %llu is too empty", (unsigned long long)number);
    return true;
}

/* ---- values ---- */

/* A value with pages of its own: *count of them from *first. */
static bool check_overflow(struct lmdb_walker *walker, const struct lmdb_tree *tree,
                           const uint8_t *node, uint64_t *first, uint64_t *count)
{
    uint64_t size = node_value_size(node);
    uint8_t header[PAGE_HEADER];

    *first = load_le64(node_value(node));
    if (*first < 2 || *first >= walker->file_pages)
        return lmdb_wrong(walker, tree, "page %llu is not in the file", (unsigned long long)*first);
    if (!lmdb_read(walker, *first * PAGE_SIZE, header, sizeof header))
        return false;
    *count = load_le32(header + 12);
    if (load_le64(header) != *first || load_le16(header + 10) != PAGE_OVERFLOW)
        return lmdb_wrong(walker, tree, "page %llu begins no large value",
                          (unsigned long long)*first);
    if (*count < (size + PAGE_HEADER + PAGE_SIZE - 1) / PAGE_SIZE)
        return lmdb_wrong(walker, tree, "the large value at page %llu is longer than its pages",
                          (unsigned long long)*first);
    return use_pages(walker, tree, *first, *count);
}

static bool note_free(struct lmdb_walker *walker, const struct lmdb_tree *tree, uint64_t page)
{
    if (page < 2 || page > walker->last_page)
        return lmdb_wrong(walker, tree, "page %llu does not exist", (unsigned long long)page);
    walker->totals.free++;
    if (page < walker->file_pages)
        return use_pages(walker, tree, page, 1);
    if (walker->outside_count == walker->outside_capacity &&
        !array_grow((void **)&walker->outside, &walker->outside_capacity, sizeof *walker->outside,
                    NULL)) {
        lmdb_fail(walker, LEDE_NO_MEMORY, "out of memory");
        return false;
    }
    walker->outside[walker->outside_count++] = page;
    return true;
}

/* A value of the free list: u64 count, and as many page numbers, falling. Where it is in pages of
 * its own, it is read from the file; else it is in the node. */
static bool check_free(struct lmdb_walker *walker, const struct lmdb_tree *tree,
                       const uint8_t *node, uint64_t first)
{
    uint64_t size = node_value_size(node), before = NO_PAGE, count = 0, left;
    uint64_t from = first * PAGE_SIZE + PAGE_HEADER;
    const uint8_t *chunk = node_value(node);
    uint8_t copied[PAGE_SIZE];

    for (uint64_t at = 0; at + 8 <= size; at += 8) {
        if (first != 0 && at % PAGE_SIZE == 0) {
            left = size - at < PAGE_SIZE ? size - at : PAGE_SIZE;
            if (!lmdb_read(walker, from + at, copied, (size_t)left))
                return false;
        }
        uint64_t value = load_le64(first != 0 ? copied + at % PAGE_SIZE : chunk + at);

        if (at == 0)
            count = value;
        else if (value >= before || !note_free(walker, tree, value))
            return lmdb_wrong(walker, tree, "a list of free pages is damaged");
        else
            before = value;
        if (at / 8 == count)
            return true;
    }
    return lmdb_wrong(walker, tree, "a list of free pages is too long");
}

/* A node of the main tree that is the root of a table. */
static bool check_table(struct lmdb_walker *walker, const struct lmdb_tree *tree,
                        const uint8_t *node)
{
    struct slice key = node_key(node);
    struct lmdb_tree table;

    if (tree->kind != TREE_MAIN || node_value_size(node) != LMDB_TREE_SIZE)
        return lmdb_wrong(walker, tree, "a tree where none belongs");
    lmdb_tree_parse(node_value(node), TREE_TABLE, &table);
    for (size_t i = 0; i < key.size && i < sizeof table.name - 1; i++) {
        bool is_letter = key.data[i] > ' ' && key.data[i] < 0x7f;

        table.name[i] = (char)(is_letter ? key.data[i] : '?');
        table.name[i + 1] = '\0';
    }
    walker->totals.entries += table.entries;
    return lmdb_tree_check(walker, &table);
}

static bool check_value(struct lmdb_walker *walker, const struct lmdb_tree *tree,
                        const uint8_t *node, uint64_t *overflows)
{
    uint16_t flags = load_le16(node + 4);
    uint64_t first = 0, count = 0;

    if (flags == NODE_TREE)
        return check_table(walker, tree, node);
    if (flags != 0 && flags != NODE_BIG)
        return lmdb_wrong(walker, tree, "a value is of an unknown kind");
    if (flags == NODE_BIG && !check_overflow(walker, tree, node, &first, &count))
        return false;
    *overflows += count;
    return tree->kind != TREE_FREE || check_free(walker, tree, node, first);
}

/* ---- trees ---- */

static int key_compare(const struct lmdb_tree *tree, struct slice a, struct slice b)
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
    struct lmdb_walker *walker;
    const struct lmdb_tree *tree;
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
    const struct lmdb_tree *tree = walk->tree;
    bool is_leaf = is_leaf_level(walk, depth);
    struct slice before = level->low;

    for (unsigned i = 0; i < node_count(level->page); i++) {
        struct slice key = node_key(node_at(level->page, i));
        bool is_first = i == 0;

        if (key.size > KEY_MAX)
            return lmdb_wrong(walk->walker, tree, "a key is too long");
        if (is_first && !is_leaf)
            continue;
        if (key.size == 0 || (tree->kind == TREE_FREE && key.size != 8))
            return lmdb_wrong(walk->walker, tree, "a key is of the wrong size");
        if ((before.data && key_compare(tree, before, key) >= (is_first ? 1 : 0)) ||
            (level->high.data && key_compare(tree, key, level->high) >= 0))
            return lmdb_wrong(walk->walker, tree, "keys are out of order");
        if (tree->kind == TREE_FREE && is_leaf &&
            (load_le64(key.data) == 0 || load_le64(key.data) > walk->walker->totals.transaction))
            return lmdb_wrong(walk->walker, tree, "pages freed by a transaction that never was");
        before = key;
    }
    return true;
}

static bool enter(struct walk *walk, unsigned depth, uint64_t number)
{
    struct level *level = &walk->levels[depth];
    bool is_leaf = is_leaf_level(walk, depth);

    if (!load_page(walk->walker, walk->tree, number, is_leaf, level->page) ||
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

    for (unsigned i = 0; i < node_count(level->page) && !lmdb_is_over(walk->walker); i++) {
        walk->entries++;
        is_whole &=
            check_value(walk->walker, walk->tree, node_at(level->page, i), &walk->overflows);
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
    while (!lmdb_is_over(walk->walker)) {
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

bool lmdb_tree_check(struct lmdb_walker *walker, const struct lmdb_tree *tree)
{
    bool is_empty = tree->root == NO_PAGE, is_whole;
    uint16_t flags = tree->kind == TREE_FREE ? TREE_INTEGER_KEY : 0;
    struct walk *walk;

    if ((tree->flags & ~(tree->kind == TREE_FREE ? TREE_NO_SUBDIR : 0)) != flags)
        return lmdb_wrong(walker, tree, "unknown flags");
    if (tree->depth > DEPTH_MAX || is_empty != (tree->depth == 0))
        return lmdb_wrong(walker, tree, "its depth is wrong");
    walk = calloc(1, sizeof *walk);
    if (!walk) {
        lmdb_fail(walker, LEDE_NO_MEMORY, "out of memory");
        return false;
    }
    walk->walker = walker;
    walk->tree = tree;
    is_whole = is_empty || walk_pages(walk);
    if (is_whole && !lmdb_is_over(walker) &&
        (walk->branches != tree->branches || walk->leaves != tree->leaves ||
         walk->overflows != tree->overflows || walk->entries != tree->entries))
        is_whole = lmdb_wrong(walker, tree, "its pages or entries are not as many as it says");
    walker->totals.used += walk->branches + walk->leaves + walk->overflows;
    free(walk);
    return is_whole;
}

/* ---- roots alone ---- */

static bool check_root(struct lmdb_walker *walker, const struct lmdb_tree *table)
{
    uint8_t header[PAGE_HEADER];

    if (table->root == NO_PAGE)
        return true;
    if (!use_pages(walker, table, table->root, 1) ||
        !lmdb_read(walker, table->root * PAGE_SIZE, header, sizeof header))
        return false;
    if (load_le64(header) != table->root ||
        load_le16(header + 10) != (table->depth == 1 ? PAGE_LEAF : PAGE_BRANCH))
        return lmdb_wrong(walker, table, "page %llu is not its root",
                          (unsigned long long)table->root);
    return true;
}

bool lmdb_tree_check_roots(struct lmdb_walker *walker, const struct lmdb_tree *tree)
{
    uint8_t page[PAGE_SIZE];

    if (tree->root == NO_PAGE || tree->depth != 1)
        return true;
    if (!load_page(walker, tree, tree->root, true, page))
        return false;
    for (unsigned i = 0; i < node_count(page); i++) {
        const uint8_t *node = node_at(page, i);
        struct lmdb_tree table;

        if (load_le16(node + 4) != NODE_TREE || node_value_size(node) != LMDB_TREE_SIZE)
            continue;
        lmdb_tree_parse(node_value(node), TREE_TABLE, &table);
        if (!check_root(walker, &table))
            return false;
    }
    return true;
}
