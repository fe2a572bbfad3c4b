/* date_words.h -- words that stand in and around dates, in some twenty languages: months, days of
 * the week, "published", "hours ago".
 *
 * Words are compared in lower case, which date_word_fold makes of Latin, Greek and Cyrillic
 * letters. No word is two months in two languages (test_dates.c compares them). Constant;
 * thread-safe. */
#ifndef LEDE_COMMAND_DATE_WORDS_H
#define LEDE_COMMAND_DATE_WORDS_H

#include "base/bytes.h"

enum { DATE_WORD_MOST = 40 /* bytes of a word that is looked up */ };

enum date_word_kind {
    DATE_WORD_OTHER,
    DATE_WORD_MONTH, /* value: 1 to 12 */
    DATE_WORD_WEEKDAY,
    DATE_WORD_PUBLISHED, /* what follows is the date of an article */
    DATE_WORD_UPDATED,   /* what follows is that of its last change */
    DATE_WORD_FILLER,    /* beside a date, it says nothing; value: enum date_filler */
    DATE_WORD_ORDINAL,   /* th, er: behind a day */
    DATE_WORD_UNIT,      /* value: seconds of a minute, hour or day */
    DATE_WORD_AGO,       /* before or behind a count of units: they lie back so far */
    DATE_WORD_DAYS_BACK  /* value: 0 today, 1 yesterday */
};

enum date_filler {
    DATE_FILLER_BEFORE, /* on, of: before a date alone ("am" is German, too) */
    DATE_FILLER_TIME,   /* at, GMT: behind it as well */
    DATE_FILLER_CUT     /* the letters of a.m.: with a point behind them */
};

struct date_word {
    enum date_word_kind kind;
    uint32_t value;
};

/* Bytes of word in lower case into folded; 0: it is too long to be a word of a date. */
size_t date_word_fold(struct slice word, uint8_t folded[DATE_WORD_MOST]);

enum { DATE_WORD_SLOTS = 2048 };

struct date_words { /* constant once made, and thread-safe then */
    struct {
        const char *text; /* NULL: free */
        size_t size;
        struct date_word word;
    } slots[DATE_WORD_SLOTS];
};

/* False: a word has two meanings that a date could not tell apart (two months): our own mistake. */
bool date_words_init(struct date_words *words);

/* What a word in lower case is. */
struct date_word date_words_find(const struct date_words *words, struct slice folded);

#endif
