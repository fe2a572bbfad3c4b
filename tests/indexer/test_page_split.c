/* Pages in styles of their own, and random ones. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/index/dice.h"
#include "tests/indexer/page_check.h"

#define QUAY                                                                                       \
    "The harbour board has closed the old quay until the end of May, since two of its piles were " \
    "found to be held up by nothing but each other.\n\n"                                           \
    "Ferries leave from the fish market in the meantime, and so does the fish. A spokesman said "  \
    "that nobody had been able to tell the difference so far.\n\n"                                 \
    "The board hopes to drive new piles before the gales of autumn, if the money for them can be " \
    "found, which it has not been in any of the nine years before this one.\n\n"
#define TERN                                                                                       \
    "A tern that was ringed on Skerry Ness as a chick has been seen at the depot of the trams in " \
    "Halvern, where it lives on what the drivers leave of their sandwiches.\n\n"                   \
    "It is 31 years old, which makes it the oldest of its kind that has ever ridden a tram, and "  \
    "older than any of the trams. Its ring was read through the window of number 14.\n\n"          \
    "The depot has put up a sign that asks drivers not to share their fish, in vain.\n\n"
#define BELL                                                                                       \
    "The bell of St Osyth, which fell through three floors in the storm of January, is whole. It " \
    "was found by a plumber under what had been the floor of the organ loft.\n\n"                  \
    "Its note has risen by a quarter of a tone; the ringers call this an improvement, and want "   \
    "the others dropped as well. The parish council will hear them on Thursday.\n\n"

static struct page_split split;

static void begin(void)
{
    page_split_init(&split);
}

static void end(void)
{
    page_split_done(&split);
}

TestSuite(page_split, .init = begin, .fini = end);

static void cut(const char *page)
{
    const char *wrong;

    cr_assert_eq(page_split_auto(&split, slice_str(page), NULL), LEDE_OK);
    wrong = page_check(&split, slice_str(page));
    cr_expect(!wrong, "%s", wrong);
}

/* The articles of the page have these titles, one after the other. */
static void expect(const char *page, size_t count, const char *const *titles)
{
    cut(page);
    cr_assert_eq(split.count, count, "%zu articles, not %zu, of\n%s", split.count, count, page);
    for (size_t i = 0; i < count; i++)
        cr_expect(slice_equal(split.articles[i].title, slice_str(titles[i])), "%.*s, not %s",
                  (int)split.articles[i].title.size, (const char *)split.articles[i].title.data,
                  titles[i]);
}

#define EXPECT(page, ...)                                                                          \
    expect(page, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                           \
           (const char *const[]){__VA_ARGS__})
#define WHOLE(page) expect(page, 0, NULL)

static void expect_slice(struct slice found, const char *expected)
{
    cr_expect(slice_equal(found, slice_str(expected)), "%.*s, not %s", (int)found.size,
              (const char *)found.data, expected);
}

Test(page_split, doubled_titles_and_published_blocks)
{
    EXPECT(
        "Connect with us\n\nPublished\n\non\n\n" QUAY "Continue Reading\n\n"
        "Coast\n\nOld tern takes the tram\n\nPublished\n\non\n\nBy\n\nOld tern takes the tram\n\n"
        "Old tern takes the tram\n\n" TERN "Continue Reading\n\n"
        "Parish\n\nBell of $650 falls on its feet\n\nPublished\n\non\n\nBy\n\n"
        "Bell of 0 falls on its feet\n\n" BELL "Continue Reading\n\nTrending",
        "", "Old tern takes the tram", "Bell of $650 falls on its feet");
    expect_slice(split.articles[1].author, "");
    expect_slice(split.articles[2].section, "Parish");
}

Test(page_split, blog_posts_with_a_line_of_date_and_author)
{
    EXPECT("Quay closes, again\n\nPosted on March 3, 2021 by Ann Example\n\n" QUAY
           "Continue reading →\n\nPosted in Coast | Leave a comment\n\n"
           "Old tern takes the tram\n\nPosted on March 2, 2021 by Ben Sample\n\n" TERN
           "Continue reading →\n\nPosted in Birds | Leave a comment\n\n",
           "Quay closes, again", "Old tern takes the tram");
    expect_slice(split.articles[0].date, "March 3, 2021");
    expect_slice(split.articles[0].author, "Ann Example");
    expect_slice(split.articles[1].date, "March 2, 2021");
}

Test(page_split, bylines_below_rules)
{
    EXPECT("Quay closes, again\n\nBy Ann Example\n\n" QUAY "----------\n\n"
           "Old tern takes the tram\n\nBy Ben Sample\n\n" TERN "----------\n\n"
           "Bell falls on its feet\n\nBy Ann Example\n\n" BELL,
           "Quay closes, again", "Old tern takes the tram", "Bell falls on its feet");
}

Test(page_split, datelines)
{
    EXPECT("QUAY CLOSES, AGAIN\n\nKETTLEHAVEN, March 3 (Newswire) - " QUAY
           "TERN TAKES THE TRAM\n\nHALVERN, March 3 (Newswire) - " TERN,
           "QUAY CLOSES, AGAIN", "TERN TAKES THE TRAM");
}

