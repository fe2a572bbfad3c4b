/* Real pages, with what a person would read of them, found through $LEDE_DATA: words as bags, as
 * bench/html_pages.py counts them, which prints the figures. */
#include "scratch.h"

#include <dirent.h>
#include <libxml/HTMLparser.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "indexer/html/html_content.h"
#include "indexer/html/html_page.h"

/* Lower case words, sorted; each points into copy. */
struct bag {
    struct slice *words;
    size_t count;
    uint8_t *copy;
};

static int compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Runs of letters, numbers and underscores. */
static struct bag bag_of(struct slice text)
{
    struct bag bag = {.words = malloc((text.size / 2 + 1) * sizeof *bag.words)};
    size_t size, begin = 0;
    ucs4_t c;

    bag.copy = u8_tolower(text.data, text.size, NULL, NULL, NULL, &size);
    cr_assert(bag.words && bag.copy);
    for (size_t at = 0; at < size;) {
        int bytes = u8_mbtouc(&c, bag.copy + at, size - at);
        bool in_word = c == '_' ||
                       uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);

        at += (size_t)bytes;
        if (!in_word || at == size) {
            size_t end = in_word ? at : at - (size_t)bytes;

            if (end > begin)
                bag.words[bag.count++] = slice_of(bag.copy + begin, end - begin);
            begin = at;
        }
    }
    qsort(bag.words, bag.count, sizeof *bag.words, compare);
    return bag;
}

static void bag_done(struct bag *bag)
{
    free(bag->words);
    free(bag->copy);
}

static double f1(struct bag *a, struct bag *b)
{
    size_t both = 0;

    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        int order = slice_compare(a->words[i], b->words[j]);

        both += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return a->count + b->count ? 2.0 * (double)both / (double)(a->count + b->count) : 1;
}

static struct bag read_expected(const char *path)
{
    xmlDoc *tree = htmlReadFile(path, "UTF-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    struct buffer text;
    struct bag bag;

    cr_assert(tree, "%s", path);
    buffer_init(&text, NULL);
    html_text(xmlDocGetRootElement(tree), &text);
    bag = bag_of(buffer_bytes(&text));
    buffer_done(&text);
    xmlFreeDoc(tree);
    return bag;
}

static struct bag read_source(const char *path)
{
    struct html_page page;
    size_t size;
    char *bytes = scratch_read(path, &size);
    struct bag bag;

    html_page_init(&page, 40 << 20);
    cr_assert_eq(html_page_read(&page, slice_of(bytes, size), slice_of(NULL, 0), NULL), LEDE_OK);
    bag = bag_of(buffer_bytes(&page.text));
    html_page_done(&page);
    free(bytes);
    return bag;
}

Test(html_collection, bags_of_words_are_compared_as_they_should_be)
{
    struct bag a = bag_of(slice_str("One, two TWO; caf\xc3\xa9.")),
               b = bag_of(slice_str("two caf\xc3\x89 3"));

    cr_expect_eq(a.count, 4);
    cr_expect_eq(b.count, 3);
    cr_expect_float_eq(f1(&a, &b), 4.0 / 7, 1e-9);
    bag_done(&a);
    bag_done(&b);
}

Test(html_collection, the_main_text_of_real_pages_is_found)
{
    const char *data = getenv("LEDE_DATA");
    char folder[4096], path[8192];
    const struct dirent *entry;
    unsigned count = 0;
    double sum = 0;
    DIR *pages;

    if (!data)
        cr_skip_test("LEDE_DATA is not set");
    snprintf(folder, sizeof folder, "%s/pages/html", data);
    pages = opendir(folder);
    cr_assert(pages, "%s", folder);
    while ((entry = readdir(pages)) != NULL) {
        struct bag found, expected;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/source.html", folder, entry->d_name);
        found = read_source(path);
        snprintf(path, sizeof path, "%s/%s/expected.html", folder, entry->d_name);
        expected = read_expected(path);
        sum += f1(&found, &expected);
        count++;
        bag_done(&found);
        bag_done(&expected);
    }
    closedir(pages);
    cr_expect_geq(count, 26);
    cr_expect_geq(sum / count, 0.95, "mean F1 %.3f of %u pages", sum / count, count);
}
