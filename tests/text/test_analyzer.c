#include <criterion/criterion.h>
#include <time.h>
#include <stdio.h>
#include <unistr.h>

#include "base/account.h"
#include "base/buffer.h"
#include "text/analyzer.h"
#include "text/language.h"

#include "tests/text/random.h"

static struct analyzer *new_analyzer(const char *stopwords)
{
    struct analyzer_settings settings = {.stopwords = slice_str(stopwords)};
    struct analyzer *analyzer;

    cr_assert_eq(analyzer_new(&settings, NULL, &analyzer, NULL), LEDE_OK);
    return analyzer;
}

static language_id language(const char *name)
{
    language_id id = LANGUAGE_NONE;

    cr_assert(language_find(slice_str(name), &id), "%s", name);
    return id;
}

/* The tokens of a text as "position:term position:term/variant ...", * for marked, ! for lone. */
static const char *tokens_of(struct analyzer *analyzer, struct slice text, const char *code)
{
    static char out[1 << 16];
    struct token tokens[TOKEN_BATCH];
    size_t count, at = 0;

    out[0] = '\0';
    analyzer_start(analyzer, text, language(code), 0);
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            at += (size_t)snprintf(
                out + at, sizeof out - at, "%s%u:%.*s%s%.*s%s%s", at ? " " : "", tokens[i].position,
                (int)tokens[i].term.size, (const char *)tokens[i].term.data,
                tokens[i].variant.size ? "/" : "", (int)tokens[i].variant.size,
                tokens[i].variant.size ? (const char *)tokens[i].variant.data : "",
                tokens[i].marked ? "*" : "", tokens[i].lone_character ? "!" : "");
    return out;
}

static void expect_tokens(const char *stopwords, const char *code, struct slice text,
                          const char *expected)
{
    struct analyzer *analyzer = new_analyzer(stopwords);
    const char *got = tokens_of(analyzer, text, code);

    cr_expect_str_eq(got, expected, "%.*s gave %s, not %s", (int)text.size, text.data, got,
                     expected);
    analyzer_free(analyzer);
}
#define EXPECT_TOKENS(code, text, expected)                                                        \
    expect_tokens(NULL, code, slice_of(text, sizeof(text) - 1), expected)

Test(analyzer, stems_folds_and_counts_words)
{
    EXPECT_TOKENS("en", "The ships sailed.", "0:the 1:ship 2:sail");
    EXPECT_TOKENS("en", "Beyoncé’s cafés", "0:beyonce/beyonc* 1:cafe*");
    EXPECT_TOKENS("en", "U.S. navy.mil 3.5% of $5,000", "0:u.s 1:navi 2:mil 3:3.5 4:of 5:5,000");
    EXPECT_TOKENS("none", "The ships", "0:the 1:ships");
    EXPECT_TOKENS("en", "", "");
    EXPECT_TOKENS("en", " \n\t-", "");
}

Test(analyzer, finds_emoji_and_programming_languages)
{
    EXPECT_TOKENS("en", "C++, c# and 👍🏽 👩‍💻", "0:c++ 1:c# 2:and 3:👍* 4:👩💻");
}

Test(analyzer, gives_pairs_and_a_last_character)
{
    EXPECT_TOKENS("zh", "我爱北京。c++语言", "0:我爱 1:爱北 2:北京 3:京! 4:c++ 5:语言 6:言!");
    EXPECT_TOKENS("ja", "ﾃﾞｰﾀ", "0:デー 1:ータ 2:タ!");
    EXPECT_TOKENS("th", "กินน้ำ 12", "0:กิน 1:นน้ํา 2:น้ํา! 3:12");
    EXPECT_TOKENS("en", "中", "0:中!");
}

Test(analyzer, separates_at_nul_and_repairs_bad_bytes)
{
    struct analyzer *analyzer = new_analyzer(NULL);

    cr_expect_str_eq(tokens_of(analyzer, slice_of("red\0blue", 8), "en"), "0:red 1:blue");
    cr_expect_str_eq(tokens_of(analyzer, slice_of("caf\xe9 noir\xff\xfe", 11), "en"),
                     "0:caf 1:noir");
    cr_expect_eq(analyzer_totals(analyzer).invalid_bytes, 3);
    tokens_of(analyzer, slice_of("\xe2\x82", 2), "en");
    cr_expect_eq(analyzer_totals(analyzer).invalid_bytes, 5);
    analyzer_free(analyzer);
}

