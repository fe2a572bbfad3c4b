#include "text/analyzer.h"

#include <inttypes.h>

#include <unistring/version.h>

#include "base/buffer.h"
#include "text/properties.h"
#include "text/stem.h"
#include "text/stopwords.h"

/* Raise it with every change that makes other terms, positions or lengths of the same bytes. */
enum { ANALYSIS_VERSION = 1 };

static void put_version(struct buffer *out, const char *name, int version)
{
    buffer_printf(out, " %s=%d.%d.%d", name, version >> 16, version >> 8 & 0xff, version & 0xff);
}

void analyzer_fingerprint(const struct analyzer_settings *settings, struct buffer *out)
{
    struct stopwords stopwords;
    uint64_t probe = settings->no_stem ? 0 : stemmers_fingerprint();

    if (stopwords_init(&stopwords, settings->stopwords, NULL, NULL) != LEDE_OK ||
        (probe == 0 && !settings->no_stem)) {
        stopwords_done(&stopwords);
        out->failed = true;
        return;
    }
    buffer_printf(out, "analysis=%d", ANALYSIS_VERSION);
    put_version(out, "tables", unicode_tables_version);
    put_version(out, "unistring", _libunistring_version);
    if (settings->no_stem)
        buffer_str(out, " snowball=none");
    else
        buffer_printf(out, " snowball=%016" PRIx64, probe);
    buffer_printf(out, " stopwords=%zu:%016" PRIx64, stopwords.count, stopwords_hash(&stopwords));
    stopwords_done(&stopwords);
}
