#include "amounts.h"

#include "text/amount.h"

static size_t asked_count(const struct word_finder *finder)
{
    return finder->language ? 1 : finder->index->language_count;
}

static language_id asked_language(const struct word_finder *finder, size_t place)
{
    return finder->language ? *finder->language : finder->index->languages[place];
}

/* Adds an amount, and the digits alone of a whole number. */
static bool add_amount(struct word_finder *finder, struct draft *word, struct slice term)
{
    uint8_t digits[AMOUNT_DIGITS];
    size_t size = amount_to_digits(term, digits);

    return words_add_term(finder, word, FIELD_AMOUNT, term) &&
           (size == 0 || words_add_term(finder, word, FIELD_TEXT, slice_of(digits, size)));
}

bool amounts_add(struct word_finder *finder, struct draft *word, const struct token *token)
{
    struct amount amount;

    if (!finder->index->amounts)
        return true;
    if (token->amount.size == 0)
        return !amount_of_digits(token->term, &amount) ||
               words_add_term(finder, word, FIELD_AMOUNT, slice_of(amount.term, amount.size));
    return add_amount(finder, word, token->amount);
}

/* ---- amounts of several words ---- */

/* True if the text is one amount and nothing else. */
static bool is_amount(struct slice text, language_id language, struct amount *amount)
{
    size_t at = 0;

    while (at < text.size && (text.data[at] < '0' || text.data[at] > '9'))
        at++;
    return at < text.size && amount_read(text, at, language, amount) && amount->begin == 0 &&
           amount->end == text.size;
}

static bool is_plain(const struct clause *clause)
{
    return clause->kind == CLAUSE_WORD && clause->occur == OCCUR_PLAIN &&
           clause->field == FIELD_TEXT && clause->boost >= 1 && clause->boost <= 1;
}

/* True if the second stands one blank behind the first, with nothing between them. */
static bool are_neighbours(const struct clause *first, const struct clause *second)
{
    const uint8_t *end = first->text.data + first->text.size;

    return is_plain(second) && second->text.data == end + 1 && *end == ' ';
}

static bool is_amount_in_any(const struct word_finder *finder, struct slice text)
{
    struct amount amount;

    for (size_t i = 0; i < asked_count(finder); i++)
        if (is_amount(text, asked_language(finder, i), &amount))
            return true;
    return false;
}

size_t amounts_join(const struct word_finder *finder, const struct clause *words, size_t count,
                    struct clause *amount)
{
    size_t joined = 1;

    if (!finder->index->amounts || count < 2 || !is_plain(words))
        return 0;
    while (joined < count && joined < AMOUNT_WORDS &&
           are_neighbours(&words[joined - 1], &words[joined]))
        joined++;
    for (; joined > 1; joined--) {
        const struct slice *last = &words[joined - 1].text;

        *amount = *words;
        amount->kind = CLAUSE_AMOUNT;
        amount->text.size = (size_t)(last->data + last->size - amount->text.data);
        if (is_amount_in_any(finder, amount->text))
            return joined;
    }
    return 0;
}

enum lede_status amounts_find(struct word_finder *finder, const struct clause *clause,
                              struct drafts *drafts)
{
    struct draft *word = words_draft_at(finder, drafts, 0);
    struct amount amount;

    if (!word)
        return error_no_memory(finder->err);
    if (finder->words == LEDE_CLAUSES_MAX)
        return words_too_many(finder);
    word->text = clause->text;
    for (size_t i = 0; i < asked_count(finder); i++)
        if (is_amount(clause->text, asked_language(finder, i), &amount) &&
            !add_amount(finder, word, slice_of(amount.term, amount.size)))
            return error_no_memory(finder->err);
    return LEDE_OK;
}

/* ---- ranges ---- */

static bool read_range(const struct word_finder *finder, const struct clause *clause,
                       struct amount *low, struct amount *high)
{
    return amount_read_range(clause->text, asked_language(finder, 0), low, high);
}

bool amounts_is_range(const struct word_finder *finder, const struct clause *clause)
{
    struct amount low, high;

    return finder->index->amounts && clause->kind == CLAUSE_WORD && clause->field == FIELD_TEXT &&
           !clause->literal && read_range(finder, clause, &low, &high);
}

/* Of an end that is left open: the currency's first term, or one behind its last. */
static void open_end(struct amount *end, const struct amount *other, bool high)
{
    if (end->size > 0)
        return;
    memcpy(end->term, other->term, 3);
    end->size = 3;
    if (high)
        end->term[end->size++] = UINT8_MAX;
}

enum lede_status amounts_find_range(struct word_finder *finder, const struct clause *clause,
                                    struct drafts *drafts)
{
    struct draft *word = words_draft_at(finder, drafts, 0);
    size_t left = EXPANSIONS_MAX - finder->expansions;
    struct expansion found = {.cut = true};
    struct amount low, high;
    enum lede_status status = LEDE_OK;

    if (!word)
        return error_no_memory(finder->err);
    if (finder->words == LEDE_CLAUSES_MAX)
        return words_too_many(finder);
    word->text = clause->text;
    if (!read_range(finder, clause, &low, &high))
        return LEDE_OK;
    open_end(&low, &high, false);
    open_end(&high, &low, true);
    if (left > 0)
        status = expansion_find_between(finder->index, FIELD_AMOUNT, slice_of(low.term, low.size),
                                        slice_of(high.term, high.size), left, finder->arena, &found,
                                        finder->err);
    return status == LEDE_OK ? words_add_expansion(finder, clause, &found, word) : status;
}