Test(analyzer, says_where_each_word_stood)
{
    static const char TEXT[] = "Là, l’homme  rit; 中文!";
    static const struct {
        size_t offset;
        uint32_t size, position;
    } EXPECTED[] = {{0, 3, 7}, {9, 5, 8}, {16, 3, 9}, {21, 6, 10}, {24, 3, 11}};
    struct analyzer *analyzer = new_analyzer(NULL);
    struct token tokens[TOKEN_BATCH];

    analyzer_start(analyzer, slice_str(TEXT), language("fr"), 7);
    cr_assert_eq(analyzer_next(analyzer, tokens, TOKEN_BATCH), 5);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(tokens[i].offset, EXPECTED[i].offset, "%zu", i);
        cr_expect_eq(tokens[i].size, EXPECTED[i].size, "%zu", i);
        cr_expect_eq(tokens[i].position, EXPECTED[i].position, "%zu", i);
    }
    cr_expect_eq(analyzer_next(analyzer, tokens, TOKEN_BATCH), 0);
    cr_expect_eq(analyzer_position(analyzer), 12);
    analyzer_free(analyzer);
}

Test(analyzer, a_memo_stays_with_its_form_until_that_is_forgotten)
{
    struct analyzer *analyzer = new_analyzer(NULL);
    struct token tokens[TOKEN_BATCH];
    struct buffer many;
    bool found = false;

    analyzer_start(analyzer, slice_str("Oil oil 1,000 Oil"), language("en"), 0);
    cr_assert_eq(analyzer_next(analyzer, tokens, TOKEN_BATCH), 4);
    cr_assert(tokens[0].memo && tokens[1].memo && tokens[0].memo != tokens[1].memo);
    cr_expect_eq(*tokens[0].memo, 0);
    cr_expect_eq(tokens[0].memo, tokens[3].memo);
    cr_expect_null(tokens[2].memo, "numbers are not remembered");
    *tokens[0].memo = 7;
    analyzer_start(analyzer, slice_str("Oil"), language("en"), 0);
    cr_assert_eq(analyzer_next(analyzer, tokens, TOKEN_BATCH), 1);
    cr_expect_eq(*tokens[0].memo, 7);
    buffer_init(&many, NULL);
    for (int i = 0; i < 300000; i++)
        buffer_printf(&many, "w%dx ", i);
    buffer_str(&many, "Oil");
    analyzer_start(analyzer, buffer_bytes(&many), language("en"), 0);
    for (size_t n; (n = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0;)
        if (slice_equal(tokens[n - 1].term, slice_str("oil"))) {
            cr_expect_eq(*tokens[n - 1].memo, 0, "so many forms are more than it remembers");
            found = true;
        }
    cr_expect(found);
    buffer_done(&many);
    analyzer_free(analyzer);
}

/* Appends position, offset from base, term of each token, a line each. */
static uint32_t list_tokens(struct analyzer *analyzer, struct slice text, size_t base,
                            uint32_t position, struct buffer *out)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(analyzer, text, language("en"), position);
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++)
            buffer_printf(out, "%u %zu+%u %.*s\n", tokens[i].position, base + tokens[i].offset,
                          tokens[i].size, (int)tokens[i].term.size,
                          (const char *)tokens[i].term.data);
    return analyzer_position(analyzer);
}

/* A text of pieces with blanks behind them is what the pieces are one by one, wherever its chunks
 * end. */
Test(analyzer, a_long_text_is_analysed_as_its_chunks_are)
{
    static const char *const pieces[] = {"one",      "c#",
                                         "U.S.",     "don\u2019t",
                                         "\xff\xfe", "\u4e2d\u6587\u5b57",
                                         "5,000",    "a\u0301\u200d",
                                         "e-mail",   "\u0e44\u0e17\u0e22",
                                         "++",       "\u200d"};
    struct analyzer *analyzer = new_analyzer(NULL);
    unsigned seed = (unsigned)time(NULL);
    struct buffer text, whole, parts;
    uint32_t position = 0;

    buffer_init(&text, NULL);
    buffer_init(&whole, NULL);
    buffer_init(&parts, NULL);
    while (text.size < 5 * ANALYZER_CHUNK) {
        size_t at = text.size;

        buffer_str(&text, pieces[(size_t)rand_r(&seed) % (sizeof pieces / sizeof *pieces)]);
        buffer_byte(&text, rand_r(&seed) % 4 ? ' ' : '\n');
        position =
            list_tokens(analyzer, slice_of(text.data + at, text.size - at), at, position, &parts);
    }
    cr_expect_eq(list_tokens(analyzer, buffer_bytes(&text), 0, 0, &whole), position);
    cr_expect(slice_equal(buffer_bytes(&whole), buffer_bytes(&parts)), "seed %u", seed);
    buffer_done(&text);
    buffer_done(&whole);
    buffer_done(&parts);
    analyzer_free(analyzer);
}

