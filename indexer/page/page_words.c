#include "page/page_words.h"

#include <stdlib.h>
#include <strings.h>

#include "page/page_dates.h"

/* Whole lines, in the order of strcmp. */
static const struct known {
    const char *key;
    enum line_kind kind;
} KNOWN[] = {
    {"# comment", LINE_COMMENTS},
    {"# comments", LINE_COMMENTS},
    {"# d ago", LINE_AGE},
    {"# day ago", LINE_AGE},
    {"# days ago", LINE_AGE},
    {"# h ago", LINE_AGE},
    {"# hour ago", LINE_AGE},
    {"# hours ago", LINE_AGE},
    {"# hrs ago", LINE_AGE},
    {"# m ago", LINE_AGE},
    {"# min ago", LINE_AGE},
    {"# min read", LINE_FURNITURE},
    {"# mins ago", LINE_AGE},
    {"# mins read", LINE_FURNITURE},
    {"# minute ago", LINE_AGE},
    {"# minute read", LINE_FURNITURE},
    {"# minutes ago", LINE_AGE},
    {"# minutes read", LINE_FURNITURE},
    {"# month ago", LINE_AGE},
    {"# months ago", LINE_AGE},
    {"# replies", LINE_COMMENTS},
    {"# responses", LINE_COMMENTS},
    {"# shares", LINE_FURNITURE},
    {"# views", LINE_FURNITURE},
    {"# week ago", LINE_AGE},
    {"# weeks ago", LINE_AGE},
    {"# year ago", LINE_AGE},
    {"# years ago", LINE_AGE},
    {"about the author", LINE_TAIL},
    {"about us", LINE_TAIL},
    {"ad", LINE_FURNITURE},
    {"add a comment", LINE_COMMENTS},
    {"advertisement", LINE_FURNITURE},
    {"all rights reserved", LINE_TAIL},
    {"also read", LINE_TAIL},
    {"am", LINE_ON},
    {"an hour ago", LINE_AGE},
    {"anzeige", LINE_FURNITURE},
    {"arts", LINE_SECTION},
    {"at", LINE_ON},
    {"author", LINE_BY},
    {"autor", LINE_BY},
    {"av", LINE_BY},
    {"back to top", LINE_FURNITURE},
    {"bookmark", LINE_FURNITURE},
    {"business", LINE_SECTION},
    {"by", LINE_BY},
    {"climate", LINE_SECTION},
    {"comment", LINE_FURNITURE},
    {"commentaires", LINE_COMMENTS},
    {"comments", LINE_COMMENTS},
    {"comments are closed", LINE_COMMENTS},
    {"comments off", LINE_COMMENTS},
    {"commerce", LINE_SECTION},
    {"connect with us", LINE_FURNITURE},
    {"contact", LINE_TAIL},
    {"contact us", LINE_TAIL},
    {"continua a leggere", LINE_END},
    {"continue reading", LINE_END},
    {"continue to article", LINE_END},
    {"cookie policy", LINE_TAIL},
    {"copy link", LINE_FURNITURE},
    {"culture", LINE_SECTION},
    {"date", LINE_PUBLISHED},
    {"deportes", LINE_SECTION},
    {"di", LINE_BY},
    {"don t miss", LINE_TAIL},
    {"door", LINE_BY},
    {"economy", LINE_SECTION},
    {"editor s picks", LINE_TAIL},
    {"education", LINE_SECTION},
    {"el", LINE_ON},
    {"email", LINE_FURNITURE},
    {"email this", LINE_FURNITURE},
    {"en savoir plus", LINE_END},
    {"entertainment", LINE_SECTION},
    {"environment", LINE_SECTION},
    {"europe", LINE_SECTION},
    {"facebook", LINE_FURNITURE},
    {"feuilleton", LINE_SECTION},
    {"finance", LINE_SECTION},
    {"first published", LINE_PUBLISHED},
    {"food", LINE_SECTION},
    {"full article", LINE_END},
    {"full story", LINE_END},
    {"gepubliceerd", LINE_PUBLISHED},
    {"gepubliceerd op", LINE_PUBLISHED},
    {"health", LINE_SECTION},
    {"hide comments", LINE_COMMENTS},
    {"home", LINE_FURNITURE},
    {"il", LINE_ON},
    {"in other news", LINE_TAIL},
    {"join the conversation", LINE_COMMENTS},
    {"just now", LINE_AGE},
    {"keep reading", LINE_END},
    {"kommentare", LINE_COMMENTS},
    {"kultur", LINE_SECTION},
    {"last modified", LINE_PUBLISHED},
    {"last updated", LINE_PUBLISHED},
    {"latest", LINE_TAIL},
    {"latest news", LINE_TAIL},
    {"latest stories", LINE_TAIL},
    {"le", LINE_ON},
    {"leave a comment", LINE_COMMENTS},
    {"leave a reply", LINE_COMMENTS},
    {"leer más", LINE_END},
    {"lees meer", LINE_END},
    {"lees verder", LINE_END},
    {"leggi tutto", LINE_END},
    {"leia mais", LINE_END},
    {"lifestyle", LINE_SECTION},
    {"like this", LINE_FURNITURE},
    {"linkedin", LINE_FURNITURE},
    {"lire la suite", LINE_END},
    {"listen", LINE_FURNITURE},
    {"load comments", LINE_COMMENTS},
    {"local", LINE_SECTION},
    {"login", LINE_FURNITURE},
    {"läs mer", LINE_END},
    {"læs mere", LINE_END},
    {"markets", LINE_SECTION},
    {"mehr", LINE_END},
    {"mehr lesen", LINE_END},
    {"menu", LINE_FURNITURE},
    {"money", LINE_SECTION},
    {"more", LINE_END},
    {"more news", LINE_TAIL},
    {"more stories", LINE_TAIL},
    {"most popular", LINE_TAIL},
    {"most read", LINE_TAIL},
    {"most viewed", LINE_TAIL},
    {"news", LINE_SECTION},
    {"next", LINE_NEXT},
    {"next article", LINE_NEXT},
    {"next post", LINE_NEXT},
    {"next story", LINE_NEXT},
    {"next up", LINE_NEXT},
    {"no comments", LINE_COMMENTS},
    {"no comments yet", LINE_COMMENTS},
    {"on", LINE_ON},
    {"op", LINE_ON},
    {"opinion", LINE_SECTION},
    {"par", LINE_BY},
    {"partager", LINE_FURNITURE},
    {"permalink", LINE_FURNITURE},
    {"pinterest", LINE_FURNITURE},
    {"politics", LINE_SECTION},
    {"politik", LINE_SECTION},
    {"politique", LINE_SECTION},
    {"popular", LINE_TAIL},
    {"por", LINE_BY},
    {"posted", LINE_PUBLISHED},
    {"posted by", LINE_BY},
    {"posted on", LINE_PUBLISHED},
    {"previous article", LINE_TAIL},
    {"previous post", LINE_TAIL},
    {"print", LINE_FURNITURE},
    {"privacy policy", LINE_TAIL},
    {"pubblicato", LINE_PUBLISHED},
    {"pubblicato il", LINE_PUBLISHED},
    {"publicado", LINE_PUBLISHED},
    {"publicado el", LINE_PUBLISHED},
    {"publicado em", LINE_PUBLISHED},
    {"publication date", LINE_PUBLISHED},
    {"publicerad", LINE_PUBLISHED},
    {"publiceret", LINE_PUBLISHED},
    {"published", LINE_PUBLISHED},
    {"published at", LINE_PUBLISHED},
    {"published on", LINE_PUBLISHED},
    {"publié", LINE_PUBLISHED},
    {"publié le", LINE_PUBLISHED},
    {"read full article", LINE_END},
    {"read full story", LINE_END},
    {"read more", LINE_END},
    {"read next", LINE_NEXT},
    {"read on", LINE_END},
    {"read the full article", LINE_END},
    {"read the full story", LINE_END},
    {"read the rest", LINE_END},
    {"read the rest of this entry", LINE_END},
    {"read the whole story", LINE_END},
    {"recommended", LINE_TAIL},
    {"recommended for you", LINE_TAIL},
    {"reddit", LINE_FURNITURE},
    {"related", LINE_TAIL},
    {"related articles", LINE_TAIL},
    {"related links", LINE_TAIL},
    {"related news", LINE_TAIL},
    {"related posts", LINE_TAIL},
    {"related stories", LINE_TAIL},
    {"related topics", LINE_TAIL},
    {"reply", LINE_COMMENTS},
    {"responses", LINE_COMMENTS},
    {"save", LINE_FURNITURE},
    {"science", LINE_SECTION},
    {"search", LINE_FURNITURE},
    {"see also", LINE_TAIL},
    {"seguir leyendo", LINE_END},
    {"share", LINE_FURNITURE},
    {"share on facebook", LINE_FURNITURE},
    {"share on twitter", LINE_FURNITURE},
    {"share this", LINE_FURNITURE},
    {"share this article", LINE_FURNITURE},
    {"share this post", LINE_FURNITURE},
    {"share this story", LINE_FURNITURE},
    {"show comments", LINE_COMMENTS},
    {"sign in", LINE_FURNITURE},
    {"skip to content", LINE_FURNITURE},
    {"skip to main content", LINE_FURNITURE},
    {"society", LINE_SECTION},
    {"sponsored", LINE_FURNITURE},
    {"sport", LINE_SECTION},
    {"sports", LINE_SECTION},
    {"subscribe", LINE_FURNITURE},
    {"tech", LINE_SECTION},
    {"technology", LINE_SECTION},
    {"teilen", LINE_FURNITURE},
    {"terms of use", LINE_TAIL},
    {"today", LINE_AGE},
    {"top stories", LINE_TAIL},
    {"travel", LINE_SECTION},
    {"trending", LINE_TAIL},
    {"trending now", LINE_TAIL},
    {"tweet", LINE_FURNITURE},
    {"twitter", LINE_FURNITURE},
    {"uk", LINE_SECTION},
    {"up next", LINE_NEXT},
    {"updated", LINE_PUBLISHED},
    {"us", LINE_SECTION},
    {"veröffentlicht", LINE_PUBLISHED},
    {"veröffentlicht am", LINE_PUBLISHED},
    {"view all", LINE_FURNITURE},
    {"view comments", LINE_COMMENTS},
    {"von", LINE_BY},
    {"weather", LINE_SECTION},
    {"weiterlesen", LINE_END},
    {"whatsapp", LINE_FURNITURE},
    {"wirtschaft", LINE_SECTION},
    {"world", LINE_SECTION},
    {"written by", LINE_BY},
    {"yesterday", LINE_AGE},
    {"you may also like", LINE_TAIL},
    {"you might also like", LINE_TAIL},
    {"économie", LINE_SECTION},
};

