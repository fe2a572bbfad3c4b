#include "tests/index/memory_index.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#undef NDEBUG
#include <assert.h>

static void *zeroed(size_t count, size_t size)
{
    void *made = calloc(count + !count, size);

    assert(made);
    return made;
}

/* ---- making ---- */

static void document_make(struct plain_document *document, struct dice *dice, size_t number)
{
    size_t size = dice_below(dice, 20) == 0 ? dice_bits(dice, 17) : dice_bits(dice, 9);

    (void)snprintf(document->id, sizeof document->id, "site%u/%zu", dice_below(dice, 7), number);
    (void)snprintf(document->title, sizeof document->title, "Title %zu", number);
    document->text = zeroed(size + 1, 1);
    for (size_t i = 0; i < size; i++)
        document->text[i] = (char)('a' + (int)dice_bits(dice, 4) + (i % 7 == 0 ? -65 : 0));
    for (int column = 0; column < COLUMN_COUNT; column++)
        document->columns[column] =
            dice_below(dice, 3) == 0 ? COLUMN_MISSING : (int64_t)dice_bits(dice, 30) - 1000;
    document->columns[COLUMN_LANGUAGE] =
        dice_below(dice, 4) == 0 ? COLUMN_MISSING : dice_below(dice, 5);
    document->columns[COLUMN_SOURCE] =
        dice_below(dice, 4) == 0 ? COLUMN_MISSING : dice_below(dice, PLAIN_SOURCES);
    document->deleted = dice_below(dice, 10) == 0;
}

static void posting_make(struct plain_posting *posting, struct dice *dice, doc_id document)
{
    uint32_t position = 0;

    posting->document = document;
    posting->tf = 1 + dice_bits(dice, 4);
    posting->positions = zeroed(posting->tf, sizeof(uint32_t));
    for (uint32_t i = 0; i < posting->tf; i++) {
        position += dice_bits(dice, 6) + (i > 0);
        posting->positions[i] = position;
    }
}

static void term_make(struct plain_term *term, struct dice *dice, struct plain_segment *segment,
                      uint32_t number)
{
    uint32_t gap = 1 + dice_bits(dice, 9);

    term->size = 1 + (size_t)snprintf(term->term + 1, sizeof term->term - 1, "t%07u", number);
    term->postings = zeroed(segment->document_count, sizeof *term->postings);
    for (doc_id at = dice_below(dice, gap); at < segment->document_count || term->df == 0;
         at += 1 + dice_below(dice, gap)) {
        doc_id document = at < segment->document_count ? at : 0;

        posting_make(&term->postings[term->df], dice, document);
        term->total_tf += term->postings[term->df].tf;
        segment->documents[document].length += term->postings[term->df++].tf;
    }
    term->postings = realloc(term->postings, term->df * sizeof *term->postings);
}

static void segment_make(struct plain_segment *segment, struct dice *dice, size_t number,
                         uint32_t documents, uint32_t terms)
{
    segment->document_count = documents;
    segment->documents = zeroed(documents, sizeof *segment->documents);
    for (uint32_t i = 0; i < documents; i++) {
        document_make(&segment->documents[i], dice, number * 1000000 + i);
        segment->deleted += segment->documents[i].deleted;
    }
    segment->term_count = documents > 0 ? terms : 0;
    segment->terms = zeroed(segment->term_count, sizeof *segment->terms);
    for (uint32_t i = 0; i < segment->term_count; i++)
        term_make(&segment->terms[i], dice, segment, i * 3);
}

void plain_index_make(struct plain_index *index, struct dice *dice, size_t segments,
                      uint32_t documents, uint32_t terms, bool positions)
{
    memset(index, 0, sizeof *index);
    index->positions = positions;
    index->segment_count = segments;
    index->segments = zeroed(segments, sizeof *index->segments);
    for (size_t i = 0; i < segments; i++)
        segment_make(&index->segments[i], dice, i, documents, terms);
    manifest_init(&index->manifest);
}

static void segment_free(struct plain_segment *segment)
{
    for (uint32_t i = 0; i < segment->document_count; i++)
        free(segment->documents[i].text);
    for (uint32_t i = 0; i < segment->term_count; i++) {
        for (uint32_t at = 0; at < segment->terms[i].df; at++)
            free(segment->terms[i].postings[at].positions);
        free(segment->terms[i].postings);
    }
    free(segment->documents);
    free(segment->terms);
}

