#include "settings.h"

#include <assert.h>
#include <sched.h>

#include "base/lede_bytes.h"
#include "index/keyword_names.h"
#include "pipeline.h"
#include "text/language.h"

static const struct lede_writer_options DEFAULTS;

unsigned settings_processors(void)
{
    cpu_set_t set;
    int count;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

/* ---- what a new index is made with ---- */

/* A name of what is searched as text, or is no metadatum, would never find what it seems to. */
static bool is_taken(struct slice name)
{
    static const char *const taken[] = {"id", "title", "text", "date", "url", "language"};

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (keyword_name_equal(name, slice_str(taken[i])))
            return true;
    return false;
}

static enum lede_status add_keyword(struct buffer *names, struct slice name, struct lede_error *err)
{
    int shown = (int)(name.size < KEYWORD_NAME_MAX ? name.size : KEYWORD_NAME_MAX);

    if (!keyword_name_is_valid(name) || is_taken(name))
        return error_set(err, LEDE_INVALID,
                         "\"%.*s\" cannot be a keyword field: a name is a letter and up to %d "
                         "letters, digits, _, - and ., and not id, title, text, date, url or "
                         "language (that is lang)",
                         shown, (const char *)name.data, KEYWORD_NAME_MAX - 1);
    if (!keyword_names_add(names, name))
        return error_set(err, LEDE_LIMIT, "more than %d keyword fields", KEYWORDS_MAX);
    return names->failed ? error_no_memory(err) : LEDE_OK;
}

static enum lede_status found_keywords(const struct lede_writer_options *options,
                                       struct buffer *names, struct lede_error *err)
{
    static const char *const standard[] = {"site", "section", "author", "lang"};
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; options->standard_keywords && i < sizeof standard / sizeof *standard; i++)
        if (status == LEDE_OK)
            status = add_keyword(names, slice_str(standard[i]), err);
    for (size_t i = 0; status == LEDE_OK && i < options->keyword_count; i++)
        status = add_keyword(names, slice_str(options->keywords[i]), err);
    return status;
}

static enum lede_status found(const struct lede_writer_options *options, struct manifest *manifest,
                              struct lede_error *err)
{
    struct analyzer_settings analysis = {.no_stem = options->no_stem,
                                         .stopwords = slice_from(options->stopwords)};
    const char *given = options->language ? options->language : options->new_language;
    struct slice language = slice_str(given ? given : "en");

    manifest->flags = (uint8_t)((options->no_positions ? MANIFEST_NO_POSITIONS : 0) |
                                (options->no_store ? MANIFEST_NO_STORE : 0) |
                                (options->no_stem ? MANIFEST_NO_STEM : 0) | MANIFEST_AMOUNTS |
                                MANIFEST_SMALL_DIGITS);
    buffer_put(&manifest->language, language.data, language.size);
    buffer_put(&manifest->stopwords, analysis.stopwords.data, analysis.stopwords.size);
    analyzer_fingerprint(&analysis, &manifest->fingerprint);
    if (found_keywords(options, &manifest->keywords, err) != LEDE_OK)
        return err ? err->status : LEDE_INVALID;
    return manifest->language.failed || manifest->stopwords.failed || manifest->fingerprint.failed
               ? error_no_memory(err)
               : LEDE_OK;
}

/* ---- what an index was made with ---- */

struct analyzer_settings settings_analysis(const struct manifest *manifest)
{
    return (struct analyzer_settings){
        .no_stem = manifest->flags & MANIFEST_NO_STEM,
        .amounts = manifest->flags & MANIFEST_AMOUNTS,
        .small_digits = manifest->flags & MANIFEST_SMALL_DIGITS,
        .stopwords = buffer_bytes(&manifest->stopwords),
    };
}

/* Appends the fingerprint of the index's own settings, with these stop words, and compares. */
static enum lede_status same_analysis(const struct manifest *manifest, struct slice stopwords,
                                      bool *same, struct lede_error *err)
{
    struct analyzer_settings analysis = settings_analysis(manifest);
    struct buffer fingerprint;
    enum lede_status status = LEDE_OK;

    analysis.stopwords = stopwords;
    buffer_init(&fingerprint, NULL);
    analyzer_fingerprint(&analysis, &fingerprint);
    if (fingerprint.failed)
        status = error_no_memory(err);
    else
        *same = slice_equal(buffer_bytes(&fingerprint), buffer_bytes(&manifest->fingerprint));
    buffer_done(&fingerprint);
    return status;
}