/* How lines begin that go on with something of their own; dated ones must have a number. */
static const struct beginning {
    const char *key;
    enum line_kind kind;
    bool dated;
} BEGINNINGS[] = {
    {"published ", LINE_PUBLISHED, true},
    {"posted on ", LINE_PUBLISHED, true},
    {"posted ", LINE_PUBLISHED, true},
    {"updated ", LINE_PUBLISHED, true},
    {"last updated ", LINE_PUBLISHED, true},
    {"last modified ", LINE_PUBLISHED, true},
    {"first published ", LINE_PUBLISHED, true},
    {"publication date ", LINE_PUBLISHED, true},
    {"date ", LINE_PUBLISHED, true},
    {"publié le ", LINE_PUBLISHED, true},
    {"mis à jour ", LINE_PUBLISHED, true},
    {"veröffentlicht ", LINE_PUBLISHED, true},
    {"aktualisiert ", LINE_PUBLISHED, true},
    {"stand ", LINE_PUBLISHED, true},
    {"publicado ", LINE_PUBLISHED, true},
    {"actualizado ", LINE_PUBLISHED, true},
    {"pubblicato ", LINE_PUBLISHED, true},
    {"aggiornato ", LINE_PUBLISHED, true},
    {"gepubliceerd ", LINE_PUBLISHED, true},
    {"publicerad ", LINE_PUBLISHED, true},
    {"publiceret ", LINE_PUBLISHED, true},
    {"posted by ", LINE_BY, false},
    {"written by ", LINE_BY, false},
    {"author ", LINE_BY, false},
    {"by ", LINE_BY, false},
    {"von ", LINE_BY, false},
    {"par ", LINE_BY, false},
    {"por ", LINE_BY, false},
    {"continue reading ", LINE_END, false},
    {"read more about ", LINE_END, false},
    {"share or comment ", LINE_FURNITURE, false},
    {"share this ", LINE_FURNITURE, false},
    {"share on ", LINE_FURNITURE, false},
    {"filed under ", LINE_FURNITURE, false},
    {"posted in ", LINE_FURNITURE, false},
    {"categories ", LINE_FURNITURE, false},
    {"category ", LINE_FURNITURE, false},
    {"tagged ", LINE_FURNITURE, false},
    {"tags ", LINE_FURNITURE, false},
    {"topics ", LINE_FURNITURE, false},
    {"copyright ", LINE_TAIL, false},
    {"more from ", LINE_TAIL, false},
    {"sign up ", LINE_TAIL, false},
    {"# minutes ago ", LINE_AGE, false},
    {"# mins ago ", LINE_AGE, false},
    {"# hour ago ", LINE_AGE, false},
    {"# hours ago ", LINE_AGE, false},
    {"# day ago ", LINE_AGE, false},
    {"# days ago ", LINE_AGE, false},
    {"# weeks ago ", LINE_AGE, false},
    {"il y a # ", LINE_AGE, false},
    {"vor # ", LINE_AGE, false},
    {"hace # ", LINE_AGE, false},
};

