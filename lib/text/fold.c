#include "text/fold.h"

#include <errno.h>
#include <stdlib.h>

#include <unicase.h>
#include <uninorm.h>

#include "text/properties.h"
#include "text/utf8.h"

enum { DOTTED_I = 0x130, DOTLESS_I = 0x131 };

static bool append(struct folded *out, const uint8_t *bytes, size_t size)
{
    if (size > FOLD_MAX - out->size)
        return false;
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    return true;
}

static bool append_code_point(struct folded *out, uint32_t code_point)
{
    uint8_t utf8[UTF8_MAX];
    size_t size = utf8_encode(utf8, code_point);

    return append(out, utf8, size);
}

/* ---- case ---- */

/* Folds a word of SAFE code points in order of their combining classes, one by one. False if
 * the word is none (*fits is true then), or if it does not fit. */
static bool fold_safe(struct slice word, bool turkic, struct folded *out, bool *fits)
{
    const uint8_t *at = word.data, *end = at + word.size;
    unsigned class = 0;

    out->size = 0;
    *fits = true;
    while (at < end) {
        uint32_t code_point;
        const struct property *p;
        unsigned before = class;

        at += utf8_decode(at, end, &code_point);
        if (turkic && code_point == 'I')
            code_point = DOTLESS_I;
        p = property_of(code_point);
        class = property_class(p->flags);
        if (!(p->flags & PROPERTY_SAFE) || (class != 0 && class < before))
            return false;
        *fits = append_code_point(out, code_point + (uint32_t)p->delta);
        if (!*fits)
            return false;
    }
    return true;
}

/* A voiced mark that stands alone decomposes into a space and the mark: it is meant for the
 * character before it. */
static uint32_t attached(uint32_t code_point)
{
    return code_point == 0x309b ? 0x3099 : code_point == 0x309c ? 0x309a : code_point;
}

/* Copies word, less what leaves no trace and with what libunistring would not do. Before
 * normalizing, voiced marks are attached; afterwards, SAFE code points get their delta. */
static bool clean(struct slice word, bool turkic, bool normalized, struct folded *out)
{
    const uint8_t *at = word.data, *end = at + word.size;

    out->size = 0;
    while (at < end) {
        uint32_t code_point;
        const struct property *p;

        at += utf8_decode(at, end, &code_point);
        if (turkic && code_point == 'I')
            code_point = DOTLESS_I;
        else if (turkic && code_point == DOTTED_I)
            code_point = 'i';
        p = property_of(attached(code_point));
        if (code_point == UTF8_INVALID || p->flags & PROPERTY_IGNORED)
            continue;
        if (normalized && p->flags & PROPERTY_SAFE)
            code_point += (uint32_t)p->delta;
        if (!append_code_point(out, attached(code_point)))
            return false;
    }
    return true;
}

/* One pass of NFKC, case folding, NFKC. Compatibility characters hold capitals, and folded
 * ones may compose anew: hence both. */
static enum fold_result fold_by_library(struct folded *word, bool turkic, struct folded *out)
{
    uint8_t first[FOLD_MAX], second[FOLD_MAX];
    size_t first_size = sizeof first, second_size = sizeof second;
    struct folded composed;
    uint8_t *to = u8_normalize(UNINORM_NFKC, word->bytes, word->size, first, &first_size), *last;
    bool fits;

    if (!to)
        return errno == ENOMEM ? FOLD_NO_MEMORY : FOLD_TOO_LONG;
    fits = to == first && clean(slice_of(first, first_size), turkic, false, &composed);
    if (to != first)
        free(to);
    if (!fits)
        return FOLD_TOO_LONG;
    last = u8_casefold(composed.bytes, composed.size, NULL, UNINORM_NFKC, second, &second_size);
    if (!last)
        return errno == ENOMEM ? FOLD_NO_MEMORY : FOLD_TOO_LONG;
    fits = last == second && clean(slice_of(second, second_size), false, true, out);
    if (last != second)
        free(last);
    return fits ? FOLD_OK : FOLD_TOO_LONG;
}

enum fold_result fold_case(struct slice word, bool turkic, struct folded *out)
{
    struct folded cleaned;
    bool fits;

    if (fold_safe(word, turkic, out, &fits))
        return FOLD_OK;
    if (!fits || !clean(word, false, false, &cleaned))
        return FOLD_TOO_LONG;
    return fold_by_library(&cleaned, turkic, out);
}

/* ---- marks ---- */

static bool drops_marks(enum script script)
{
    switch (script) {
    case SCRIPT_COMMON:
    case SCRIPT_LATIN:
    case SCRIPT_GREEK:
    case SCRIPT_CYRILLIC:
    case SCRIPT_HEBREW:
    case SCRIPT_ARABIC:
        return true;
    default:
        return false;
    }
}

static bool is_kept(const char *kept, const uint8_t *bytes, size_t size)
{
    return kept && size > 1 && memmem(kept, strlen(kept), bytes, size) != NULL;
}

/* Whether a code point that stands behind a letter of script folds to nothing: marks, and in
 * Latin and Arabic words the middle dot and tatweel. (Elsewhere they might part what would
 * compose.) */
static bool is_dropped(const struct property *p, enum script script)
{
    if (p->flags & PROPERTY_MARK)
        return drops_marks(script);
    return p->flags & PROPERTY_MARKED && unicode_folded[p->folded] == 0 &&
           (script == SCRIPT_LATIN || script == SCRIPT_ARABIC);
}

void fold_marks(struct slice word, const char *kept, struct folded *out, bool *marked)
{
    const uint8_t *at = word.data, *end = at + word.size;
    enum script script = SCRIPT_OTHER;

    out->size = 0;
    *marked = false;
    while (at < end) {
        uint32_t code_point;
        size_t size = utf8_decode(at, end, &code_point);
        const struct property *p = property_of(code_point);
        const uint8_t *plain = unicode_folded + p->folded;

        if (is_dropped(p, script)) {
            *marked = true;
        } else {
            bool folds = p->flags & PROPERTY_MARKED && plain[0] && !is_kept(kept, at, size);

            (void)append(out, folds ? plain + 1 : at, folds ? plain[0] : size);
            *marked |= folds;
            if (!(p->flags & PROPERTY_MARK))
                script = property_script(p->flags);
        }
        at += size;
    }
    if (out->size == 0) {
        (void)append(out, word.data, word.size);
        *marked = false;
    }
}