static enum lede_status check_analysis(const struct lede_writer_options *options,
                                       const struct manifest *manifest, struct lede_error *err)
{
    bool same = false;
    enum lede_status status =
        same_analysis(manifest, buffer_bytes(&manifest->stopwords), &same, err);

    if (status != LEDE_OK)
        return status;
    if (!same)
        return error_set(err, LEDE_INCOMPATIBLE,
                         "the index was made with another version of the analysis; make it anew");
    if (options->stopwords.size == 0)
        return LEDE_OK;
    status = same_analysis(manifest, slice_from(options->stopwords), &same, err);
    if (status == LEDE_OK && !same)
        return error_set(err, LEDE_INCOMPATIBLE,
                         "the index was made with %s stop words; leave them out, or make it anew",
                         manifest->stopwords.size ? "other" : "no");
    return status;
}

/* Adds the keyword fields that are not there. What is in the index has no terms of them. */
static enum lede_status declare(const struct lede_writer_options *options,
                                struct manifest *manifest, struct lede_error *err)
{
    size_t count = keyword_names_count(buffer_bytes(&manifest->keywords));
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < options->keyword_count; i++)
        status = add_keyword(&manifest->keywords, slice_str(options->keywords[i]), err);
    manifest_lack(manifest, count);
    return status;
}

static enum lede_status check(const struct lede_writer_options *options,
                              const struct manifest *manifest, struct lede_error *err)
{
    const struct {
        bool wanted;
        uint8_t flag;
        const char *has;
    } fixed[] = {{options->no_stem, MANIFEST_NO_STEM, "was made with stemming"},
                 {options->no_positions, MANIFEST_NO_POSITIONS, "was made with positions"},
                 {options->no_store, MANIFEST_NO_STORE, "keeps the texts of its articles"}};

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].wanted && !(manifest->flags & fixed[i].flag))
            return error_set(err, LEDE_INCOMPATIBLE,
                             "the index %s; leave the option out, or make it anew", fixed[i].has);
    return check_analysis(options, manifest, err);
}

/* ---- what a writer works with ---- */

/* Bytes that jobs threads take besides their inverters. */
static size_t overhead(unsigned jobs)
{
    return pipeline_batches(jobs) * (size_t)BATCH_MEMORY + jobs * WORKER_MEMORY;
}

static enum lede_status plan_memory(const struct lede_writer_options *options,
                                    struct settings *settings, struct lede_error *err)
{
    size_t memory = options->memory ? options->memory : MEMORY_DEFAULT;
    unsigned jobs = options->jobs ? options->jobs : settings_processors();

    if (memory < MEMORY_MIN)
        return error_set(err, LEDE_INVALID, "the memory limit is below %zu MiB", MEMORY_MIN >> 20);
    jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    while (jobs > 1 && overhead(jobs) + jobs * INVERTER_MEMORY_MIN > memory)
        jobs--;
    assert(jobs > 0 && memory >= overhead(jobs) + INVERTER_MEMORY_MIN);
    settings->jobs = jobs;
    settings->budget = (memory - overhead(jobs)) / jobs;
    settings->memory = memory > SIZE_MAX - MEMORY_FIXED ? SIZE_MAX : memory + MEMORY_FIXED;
    return LEDE_OK;
}

enum lede_status settings_resolve(const struct lede_writer_options *options,
                                  struct manifest *manifest, bool fresh, struct settings *settings,
                                  struct lede_error *err)
{
    size_t names = manifest->keywords.size;
    struct slice language;
    enum lede_status status;

    options = options ? options : &DEFAULTS;
    status = plan_memory(options, settings, err);
    if (status == LEDE_OK)
        status = fresh ? found(options, manifest, err) : check(options, manifest, err);
    if (status == LEDE_OK && !fresh)
        status = declare(options, manifest, err);
    if (status != LEDE_OK)
        return status;
    language = options->language ? slice_str(options->language) : buffer_bytes(&manifest->language);
    if (!language_find(language, &settings->language))
        return error_set(err, LEDE_INVALID, "unknown language \"%.*s\"",
                         (int)(language.size < 40 ? language.size : 40),
                         (const char *)language.data);
    settings->positions = !(manifest->flags & MANIFEST_NO_POSITIONS);
    settings->keep_text = !(manifest->flags & MANIFEST_NO_STORE);
    settings->analysis = settings_analysis(manifest);
    settings->keywords = buffer_bytes(&manifest->keywords);
    settings->declared = manifest->keywords.size != names;
    return LEDE_OK;
}
