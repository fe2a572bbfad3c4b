#include "index/manifest.h"

#include <math.h>
#include <stdlib.h>

#include "index/checksum.h"
#include "index/extent.h"
#include "index/keyword_names.h"

enum {
    MANIFEST_HEADER = 8, /* checksum and version */
    FLAGS_AT = MANIFEST_HEADER + 8 + 4,
    FLAGS_TOLD = MANIFEST_KEYWORDS | MANIFEST_LATER | MANIFEST_SMALL_RECORDS /* by what there is */
};

static const char KEY[] = "manifest";

void manifest_init(struct manifest *manifest)
{
    memset(manifest, 0, sizeof *manifest);
    buffer_init(&manifest->fingerprint, NULL);
    buffer_init(&manifest->language, NULL);
    buffer_init(&manifest->stopwords, NULL);
    buffer_init(&manifest->keywords, NULL);
    manifest->k1 = 1.2;
    manifest->b = 0.75;
}

void manifest_done(struct manifest *manifest)
{
    buffer_done(&manifest->fingerprint);
    buffer_done(&manifest->language);
    buffer_done(&manifest->stopwords);
    buffer_done(&manifest->keywords);
    free(manifest->segments);
    manifest_init(manifest);
}

/* ---- writing ---- */

static void put_double(struct buffer *out, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    buffer_le64(out, bits);
}

static void put_languages(struct buffer *out, const uint32_t documents[LANGUAGES_MAX])
{
    uint64_t count = 0;

    for (size_t id = 0; id < LANGUAGES_MAX; id++)
        count += documents[id] > 0;
    buffer_varint(out, count);
    for (size_t id = 0; id < LANGUAGES_MAX; id++) {
        if (documents[id] == 0)
            continue;
        buffer_varint(out, id);
        buffer_varint(out, documents[id]);
    }
}

static void put_lacks(struct buffer *out, const struct keyword_set *lacks)
{
    uint64_t count = 0;

    for (size_t place = 0; place < KEYWORDS_MAX; place++)
        count += keyword_set_has(lacks, place);
    buffer_varint(out, count);
    for (size_t place = 0; place < KEYWORDS_MAX; place++)
        if (keyword_set_has(lacks, place))
            buffer_byte(out, (uint8_t)place);
}

/* Room for more: a second byte of flags, without any. */
static void put_flags(struct buffer *out, uint8_t flags)
{
    buffer_byte(out, flags);
    if (flags & MANIFEST_SMALL_RECORDS)
        buffer_byte(out, 0);
}

static void put_segment(struct buffer *out, const struct segment_info *info, uint8_t flags)
{
    buffer_le32(out, info->number);
    buffer_varint(out, info->documents);
    buffer_varint(out, info->counted);
    buffer_varint(out, info->deleted);
    buffer_varint(out, info->tokens);
    buffer_byte(out, info->shortest);
    buffer_byte(out, info->longest);
    put_double(out, info->average);
    buffer_varint(out, info->dictionary_pages);
    buffer_varint(out, info->terms);
    buffer_varint(out, info->postings);
    buffer_varint(out, info->positions);
    for (size_t kind = 0; kind < STREAM_COUNT; kind++)
        buffer_varint(out, info->stream_sizes[kind]);
    put_languages(out, info->languages);
    if (flags & MANIFEST_LATER)
        put_lacks(out, &info->lacks);
    if (flags & MANIFEST_SMALL_RECORDS)
        buffer_byte(out, info->small_records);
}

static uint8_t flags_of(const struct manifest *manifest)
{
    uint8_t flags = manifest->flags & (uint8_t)~FLAGS_TOLD;

    if (manifest->keywords.size)
        flags |= MANIFEST_KEYWORDS;
    for (size_t i = 0; i < manifest->segment_count; i++) {
        if (!keyword_set_is_empty(&manifest->segments[i].lacks))
            flags |= MANIFEST_LATER;
        if (manifest->segments[i].small_records)
            flags |= MANIFEST_SMALL_RECORDS;
    }
    return flags;
}