Test(analyzer, chunks_end_behind_a_space_or_between_characters)
{
    struct buffer text;

    buffer_init(&text, NULL);
    for (int i = 0; i < ANALYZER_CHUNK; i++)
        buffer_byte(&text, i == 70 ? ' ' : i == 60 ? '\n' : 'x');
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), ANALYZER_CHUNK);
    buffer_byte(&text, 'x');
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), 71);
    text.data[70] = 'x';
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), 61);
    text.data[60] = 'x';
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), ANALYZER_CHUNK);
    memcpy(text.data + ANALYZER_CHUNK - 2, "\u20ac", 3);
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), ANALYZER_CHUNK - 2);
    memset(text.data, 0x80, text.size);
    cr_expect_eq(analyzer_chunk(buffer_bytes(&text)), ANALYZER_CHUNK);
    buffer_done(&text);
}

Test(analyzer, drops_stop_words_but_keeps_their_positions)
{
    expect_tokens("the\r\n  And \nl'\n\nil\nDON’T\n", "en", slice_str("The cat AND the dog don't"),
                  "1:cat 4:dog");
    expect_tokens("il", "fr", slice_str("qu'il dort"), "1:dort");
    expect_tokens("running", "en", slice_str("running runs"), "1:run");
    expect_tokens("5\n中", "en", slice_str("5 中 6"), "2:6");
}

Test(analyzer, skips_words_that_are_too_long_but_keeps_their_positions)
{
    struct analyzer *analyzer = new_analyzer(NULL);
    struct buffer text;
    static const size_t SIZES[] = {TERM_MAX, TERM_MAX + 1, 300, 5000, 60000};

    buffer_init(&text, NULL);
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (size_t at = 0; at < SIZES[i]; at++)
            buffer_byte(&text, 'b');
        buffer_str(&text, " 9");
        for (size_t at = 0; at < SIZES[i]; at++)
            buffer_str(&text, "1");
        buffer_str(&text, " ");
    }
    buffer_str(&text, "end");
    cr_expect_str_eq(strstr(tokens_of(analyzer, buffer_bytes(&text), "en"), " ") + 1, "10:end");
    cr_expect_eq(analyzer_totals(analyzer).long_terms, 9);
    cr_expect_eq(analyzer_position(analyzer), 11);
    analyzer_free(analyzer);
    buffer_done(&text);
}

Test(analyzer, can_leave_words_unstemmed)
{
    struct analyzer_settings settings = {.no_stem = true};
    struct analyzer *analyzer;

    cr_assert_eq(analyzer_new(&settings, NULL, &analyzer, NULL), LEDE_OK);
    cr_expect_str_eq(tokens_of(analyzer, slice_str("Ships; Beyoncé"), "en"), "0:ships 1:beyonce*");
    analyzer_free(analyzer);
}

Test(analyzer, takes_each_text_in_its_language)
{
    struct analyzer *analyzer = new_analyzer(NULL);

    cr_expect_str_eq(tokens_of(analyzer, slice_str("mangerent"), "en"), "0:manger");
    cr_expect_str_eq(tokens_of(analyzer, slice_str("mangerent"), "fr"), "0:mangerent");
    cr_expect_str_eq(tokens_of(analyzer, slice_str("mangerent"), "en"), "0:manger");
    analyzer_start(analyzer, slice_str("ships"), 255, 0);
    cr_expect_str_eq(tokens_of(analyzer, slice_str("ships"), "none"), "0:ships");
    analyzer_free(analyzer);
}

/* ---- any text ---- */

struct seen {
    size_t offset;
    uint32_t size, position;
    bool marked, lone;
    uint64_t term, variant;
};

static uint64_t hash_of(struct slice bytes)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data[i]) * 1099511628211u;
    return hash;
}

/* All tokens of a text, asked for capacity at a time; checks what holds for every token. */
static size_t see(struct analyzer *analyzer, struct slice text, language_id id, size_t capacity,
                  struct seen *out, uint32_t *position)
{
    struct token tokens[TOKEN_BATCH];
    size_t count, total = 0;

