#include <criterion/criterion.h>
#include <stdio.h>

#include "base/account.h"
#include "text/surface.h"

static struct surface_key key_of(const char *word, uint8_t language)
{
    struct surface_key key;

    surface_key_init(&key, (const uint8_t *)word, strlen(word), strlen(word), language, 0);
    return key;
}

static const struct surface *add(struct surfaces *surfaces, const char *word, uint8_t language,
                                 const char *term, const char *variant)
{
    struct surface_key key = key_of(word, language);
    struct surface what = {.term_size = (uint8_t)strlen(term),
                           .variant_size = (uint8_t)strlen(variant),
                           .marked = true};

    return surfaces_add(surfaces, &key, (const uint8_t *)word, &what, (const uint8_t *)term,
                        (const uint8_t *)variant);
}

static const struct surface *find(const struct surfaces *surfaces, const char *word,
                                  uint8_t language)
{
    struct surface_key key = key_of(word, language);

    return surfaces_find(surfaces, &key, (const uint8_t *)word);
}

Test(surface, remembers_words_of_every_length_apart)
{
    struct surfaces surfaces;
    char word[SURFACE_KEY_MAX + 1];

    cr_assert(surfaces_init(&surfaces, NULL));
    for (size_t size = 1; size <= SURFACE_KEY_MAX; size++) {
        memset(word, 'x', size);
        word[size] = '\0';
        cr_expect_null(find(&surfaces, word, 1));
        cr_expect_not_null(add(&surfaces, word, 1, "term", size % 2 ? "variant" : ""));
        word[size - 1] = 'y';
        cr_expect_null(find(&surfaces, word, 1));
    }
    for (size_t size = 1; size <= SURFACE_KEY_MAX; size++) {
        const struct surface *found;

        memset(word, 'x', size);
        word[size] = '\0';
        found = find(&surfaces, word, 1);
        cr_assert_not_null(found);
        cr_expect_eq(found->key_size, size);
        cr_expect(slice_equal(surface_term(found), slice_str("term")));
        cr_expect(slice_equal(surface_variant(found), slice_str(size % 2 ? "variant" : "")));
        cr_expect(found->marked);
        cr_expect_null(find(&surfaces, word, 2));
    }
    surfaces_done(&surfaces);
}

Test(surface, key_is_the_same_at_the_end_of_the_text_as_before_it)
{
    static const char TEXT[] = "a longer text, of which a piece is the word";

    for (size_t size = 1; size < sizeof TEXT - 1; size++) {
        struct surface_key inside, last;

        surface_key_init(&inside, (const uint8_t *)TEXT, size, sizeof TEXT - 1, 1, 2);
        surface_key_init(&last, (const uint8_t *)TEXT, size, size, 1, 2);
        cr_expect_eq(inside.hash, last.hash);
        cr_expect_arr_eq(inside.head, last.head, sizeof inside.head);
    }
}

Test(surface, refuses_when_full_and_starts_anew_when_cleared)
{
    struct surfaces surfaces;
    struct account account;
    size_t added = 0;
    char word[32];

    account_init(&account, 1 << 19);
    cr_assert(surfaces_init(&surfaces, &account));
    for (;; added++) {
        snprintf(word, sizeof word, "word%zu", added);
        if (!add(&surfaces, word, 1, word, ""))
            break;
    }
    cr_expect_gt(added, 1000);
    cr_expect_not_null(find(&surfaces, "word0", 1));
    surfaces_clear(&surfaces);
    cr_expect_null(find(&surfaces, "word0", 1));
    cr_expect_not_null(add(&surfaces, word, 1, word, ""));
    surfaces_done(&surfaces);
    cr_expect_eq(account.used, 0);
}

Test(surface, takes_what_the_account_allows_or_nothing)
{
    struct surfaces surfaces;
    struct account account;

    account_init(&account, 100000);
    cr_expect_not(surfaces_init(&surfaces, &account));
    cr_expect_eq(account.used, 0);
    surfaces_done(&surfaces);
    cr_expect_eq(account.used, 0);
}
