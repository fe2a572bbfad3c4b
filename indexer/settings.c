#include "settings.h"

#include <assert.h>
#include <sched.h>

#include "base/lede_bytes.h"
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

static enum lede_status found(const struct lede_writer_options *options, struct manifest *manifest,
                              struct lede_error *err)
{
    struct analyzer_settings analysis = {options->no_stem, slice_from(options->stopwords)};
    struct slice language = slice_str(options->language ? options->language : "en");

    manifest->flags = (uint8_t)((options->no_positions ? MANIFEST_NO_POSITIONS : 0) |
                                (options->no_store ? MANIFEST_NO_STORE : 0) |
                                (options->no_stem ? MANIFEST_NO_STEM : 0));
    buffer_put(&manifest->language, language.data, language.size);
    buffer_put(&manifest->stopwords, analysis.stopwords.data, analysis.stopwords.size);
    analyzer_fingerprint(&analysis, &manifest->fingerprint);
    return manifest->language.failed || manifest->stopwords.failed || manifest->fingerprint.failed
               ? error_no_memory(err)
               : LEDE_OK;
}

/* ---- what an index was made with ---- */

/* Appends the fingerprint of the index's own settings, with these stop words, and compares. */
static enum lede_status same_analysis(const struct manifest *manifest, struct slice stopwords,
                                      bool *same, struct lede_error *err)
{
    struct analyzer_settings analysis = {(manifest->flags & MANIFEST_NO_STEM) != 0, stopwords};
    struct buffer fingerprint;
    enum lede_status status = LEDE_OK;

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
    struct slice language;
    enum lede_status status;

    options = options ? options : &DEFAULTS;
    status = plan_memory(options, settings, err);
    if (status == LEDE_OK)
        status = fresh ? found(options, manifest, err) : check(options, manifest, err);
    if (status != LEDE_OK)
        return status;
    language = options->language ? slice_str(options->language) : buffer_bytes(&manifest->language);
    if (!language_find(language, &settings->language))
        return error_set(err, LEDE_INVALID, "unknown language \"%.*s\"",
                         (int)(language.size < 40 ? language.size : 40),
                         (const char *)language.data);
    settings->positions = !(manifest->flags & MANIFEST_NO_POSITIONS);
    settings->keep_text = !(manifest->flags & MANIFEST_NO_STORE);
    settings->analysis.no_stem = (manifest->flags & MANIFEST_NO_STEM) != 0;
    settings->analysis.stopwords = buffer_bytes(&manifest->stopwords);
    return LEDE_OK;
}