    analyzer_start(analyzer, text, id, 3);
    while ((count = analyzer_next(analyzer, tokens, capacity)) > 0) {
        cr_assert_leq(count, capacity);
        for (size_t i = 0; i < count; i++) {
            const struct token *t = &tokens[i];

            cr_assert(t->size > 0 && t->offset + t->size <= text.size);
            cr_assert(t->term.size > 0 && t->term.size <= TERM_MAX);
            cr_assert_leq(t->variant.size, TERM_MAX);
            cr_assert_null(u8_check(t->term.data, t->term.size));
            cr_assert(t->variant.size == 0 || u8_check(t->variant.data, t->variant.size) == NULL);
            out[total] =
                (struct seen){t->offset,         t->size,          t->position,        t->marked,
                              t->lone_character, hash_of(t->term), hash_of(t->variant)};
            cr_assert(total == 0 || (out[total].offset >= out[total - 1].offset &&
                                     out[total].position > out[total - 1].position));
            total++;
        }
    }
    cr_assert_eq(analyzer_status(analyzer), LEDE_OK);
    *position = analyzer_position(analyzer);
    cr_assert(total == 0 || *position > out[total - 1].position);
    return total;
}

Test(analyzer, gives_the_same_tokens_however_many_are_asked_for_and_whatever_came_before)
{
    uint64_t seed = random_seed();
    struct random r = {seed};
    struct analyzer *used = new_analyzer(NULL);
    uint8_t text[2000];
    struct seen a[2000], b[2000];
    uint32_t a_end, b_end;

    for (int i = 0; i < 3000; i++) {
        size_t size = random_below(&r, sizeof text), a_count, b_count;
        language_id id = (language_id)random_below(&r, (uint32_t)language_count() + 3);
        struct analyzer *fresh = new_analyzer(NULL);

        random_text(&r, text, size);
        a_count = see(used, slice_of(text, size), id, TOKEN_BATCH, a, &a_end);
        b_count = see(fresh, slice_of(text, size), id, 1 + random_below(&r, 5), b, &b_end);
        cr_assert_eq(a_count, b_count, "LEDE_SEED=%llu", (unsigned long long)seed);
        cr_assert_eq(a_end, b_end);
        for (size_t t = 0; t < a_count; t++)
            cr_assert(a[t].offset == b[t].offset && a[t].size == b[t].size &&
                          a[t].position == b[t].position && a[t].marked == b[t].marked &&
                          a[t].lone == b[t].lone && a[t].term == b[t].term &&
                          a[t].variant == b[t].variant,
                      "LEDE_SEED=%llu token %zu", (unsigned long long)seed, t);
        analyzer_free(fresh);
    }
    analyzer_free(used);
}

/* Numbered words, more than the cache holds, each of them twice. */
static void put_many_words(struct buffer *text)
{
    for (unsigned i = 0; i < 150000; i++)
        buffer_printf(text, "Word%uédes word%uÉdes\n", i, i);
}

Test(analyzer, forgets_words_when_its_cache_is_full_and_goes_on)
{
    static const size_t LIMITS[] = {0, 1 << 20};
    struct buffer text;

    buffer_init(&text, NULL);
    put_many_words(&text);
    for (size_t l = 0; l < 2; l++) {
        struct analyzer_settings settings = {.no_stem = false};
        struct token tokens[TOKEN_BATCH];
        struct analyzer *analyzer;
        struct account account;
        size_t count, total = 0;

        account_init(&account, LIMITS[l]);
        cr_assert_eq(analyzer_new(&settings, &account, &analyzer, NULL), LEDE_OK);
        analyzer_start(analyzer, buffer_bytes(&text), language("en"), 0);
        while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
            for (size_t i = 0; i < count; i++, total++) {
                char term[32];

                snprintf(term, sizeof term, "word%zued", total / 2);
                cr_assert(slice_equal(tokens[i].term, slice_str(term)), "%zu %.*s", total,
                          (int)tokens[i].term.size, tokens[i].term.data);
            }
        cr_expect_eq(total, 300000);
        analyzer_free(analyzer);
        cr_expect_eq(account.used, 0);
        cr_expect(LIMITS[l] == 0 || account.peak <= LIMITS[l]);
    }
    buffer_done(&text);
}