void plain_index_free(struct plain_index *index)
{
    for (size_t i = 0; i < index->segment_count; i++)
        segment_free(&index->segments[i]);
    free(index->segments);
    manifest_done(&index->manifest);
}

/* ---- writing ---- */

static enum lede_status pack_articles(const struct plain_segment *segment, uint32_t first,
                                      uint32_t count, struct stored_run *run,
                                      struct stored_place *places, struct lede_error *err)
{
    struct stored_packer *packer;
    enum lede_status status = stored_packer_new(3, NULL, &packer, err);

    assert(status == LEDE_OK);
    for (uint32_t i = 0; i < count && status == LEDE_OK; i++) {
        const struct plain_document *document = &segment->documents[first + i];
        struct stored_field field = {slice_str("key"), slice_str(document->id)};
        struct stored_article article = {.title = slice_str(document->title),
                                         .metadata = &field,
                                         .metadata_count = 1,
                                         .text = slice_str(document->text),
                                         .text_kept = true};

        status = stored_packer_add(packer, &article, run, &places[i], err);
    }
    if (status == LEDE_OK)
        status = stored_packer_flush(packer, run, err);
    stored_packer_free(packer);
    return status;
}

enum { RUN = 100 }; /* documents in a stored run */

static enum lede_status documents_write(const struct plain_segment *segment, uint32_t first,
                                        uint32_t count, struct segment_writer *writer,
                                        struct lede_error *err)
{
    struct stored_place places[RUN];
    struct stored_run run;
    enum lede_status status;

    stored_run_init(&run, NULL);
    status = pack_articles(segment, first, count, &run, places, err);
    if (status == LEDE_OK)
        status = segment_writer_stored(writer, &run, err);
    for (uint32_t i = 0; i < count && status == LEDE_OK; i++) {
        const struct plain_document *plain = &segment->documents[first + i];
        struct document document = {
            .id = slice_str(plain->id), .length = plain->length, .stored = places[i]};

        memcpy(document.columns, plain->columns, sizeof document.columns);
        status = segment_writer_document(writer, &document, err);
    }
    stored_run_done(&run);
    return status;
}

void plain_source(uint32_t number, char path[PLAIN_PATH], struct source_stamp *stamp,
                  bool *complete)
{
    (void)snprintf(path, PLAIN_PATH, "/files/%u", number);
    *stamp = (struct source_stamp){1000 * number, number, number % 3};
    *complete = number % 2 == 1;
}

static enum lede_status sources_write(struct segment_writer *writer, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < PLAIN_SOURCES && status == LEDE_OK; i++) {
        struct source_stamp stamp;
        char path[PLAIN_PATH];
        bool complete;
        uint32_t number;

        plain_source(i, path, &stamp, &complete);
        status = segment_writer_source(writer, slice_str(path), &number, err);
        assert(status != LEDE_OK || number == i);
        if (complete)
            segment_writer_source_complete(writer, &stamp);
    }
    return status;
}

static enum lede_status term_write(const struct plain_term *term, bool positions,
                                   struct segment_writer *writer, struct lede_error *err)
{
    enum lede_status status = segment_writer_term(writer, slice_of(term->term, term->size),
                                                  term->df, term->total_tf, err);

    for (uint32_t i = 0; i < term->df && status == LEDE_OK; i++) {
        segment_writer_posting(writer, term->postings[i].document, term->postings[i].tf);
        if (positions)
            segment_writer_positions(writer, term->postings[i].positions, term->postings[i].tf);
    }
    return status == LEDE_OK ? segment_writer_term_end(writer, err) : status;
}

static enum lede_status write_with(const struct plain_index *index, struct plain_segment *segment,
                                   struct segment_writer *writer, struct lede_error *err)
{
    enum lede_status status = sources_write(writer, err);

    for (uint32_t first = 0; first < segment->document_count && status == LEDE_OK; first += RUN) {
        uint32_t left = segment->document_count - first;

        status = documents_write(segment, first, left < RUN ? left : RUN, writer, err);
    }
    if (status == LEDE_OK)
        status = segment_writer_seal_documents(writer, err);
    for (uint32_t i = 0; i < segment->term_count && status == LEDE_OK; i++)
        status = term_write(&segment->terms[i], index->positions, writer, err);
    return status == LEDE_OK ? segment_writer_finish(writer, &segment->info, err) : status;
}