Test(page_split, markdown_and_other_languages)
{
    EXPECT("# Quay closes, again\n\n*Ann Example, 3 March 2021*\n\n" QUAY "---\n\n"
           "# Old tern takes the tram\n\n*Ben Sample, 2 March 2021*\n\n" TERN,
           "Quay closes, again", "Old tern takes the tram");
    EXPECT("Quay closes, again\n\nPublié le 3 mars 2021 par Ann Example\n\n" QUAY
           "Lire la suite\n\n"
           "Old tern takes the tram\n\nPublié le 2 mars 2021 par Ben Sample\n\n" TERN,
           "Quay closes, again", "Old tern takes the tram");
}

Test(page_split, pages_without_blank_lines)
{
    EXPECT("Quay closes, again\nBy Ann Example\nMarch 3, 2021\n"
           "The harbour board has closed the old quay until the end of May, since two of its piles "
           "were found to be held up by nothing but each other. Ferries leave from the market.\n"
           "Nobody had been able to tell the difference so far, said a spokesman for the board.\n"
           "Old tern takes the tram\nBy Ben Sample\nMarch 2, 2021\n"
           "A tern that was ringed on Skerry Ness as a chick has been seen at the depot of the "
           "trams in Halvern, where it lives on what the drivers leave of their sandwiches.\n"
           "It is 31 years old, which makes it the oldest of its kind that has ridden a tram.\n",
           "Quay closes, again", "Old tern takes the tram");
}

Test(page_split, one_article_stays_whole)
{
    WHOLE("");
    WHOLE("\n\n\n");
    WHOLE("Quay closes, again\n\n" QUAY);
    WHOLE("Quay closes, again\n\nQuay closes, again\n\nPublished\n\n3 March 2021\n\nBy\n\n"
          "Ann Example\n\n" QUAY TERN "Continue Reading\n\nTrending\n\nOld tern takes the tram\n\n"
          "2 days ago\n\nBell falls on its feet\n");
}

Test(page_split, headings_teasers_and_comments_are_no_articles)
{
    WHOLE("Quay closes, again\n\nBy Ann Example\n\n3 March 2021\n\n" QUAY
          "What the harbour board says\n\n" TERN "Nobody asked the ferries\n\n" BELL);
    WHOLE(
        "Quay closes, again\n\nBy Ann Example\n\n3 March 2021\n\n" QUAY "Related articles\n\n"
        "Old tern takes the tram\n\n2 March 2021\n\nIt is the oldest of its kind.\n\nRead more\n\n"
        "Bell falls on its feet\n\n1 March 2021\n\nIts note has risen.\n\nRead more\n\n");
    WHOLE("Quay closes, again\n\nPosted on 3 March 2021 by Ann Example\n\n" QUAY "2 comments\n\n"
          "Ben Sample\n\n2 days ago\n\nThey said the same thing about the other quay, which is "
          "still there, more or less, if one does not stand on it.\n\nReply\n\n"
          "Cora Specimen says:\n4 March 2021 at 10:15\n\nNobody has stood on it since the gale of "
          "the year before last, for good reasons.\n\nReply\n\n");
}

Test(page_split, text_behind_a_fold_stays_with_its_article)
{
    WHOLE("Quay closes, again\n\nBy Ann Example\n\n3 March 2021\n\n" QUAY
          "Continue reading the main story\n\nAdvertisement\n\n" TERN BELL);
}

Test(page_split, a_range_is_the_header_with_its_text_and_the_rest_remains)
{
    static const char page[] =
        "The Daily Limpet\n\nHome\n\n"
        "Quay closes, again\n\nBy Ann Example\n\n3 March 2021\n\n" QUAY "Share\n\nUp next\n\n"
        "Old tern takes the tram\n\nBy Ben Sample\n\n2 March 2021\n\n" TERN
        "Most read\n\nBell falls on its feet\n";
    struct buffer text;

    buffer_init(&text, NULL);
    EXPECT(page, "Quay closes, again", "Old tern takes the tram");
    cr_expect_eq(split.articles[0].offset, (size_t)(strstr(page, "Quay closes") - page));
    cr_expect_eq(split.articles[0].offset + split.articles[0].size + 2,
                 (size_t)(strstr(page, "Share") - page));
    cr_expect_eq(split.articles[1].offset, (size_t)(strstr(page, "Old tern") - page));
    page_split_text(&split, 0, &text);
    expect_slice(buffer_bytes(&text), "By Ann Example\n\n3 March 2021\n\n" QUAY);
    buffer_clear(&text);
    page_split_remainder(&split, &text);
    expect_slice(buffer_bytes(&text),
                 "The Daily Limpet\n\nHome\n\nShare\n\nUp next\n\nMost read\n\n"
                 "Bell falls on its feet\n");
    buffer_done(&text);
}