Test(analyzer, says_so_when_memory_is_refused)
{
    struct analyzer_settings settings = {.stopwords = slice_str("the")};
    struct lede_error error = {.status = LEDE_OK};
    struct analyzer *analyzer = NULL;
    struct account account;

    account_init(&account, 1000);
    cr_expect_eq(analyzer_new(&settings, &account, &analyzer, &error), LEDE_NO_MEMORY);
    cr_expect_eq(error.status, LEDE_NO_MEMORY);
    account_init(&account, 100000);
    cr_expect_eq(analyzer_new(&settings, &account, &analyzer, &error), LEDE_NO_MEMORY);
    cr_expect_null(analyzer);
    cr_expect_eq(account.used, 0);
    analyzer_free(NULL);
}

/* ---- the fingerprint ---- */

static const char *fingerprint(bool no_stem, const char *stopwords)
{
    static char out[4][256];
    static unsigned next;
    struct analyzer_settings settings = {.no_stem = no_stem, .stopwords = slice_str(stopwords)};
    struct buffer line;
    char *text = out[next++ % 4];

    buffer_init(&line, NULL);
    analyzer_fingerprint(&settings, &line);
    cr_assert(!line.failed && line.size < sizeof out[0]);
    memcpy(text, line.data, line.size);
    text[line.size] = '\0';
    buffer_done(&line);
    return text;
}

Test(fingerprint, is_one_line_that_the_settings_alone_decide)
{
    cr_expect_null(strchr(fingerprint(false, NULL), '\n'));
    cr_expect_str_eq(fingerprint(false, NULL), fingerprint(false, ""));
    cr_expect_str_neq(fingerprint(false, NULL), fingerprint(true, NULL));
    cr_expect_str_neq(fingerprint(false, NULL), fingerprint(false, "the"));
    cr_expect_str_neq(fingerprint(false, "a\nthe"), fingerprint(false, "the"));
    cr_expect_str_eq(fingerprint(false, "a\nthe"), fingerprint(false, "THE\n\n A\nthe\n"));
}

/* ---- languages with the same terms ---- */

/* All that a text gives, amounts too, as bytes. */
static void put_tokens(struct analyzer *analyzer, struct slice text, language_id id,
                       struct buffer *out)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    buffer_clear(out);
    analyzer_start(analyzer, text, id, 0);
    while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            const struct slice parts[] = {tokens[i].term, tokens[i].variant, tokens[i].amount};

            buffer_printf(out, "%zu %u %u %d", tokens[i].offset, tokens[i].size, tokens[i].position,
                          tokens[i].marked);
            for (size_t j = 0; j < 3; j++) {
                buffer_byte(out, '/');
                buffer_slice(out, parts[j]);
            }
        }
    cr_assert_not(out->failed);
}

Test(analyzer, languages_that_are_said_to_have_the_same_terms_have_them)
{
    static const char numbers[] = " 5,000 5.000 3,5 billion dollars 3.5 Mrd. l'homme d'acqua "
                                  "\xc4\xb0stanbul'da I\xc5\x9f\xc4\xb1k \xc3\xa5\xc3\xa4\xc3\xb6 ";
    struct analyzer_settings settings = {.amounts = true};
    struct analyzer *analyzer;
    uint64_t seed = random_seed();
    struct random r = {seed};
    struct buffer first, second;
    uint8_t text[1024];
    size_t pairs = 0;

    cr_assert_eq(analyzer_new(&settings, NULL, &analyzer, NULL), LEDE_OK);
    buffer_init(&first, NULL);
    buffer_init(&second, NULL);
    for (int round = 0; round < 20; round++) {
        random_text(&r, text, sizeof text);
        memcpy(text + 100, numbers, sizeof numbers - 1);
        for (size_t a = 1; a < language_count(); a++) {
            bool analysed = false;

            for (size_t b = 1; b < a; b++) {
                if (!language_same_terms((language_id)a, (language_id)b))
                    continue;
                if (!analysed)
                    put_tokens(analyzer, slice_of(text, sizeof text), (language_id)a, &first);
                analysed = true;
                put_tokens(analyzer, slice_of(text, sizeof text), (language_id)b, &second);
                cr_assert(slice_equal(buffer_bytes(&first), buffer_bytes(&second)),
                          "%s and %s, LEDE_SEED=%llu", language_code((language_id)a),
                          language_code((language_id)b), (unsigned long long)seed);
                pairs++;
                break; /* the others were compared with that one */
            }
        }
    }
    cr_expect_gt(pairs, 0);
    buffer_done(&first);
    buffer_done(&second);
    analyzer_free(analyzer);
}