enum { BY_WORDS_MOST = 14 /* of a line By ... */, LINE_WORDS_MOST = 22 };

static int compare(const void *key, const void *known)
{
    return strcmp(key, ((const struct known *)known)->key);
}

/* By Ann Example: few words, no sentence, and a name behind By. */
static bool is_byline(const char *beginning, unsigned words, struct slice text)
{
    struct slice name = page_line_byline(text);

    if (words > BY_WORDS_MOST || page_line_is_sentence(text) || name.size == 0)
        return false;
    return strchr(beginning, ' ')[1] != '\0' || name.data[0] < 'a' || name.data[0] > 'z';
}

bool page_words_may_begin(struct slice text)
{
    size_t size;

    while (text.size > 0 && text.data[0] < 0x80 && (text.data[0] | 0x20) < 'a' &&
           !(text.data[0] >= '0' && text.data[0] <= '9'))
        text = slice_of(text.data + 1, text.size - 1);
    if (text.size > 0 && text.data[0] <= '9') /* 3 hours ago */
        return true;
    for (size = 0; size < text.size && text.data[size] > ' ' && text.data[size] != ':';)
        size++;
    for (size_t i = 0; i < sizeof BEGINNINGS / sizeof BEGINNINGS[0] && size > 0; i++)
        if ((text.data[0] | 0x20) == BEGINNINGS[i].key[0] &&
            strncasecmp((const char *)text.data, BEGINNINGS[i].key, size) == 0 &&
            BEGINNINGS[i].key[size] == ' ')
            return true;
    return false;
}