enum lede_status plain_segment_write(const struct plain_index *index, struct plain_segment *segment,
                                     struct record_sink *sink, struct account *account,
                                     struct lede_error *err)
{
    struct segment_options options = {segment->info.number, index->positions, 1.2, 0.75};
    struct segment_writer *writer = NULL;
    enum lede_status status = segment_writer_new(&options, sink, account, &writer, err);

    if (status == LEDE_OK)
        status = write_with(index, segment, writer, err);
    segment_writer_free(writer);
    return status;
}

/* The segment's deletion records behind those that are there; their bytes are the caller's. */
static size_t deletions_make(const struct plain_segment *segment, struct deletion_record *records)
{
    uint32_t chunks = (segment->document_count + DELETION_CHUNK - 1) / DELETION_CHUNK;
    size_t count = 0;

    for (uint32_t chunk = 0; chunk < chunks; chunk++) {
        uint8_t *value = zeroed(1, DELETION_SIZE);
        size_t size = deletion_size(&segment->info, chunk);
        bool any = false;

        for (uint32_t i = 0; i < DELETION_CHUNK; i++) {
            uint32_t document = chunk * DELETION_CHUNK + i;

            if (document >= segment->document_count || !segment->documents[document].deleted)
                continue;
            value[DELETION_HEADER + i / 8] |= (uint8_t)(1 << (i % 8));
            any = true;
        }
        deletion_seal(value, size, segment->info.number, chunk);
        if (any)
            records[count++] =
                (struct deletion_record){segment->info.number, chunk, slice_of(value, size)};
        else
            free(value);
    }
    return count;
}

void plain_index_write(struct plain_index *index, const char *path)
{
    struct deletion_record records[64];
    size_t record_count = 0;
    struct record_sink sink;
    struct store *store;

    assert(store_open_writer(path, 0, &store, NULL) == LEDE_OK);
    sink = store_sink(store);
    index->manifest.flags = index->positions ? 0 : MANIFEST_NO_POSITIONS;
    buffer_str(&index->manifest.fingerprint, "words 1");
    buffer_str(&index->manifest.language, "en");
    index->manifest.generation = 1;
    for (size_t i = 0; i < index->segment_count; i++) {
        struct plain_segment *segment = &index->segments[i];

        segment->info.number = index->manifest.next_segment++;
        assert(plain_segment_write(index, segment, &sink, NULL, NULL) == LEDE_OK);
        segment->info.deleted = segment->deleted;
        assert(manifest_add(&index->manifest, &segment->info, NULL) == LEDE_OK);
        record_count += deletions_make(segment, records + record_count);
    }
    assert(store_flip(store, &index->manifest, records, record_count, NULL) == LEDE_OK);
    store_close(store);
    for (size_t i = 0; i < record_count; i++)
        free((void *)records[i].value.data);
}

/* ---- files ---- */

char *temp_directory_new(void)
{
    const char *parent = getenv("TMPDIR");
    char *path;

    assert(asprintf(&path, "%s/lede-test-XXXXXX", parent ? parent : "/tmp") > 0);
    assert(mkdtemp(path));
    return path;
}

void temp_directory_free(char *path)
{
    static const char *const NAMES[] = {"data.mdb", "lock.mdb", "lede.lock"};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char *name;

        assert(asprintf(&name, "%s/%s", path, NAMES[i]) > 0);
        (void)unlink(name);
        free(name);
    }
    assert(rmdir(path) == 0);
    free(path);
}

static FILE *open_in(const char *directory, const char *name, const char *mode)
{
    char *path;
    FILE *file;

    assert(asprintf(&path, "%s/%s", directory, name) > 0);
    file = fopen(path, mode);
    assert(file);
    free(path);
    return file;
}

uint8_t *file_read(const char *directory, const char *name, size_t *size)
{
    FILE *file = open_in(directory, name, "rb");
    struct stat about;
    uint8_t *bytes;

    assert(fstat(fileno(file), &about) == 0);
    *size = (size_t)about.st_size;
    bytes = zeroed(*size, 1);
    assert(fread(bytes, 1, *size, file) == *size);
    (void)fclose(file);
    return bytes;
}

void file_write(const char *directory, const char *name, const void *bytes, size_t size)
{
    FILE *file = open_in(directory, name, "wb");

    assert(fwrite(bytes, 1, size, file) == size);
    assert(fclose(file) == 0);
}