void manifest_encode(const struct manifest *manifest, struct buffer *out)
{
    uint8_t *value, flags = flags_of(manifest);
    size_t start = out->size;

    buffer_le32(out, 0);
    buffer_le32(out, FORMAT_VERSION);
    buffer_le64(out, manifest->generation);
    buffer_le32(out, manifest->next_segment);
    put_flags(out, flags);
    buffer_slice(out, buffer_bytes(&manifest->fingerprint));
    buffer_slice(out, buffer_bytes(&manifest->language));
    buffer_slice(out, buffer_bytes(&manifest->stopwords));
    if (manifest->keywords.size)
        buffer_slice(out, buffer_bytes(&manifest->keywords));
    put_double(out, manifest->k1);
    put_double(out, manifest->b);
    buffer_varint(out, manifest->segment_count);
    for (size_t i = 0; i < manifest->segment_count; i++)
        put_segment(out, &manifest->segments[i], flags);
    if (out->failed)
        return;
    value = out->data + start;
    store_le32(value, checksum_of(checksum_seed('m', KEY, sizeof KEY - 1), value + MANIFEST_HEADER,
                                  out->size - start - MANIFEST_HEADER));
}

/* ---- reading ---- */

/* What is left of the value. The first thing that makes no sense is kept in wrong; everything read
 * after it is 0, so that nobody has to look before the end. */
struct parse {
    const uint8_t *at, *end;
    const char *wrong;
    bool no_memory;
};

static void expect(struct parse *parse, bool is_sane, const char *what)
{
    if (is_sane || parse->wrong)
        return;
    parse->wrong = what;
    parse->at = parse->end;
}

static const uint8_t *take(struct parse *parse, size_t size)
{
    const uint8_t *bytes = parse->at;

    expect(parse, (size_t)(parse->end - parse->at) >= size, "cut short");
    if (parse->wrong)
        return NULL;
    parse->at += size;
    return bytes;
}

static uint8_t take_byte(struct parse *parse)
{
    const uint8_t *bytes = take(parse, 1);

    return bytes ? *bytes : 0;
}

static uint32_t take_le32(struct parse *parse)
{
    const uint8_t *bytes = take(parse, 4);

    return bytes ? load_le32(bytes) : 0;
}

static uint64_t take_le64(struct parse *parse)
{
    const uint8_t *bytes = take(parse, 8);

    return bytes ? load_le64(bytes) : 0;
}