static void cut_by(const char *page, const char *expression)
{
    const char *wrong;
    regex_t begins;

    cr_assert_eq(regcomp(&begins, expression, REG_EXTENDED), 0);
    cr_assert_eq(page_split_by(&split, slice_str(page), &begins, NULL), LEDE_OK);
    wrong = page_check(&split, slice_str(page));
    cr_expect(!wrong, "%s", wrong);
    regfree(&begins);
}

Test(page_split, an_expression_tells_which_lines_begin_articles)
{
    cut_by("* Quay\n\nclosed\n\n* Tern\n\nseen\nMore on terns\n* Bell\n\nfound\n", "^\\* ");
    cr_assert_eq(split.count, 3);
    expect_slice(split.articles[1].title, "Tern");
    cr_expect_eq(split.articles[1].offset, 16);
    cut_by("=====\nQuay\n\nclosed\n\n=====\nTern\n\nseen\n", "^=+$");
    cr_assert_eq(split.count, 2);
    expect_slice(split.articles[0].title, "Quay");
    expect_slice(split.articles[1].title, "Tern");
    cut_by("one\n\ntwo\n", "^three$");
    cr_expect_eq(split.count, 0);
}

static const char *const PIECES[] = {"Published\n",
                                     "on\n",
                                     "By\n",
                                     "By Ann Example\n",
                                     "3 March 2021\n",
                                     "4 hours ago\n",
                                     "Continue Reading\n",
                                     "Read more\n",
                                     "Trending\n",
                                     "Related\n",
                                     "Comments\n",
                                     "-----\n",
                                     "Share\n",
                                     "Politics\n",
                                     "Old tern takes the tram\n",
                                     "OLD TERN TAKES THE TRAM\n",
                                     "Quay closes, again\n",
                                     "Updated: 10:15\n",
                                     "# Bell falls on its feet\n",
                                     QUAY,
                                     TERN,
                                     BELL,
                                     "HALVERN (AGP) - " TERN,
                                     "\n",
                                     "\n",
                                     "\n",
                                     "\r\n",
                                     "\r",
                                     "x\n",
                                     "\xc2\xa0\n",
                                     "\xff\xfe\n",
                                     "caf\xc3",
                                     " ",
                                     "Town Hall\n"};

static size_t make_page(struct dice *dice, char *page, size_t most)
{
    size_t size = 0;

    for (uint32_t count = dice_below(dice, 60); count > 0; count--) {
        const char *piece = PIECES[dice_below(dice, sizeof PIECES / sizeof PIECES[0])];
        size_t length = strlen(piece);

        if (length > most - size)
            break;
        memcpy(page + size, piece, length);
        size += length;
    }
    return size;
}

Test(page_split, every_page_is_its_articles_and_its_remainder)
{
    static char page[1 << 16];
    struct dice dice = dice_begin();
    size_t chains = 0;
    regex_t begins;

    cr_assert_eq(regcomp(&begins, "^[A-Z][a-z]+$|^-", REG_EXTENDED), 0);
    for (int round = 0; round < 3000; round++) {
        size_t size = make_page(&dice, page, sizeof page);
        struct slice bytes = slice_of(page, size);
        const char *wrong;

        cr_assert_eq(page_split_auto(&split, bytes, NULL), LEDE_OK);
        wrong = page_check(&split, bytes);
        cr_assert(!wrong, "round %d: %s", round, wrong);
        chains += split.count > 0;
        cr_assert_eq(page_split_by(&split, bytes, &begins, NULL), LEDE_OK);
        wrong = page_check(&split, bytes);
        cr_assert(!wrong, "round %d: %s", round, wrong);
    }
    regfree(&begins);
    cr_assert_geq(chains, 300, "%zu", chains);
    dice_end();
}

Test(page_split, a_page_of_a_million_odd_lines_takes_no_time, .timeout = 20)
{
    size_t size = 1 << 20, count = sizeof PIECES / sizeof PIECES[0];
    char *page = malloc(size);
    regex_t begins;

    cr_assert(page);
    for (size_t i = 0; i < count; i++) { /* one piece over and over: whatever is worst for it */
        size_t at = 0, length = strlen(PIECES[i]);

        for (size_t lines = 0; at + length <= size && lines < PAGE_LINES_MOST;
             lines++, at += length)
            memcpy(page + at, PIECES[i], length);
        cr_expect_eq(page_split_auto(&split, slice_of(page, at), NULL), LEDE_OK);
        cr_expect(!page_check(&split, slice_of(page, at)), "%s", PIECES[i]);
    }
    for (size_t at = 0; at < size; at++)
        page[at] = at % 16 == 15 ? '\n' : 'x';
    cr_assert_eq(regcomp(&begins, "", REG_EXTENDED), 0); /* every line an article */
    cr_expect_eq(page_split_by(&split, slice_of(page, size), &begins, NULL), LEDE_OK);
    cr_expect_eq(split.count, size / 16);
    cr_expect(!page_check(&split, slice_of(page, size)));
    regfree(&begins);
    free(page);
}