static enum line_kind begun_kind(const char *key, unsigned words, struct slice text)
{
    for (size_t i = 0; i < sizeof BEGINNINGS / sizeof BEGINNINGS[0]; i++) {
        const struct beginning *beginning = &BEGINNINGS[i];

        if (*key != *beginning->key || strncmp(key, beginning->key, strlen(beginning->key)) != 0 ||
            (beginning->dated && !page_dates_has(key, text)) ||
            (beginning->kind == LINE_BY && !is_byline(beginning->key, words, text)))
            continue;
        return beginning->kind;
    }
    return LINE_PLAIN;
}

enum line_kind page_words_kind(const char *key, unsigned words, struct slice text,
                               struct page_line *line)
{
    const struct known *known;
    enum line_kind kind;

    if (words == 0 || words > LINE_WORDS_MOST)
        return LINE_PLAIN;
    known = bsearch(key, KNOWN, sizeof KNOWN / sizeof KNOWN[0], sizeof KNOWN[0], compare);
    line->is_bare = known != NULL;
    if (known)
        return known->kind;
    kind = begun_kind(key, words, text);
    line->is_dated = kind == LINE_BY && page_dates_has(key, text);
    return kind == LINE_PLAIN && page_dates_is(key, words, text) ? LINE_DATE : kind;
}