static double take_double(struct parse *parse)
{
    uint64_t bits = take_le64(parse);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A varint that is at most max. */
static uint64_t take_varint(struct parse *parse, uint64_t max, const char *what)
{
    uint64_t value = 0;

    expect(parse, varint_get(&parse->at, parse->end, &value), "cut short");
    expect(parse, value <= max, what);
    return parse->wrong ? 0 : value;
}

static void take_buffer(struct parse *parse, struct buffer *out)
{
    size_t size = (size_t)take_varint(parse, (uint64_t)(parse->end - parse->at), "cut short");
    const uint8_t *bytes = take(parse, size);

    if (bytes)
        buffer_put(out, bytes, size);
    parse->no_memory = parse->no_memory || out->failed;
}

static void take_keywords(struct parse *parse, struct buffer *out)
{
    take_buffer(parse, out);
    expect(parse, out->size > 0 && keyword_names_are_valid(buffer_bytes(out)),
           "names of keyword fields");
}

static void take_languages(struct parse *parse, struct segment_info *info)
{
    uint64_t count = take_varint(parse, LANGUAGES_MAX, "languages"), left = info->documents;
    uint64_t lowest = 0;

    for (uint64_t i = 0; i < count && !parse->wrong; i++) {
        uint64_t id = take_varint(parse, LANGUAGES_MAX - 1, "a language");
        uint64_t documents = take_varint(parse, left, "documents of a language");

        expect(parse, id >= lowest && documents > 0, "a language");
        info->languages[id] = (uint32_t)documents;
        left -= documents;
        lowest = id + 1;
    }
}

/* fields: how many there are. */
static void take_lacks(struct parse *parse, size_t fields, struct keyword_set *lacks)
{
    uint64_t count = take_varint(parse, fields, "lacking fields");
    size_t lowest = 0;

    for (uint64_t i = 0; i < count && !parse->wrong; i++) {
        size_t place = take_byte(parse);

        expect(parse, place >= lowest && place < fields, "a lacking field");
        if (!parse->wrong)
            keyword_set_add(lacks, place);
        lowest = place + 1;
    }
}

static bool take_small_records(struct parse *parse)
{
    uint8_t form = take_byte(parse);

    expect(parse, form <= 1, "the form of a segment's records");
    return form == 1;
}

/* Where there are keywords, an article without words may have terms, too. */
static void take_segment(struct parse *parse, const struct manifest *manifest, size_t fields,
                         struct segment_info *info)
{
    uint32_t most;

    memset(info, 0, sizeof *info);
    info->number = take_le32(parse);
    expect(parse, info->number < manifest->next_segment, "a segment's number");
    info->documents = (doc_id)take_varint(parse, DOCS_MAX, "documents");
    info->counted = (uint32_t)take_varint(parse, info->documents, "documents with a term");
    info->deleted = (uint32_t)take_varint(parse, info->documents, "deleted documents");
    info->tokens = take_varint(parse, (uint64_t)info->counted * UINT32_MAX, "tokens");
    info->shortest = take_byte(parse);
    info->longest = take_byte(parse);
    info->average = take_double(parse);
    expect(parse, info->tokens >= info->counted && info->shortest <= info->longest, "lengths");
    expect(parse, info->counted > 0 || info->longest == 0, "lengths");
    expect(parse, isfinite(info->average) && info->average > 0, "the average length");
    info->dictionary_pages = take_varint(parse, UINT64_MAX / PAGE_SIZE, "dictionary pages");
    info->terms = take_varint(parse, info->dictionary_pages * DICT_PAGE_SIZE, "terms");
    info->postings = take_varint(parse, UINT64_MAX, "postings");
    info->positions = take_varint(parse, UINT64_MAX, "positions");
    expect(parse, info->postings >= info->terms, "postings");
    most = fields > 0 ? info->documents : info->counted;
    expect(parse, info->postings == 0 || (most > 0 && (info->postings - 1) / most < info->terms),
           "postings");
    for (size_t kind = 0; kind < STREAM_COUNT; kind++)
        info->stream_sizes[kind] =
            take_varint(parse, (uint64_t)UINT32_MAX * EXTENT_CAPACITY, "a stream's size");
    take_languages(parse, info);
    if (manifest->flags & MANIFEST_LATER)
        take_lacks(parse, fields, &info->lacks);
    if (manifest->flags & MANIFEST_SMALL_RECORDS)
        info->small_records = take_small_records(parse);
}

static int number_compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

/* That no two segments have one number. */
static void check_numbers(struct parse *parse, const struct manifest *manifest)
{
    size_t count = manifest->segment_count;
    uint32_t *numbers;

    if (count < 2 || parse->wrong)
        return;
    numbers = malloc(count * sizeof *numbers);
    if (!numbers) {
        parse->no_memory = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = manifest->segments[i].number;
    qsort(numbers, count, sizeof *numbers, number_compare);
    for (size_t i = 1; i < count; i++)
        expect(parse, numbers[i] != numbers[i - 1], "two segments of one number");
    free(numbers);
}

/* Bytes of the shortest entry of a segment: bounds what a damaged count can make us allocate. */
enum { SEGMENT_MIN = 4 + 4 + 2 + 8 + 4 + STREAM_COUNT + 1 };

static void take_segments(struct parse *parse, struct manifest *manifest)
{
    size_t count = (size_t)take_varint(parse, (uint64_t)(parse->end - parse->at) / SEGMENT_MIN,
                                       "the count of segments");
    size_t fields = keyword_names_count(buffer_bytes(&manifest->keywords));

    if (count == 0)
        return;
    manifest->segments = malloc(count * sizeof *manifest->segments);
    if (!manifest->segments) {
        parse->no_memory = true;
        return;
    }
    for (size_t i = 0; i < count && !parse->wrong; i++)
        take_segment(parse, manifest, fields, &manifest->segments[i]);
    manifest->segment_count = parse->wrong ? 0 : count;
    check_numbers(parse, manifest);
}

static void take_manifest(struct parse *parse, struct manifest *manifest)
{
    manifest->generation = take_le64(parse);
    manifest->next_segment = take_le32(parse);
    manifest->flags = take_byte(parse);
    if (manifest->flags & MANIFEST_SMALL_RECORDS)
        take_byte(parse); /* no flag in it is known: unknown_flags */
    take_buffer(parse, &manifest->fingerprint);
    take_buffer(parse, &manifest->language);
    take_buffer(parse, &manifest->stopwords);
    if (manifest->flags & MANIFEST_KEYWORDS)
        take_keywords(parse, &manifest->keywords);
    manifest->k1 = take_double(parse);
    manifest->b = take_double(parse);
    expect(parse, isfinite(manifest->k1) && manifest->k1 >= 0, "k1");
    expect(parse, manifest->b >= 0 && manifest->b <= 1, "b");
    take_segments(parse, manifest);
    expect(parse, parse->at == parse->end, "bytes behind the end");
}

static enum lede_status version_refused(uint32_t version, struct lede_error *err)
{
    return error_set(err, LEDE_INCOMPATIBLE,
                     "the index has format version %u, this program reads version %d; %s", version,
                     FORMAT_VERSION,
                     version > FORMAT_VERSION ? "use a newer one" : "index the articles anew");
}

/* The flags of the second byte; those of the first are all known. */
static uint8_t unknown_flags(struct slice value)
{
    bool more = value.size > FLAGS_AT + 1 && value.data[FLAGS_AT] & MANIFEST_SMALL_RECORDS;

    return more ? value.data[FLAGS_AT + 1] : 0;
}

enum lede_status manifest_decode(struct slice value, struct manifest *manifest,
                                 struct lede_error *err)
{
    struct parse parse = {NULL, NULL, NULL, false};

    manifest_init(manifest);
    if (value.size < MANIFEST_HEADER)
        return error_set(err, LEDE_CORRUPT, "index damaged: the manifest is cut short");
    if (load_le32(value.data + 4) != FORMAT_VERSION)
        return version_refused(load_le32(value.data + 4), err);
    if (checksum_of(checksum_seed('m', KEY, sizeof KEY - 1), value.data + MANIFEST_HEADER,
                    value.size - MANIFEST_HEADER) != load_le32(value.data))
        return error_set(err, LEDE_CORRUPT, "index damaged: the manifest fails its checksum");
    if (unknown_flags(value) != 0)
        return error_set(
            err, LEDE_INCOMPATIBLE,
            "the index has features that this program does not know (flags %02x %02x); "
            "use a newer one",
            value.data[FLAGS_AT], value.data[FLAGS_AT + 1]);
    parse.at = value.data + MANIFEST_HEADER;
    parse.end = value.data + value.size;
    take_manifest(&parse, manifest);
    if (!parse.no_memory && !parse.wrong)
        return LEDE_OK;
    manifest_done(manifest);
    if (parse.no_memory)
        return error_no_memory(err);
    return error_set(err, LEDE_CORRUPT, "index damaged: the manifest makes no sense: %s",
                     parse.wrong);
}

/* ---- in memory ---- */

static bool copy_buffer(const struct buffer *from, struct buffer *to)
{
    buffer_put(to, from->data, from->size);
    return !to->failed;
}

enum lede_status manifest_copy(const struct manifest *from, struct manifest *to,
                               struct lede_error *err)
{
    size_t size = from->segment_count * sizeof *from->segments;

    manifest_init(to);
    to->generation = from->generation;
    to->next_segment = from->next_segment;
    to->flags = from->flags;
    to->k1 = from->k1;
    to->b = from->b;
    if (size > 0) {
        to->segments = malloc(size);
        if (to->segments) {
            memcpy(to->segments, from->segments, size);
            to->segment_count = from->segment_count;
        }
    }
    if (copy_buffer(&from->fingerprint, &to->fingerprint) &&
        copy_buffer(&from->language, &to->language) &&
        copy_buffer(&from->stopwords, &to->stopwords) &&
        copy_buffer(&from->keywords, &to->keywords) && to->segment_count == from->segment_count)
        return LEDE_OK;
    manifest_done(to);
    return error_no_memory(err);
}

void manifest_lack(struct manifest *manifest, size_t place)
{
    size_t count = keyword_names_count(buffer_bytes(&manifest->keywords));

    for (; place < count; place++)
        for (size_t i = 0; i < manifest->segment_count; i++)
            keyword_set_add(&manifest->segments[i].lacks, place);
}

uint64_t manifest_lacking(const struct manifest *manifest, size_t place)
{
    uint64_t articles = 0;

    for (size_t i = 0; i < manifest->segment_count; i++)
        if (keyword_set_has(&manifest->segments[i].lacks, place))
            articles += manifest->segments[i].documents - manifest->segments[i].deleted;
    return articles;
}

enum lede_status manifest_add(struct manifest *manifest, const struct segment_info *info,
                              struct lede_error *err)
{
    struct segment_info *segments =
        reallocarray(manifest->segments, manifest->segment_count + 1, sizeof *manifest->segments);

    if (!segments)
        return error_no_memory(err);
    segments[manifest->segment_count++] = *info;
    manifest->segments = segments;
    return LEDE_OK;
}
