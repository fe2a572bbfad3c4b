#include "command/help.h"

#define INDEX_FLAG                                                                                 \
    "  -d DIR               the index ($LEDE_INDEX, or ~/.local/share/lede/default)\n"
#define OUTPUT_FLAGS                                                                               \
    "  -q, -v               say less, or name each file\n"                                         \
    "  -h, --help           this page\n"
#define WRITER_FLAGS                                                                               \
    "  --memory SIZE        bytes to work in (256M)\n"                                             \
    "  --wait SECS          how long to wait for another writer (10)\n"
#define EXIT_CODES                                                                                 \
    "\nExit: 0 done, 1 some inputs were skipped, 2 usage, 3 no index or one that does\n"           \
    "not fit, 4 damaged, 5 in use, 6 input/output or disk full, 130 interrupted.\n"

static const char PROGRAM[] =
    "lede-index SUBCOMMAND [FLAGS]     makes and looks after an index of articles\n"
    "\n"
    "  add [-r] PATH...|-   add text, web pages, JSON lines, CSV, WARC; tar, zip, gz\n"
    "  sync DIR...          add, update and remove what directories show\n"
    "  rm ID...             remove articles\n"
    "  stats                what the index holds\n"
    "  show ID              an article as it was stored\n"
    "  split FILE           which articles a file gives, as add would read it\n"
    "  analyze [TEXT|-]     which terms a text gives\n"
    "  verify               check every byte that is stored\n"
    "  export               all articles, as JSON lines\n"
    "  compact              make the index as small as it can be\n"
    "  snapshot OUT         copy the index, also while it is written\n"
    "  merge INDEX...       bring in what other indexes hold\n"
    "\n" INDEX_FLAG "  -V, --version        the version\n"
    "  -h, --help           this page; behind a subcommand, as in help add: its own\n" EXIT_CODES;

static const char ADD[] =
    "lede-index add [FLAGS] PATH...|-     adds articles, or replaces those of an id\n"
    "\n" INDEX_FLAG
    "  -r                   directories, too, but no hidden or binary files or links\n"
    "  -f FORMAT            auto, or what files, or those packed in them, are: text,\n"
    "                       html: an article each; jsonl: one a line; json: an array;\n"
    "                       csv, tsv: one a row; feed: one an entry; mail: an\n"
    "                       mbox, too; warc: one a record; archive: a tar or zip\n"
    "  --field NAME=MEMBER  member, column of id, title, text, date, url or language\n"
    "  --keyword NAME       metadata to filter by (NAME:x), besides site, section,\n"
    "                       author and lang (repeatable); compact makes it of the\n"
    "                       metadata of articles that are in the index already\n"
    "  --split HOW          pages of text that chain articles: auto cuts them, none\n"
    "                       does not, an expression matches lines that begin one\n"
    "  --boilerplate HOW    lines that recur on pages of a site: auto takes them out\n"
    "                       of texts, keep does not, a file lists which (auto)\n"
    "  --file-dates         a file's time of change dates what has no other date\n"
    "  --base DIR           ids are paths relative to DIR, not absolute\n"
    "  --include GLOB       only files that match (repeatable; * matches / too)\n"
    "  --exclude GLOB       no files or directories that match (repeatable)\n"
    "  --files-from FILE|-  more paths, one a line; -0: ended by NUL\n"
    "  --max-record SIZE    longest file to take, or line (a quarter of --memory; web\n"
    "                       pages, records of archives: at most a fortieth)\n"
    "  -l LANG              language of what names none: en, de, ..., none; auto: as\n"
    "                       its text shows, auto:de: else de (auto:en)\n"
    "  --no-stem            words as they are; --stopwords FILE: drop these words\n"
    "  --no-positions       no phrases; --no-store: keep no text\n"
    "  --commit-every N     durable and visible every N articles, or bytes of text:\n"
    "                       500, 256M (1G); 0: at the end alone\n"
    "  -j N                 threads (as many as processors)\n" WRITER_FLAGS
    "  -n                   dry run: read everything, write nothing\n"
    "  --report FILE        each skip as a JSON line\n"
    "  --progress WHEN      auto, always, never, json\n" OUTPUT_FLAGS EXIT_CODES;

static const char SYNC[] =
    "lede-index sync [FLAGS] DIR...     makes an index hold what they hold\n"
    "\n" INDEX_FLAG
    "  -f, -l, -j, --field, --keyword, --base, --include, --exclude, --max-record,\n"
    "  --no-stem, --stopwords, --no-positions, --no-store, --commit-every, --report,\n"
    "  --progress, --file-dates\n"
    "                       as in lede-index add --help\n" WRITER_FLAGS
    "  -n                   dry run: list files to add, update, remove; read none\n"
    "  --force              also if DIR is missing, or empty and was not\n" OUTPUT_FLAGS
    "\nFiles of the same size and time of change as when they were read last are not\n"
    "read (add reads all). Of others, new and changed articles are taken in; those\n"
    "that are not there any more are removed, and so are those of files that are\n"
    "gone. Files that cannot be read, or are excluded, keep theirs, and so does all\n"
    "outside DIR. An id that several files have is that of the one read last.\n" EXIT_CODES;

static const char RM[] =
    "lede-index rm [FLAGS] ID...     removes articles\n"
    "\n" INDEX_FLAG WRITER_FLAGS
    "  -n                   dry run: only say which are not there\n" OUTPUT_FLAGS
    "\nAn id that begins with - stands behind --. Exit 1: some of them were not there.\n";

static const char STATS[] =
    "lede-index stats [FLAGS]     says what the index holds\n"
    "\n" INDEX_FLAG "  --json               for programs\n"
    "  --boilerplate        the lines that are taken out of texts, and of how many\n"
    "                       articles\n"
    "  --copies             the articles that are copies of others: group, tab, id\n" OUTPUT_FLAGS;

static const char SHOW[] = "lede-index show [FLAGS] ID     prints an article as it was stored\n"
                           "\n" INDEX_FLAG "  --tokens             its terms and positions\n"
                           "  --raw                its text alone, byte for byte\n" OUTPUT_FLAGS;

static const char SPLIT[] =
    "lede-index split [FLAGS] FILE...|-     lists the articles that add would read\n"
    "\n"
    "One line an article, tabs between: number in the page, offset, bytes, date,\n"
    "title. The number is - where the file is one article; rest is what belongs to\n"
    "none of a page, and is added under the page's own id. Bytes are those of the\n"
    "source: of a web page, and of text that is not UTF-8, all of them.\n"
    "\n"
    "  --json               an object a line: id, article, offset, length, title,\n"
    "                       date, author, section\n"
    "  --split HOW          auto, none, or an extended regular expression: each line\n"
    "                       that it matches begins an article, as its title (auto)\n"
    "  -f FORMAT            auto, text, html, jsonl, warc, as in add\n"
    "  --base DIR           ids are paths relative to DIR\n" OUTPUT_FLAGS
    "\nExit: 0 done, 1 something was skipped, 2 usage.\n";

static const char ANALYZE[] =
    "lede-index analyze [FLAGS] [TEXT...|-]     prints which terms a text gives\n"
    "\n"
    "One line a token, tabs between: position, byte offset, bytes, word, term,\n"
    "variant, flags.\n"
    "\n"
    "  -l LANG              language: en, de, ..., none, auto, auto:de (en)\n"
    "  --no-stem            words as they are; --stopwords FILE: drop these words\n"
    "  --max-record SIZE    longest text to read from standard input (64M)\n" OUTPUT_FLAGS;

static const char VERIFY[] =
    "lede-index verify [FLAGS]     checks the structure and checksums of the index\n"
    "\n" INDEX_FLAG "  --deep               decode everything; 1,000 texts are analysed anew\n"
    "  --wait SECS          how long to wait for a writer (10)\n" OUTPUT_FLAGS
    "\nExit: 0 sound, 3 no index, 4 damaged.\n";

static const char EXPORT[] =
    "lede-index export [FLAGS]     prints all articles\n"
    "\n" INDEX_FLAG
    "  --jsonl              as JSON lines that add reads (the default)\n" OUTPUT_FLAGS;

static const char COMPACT[] =
    "lede-index compact [FLAGS]     makes the index one part, without what is gone\n"
    "\n" INDEX_FLAG
    "  --reorder            articles that share words side by side: smaller, faster;\n"
    "                       slow to do\n"
    "  -j N                 threads for --reorder (as many as processors)\n" WRITER_FLAGS
        OUTPUT_FLAGS
    "\nSearches go on meanwhile; what they find stays the same, but for the order of\n"
    "articles of equal score after --reorder. The disk has to hold the index twice\n"
    "more until it is done. Exit 5: a program has the index open, and so its file\n"
    "keeps its size; the rest is done.\n";

static const char SNAPSHOT[] =
    "lede-index snapshot [FLAGS] OUT     copies the index, as last committed, to OUT\n"
    "\n" INDEX_FLAG
    "  --wait SECS          how long to wait for another writer in OUT (10)\n" OUTPUT_FLAGS
    "\nThe index may be searched and written meanwhile. OUT, a directory, is made; if\n"
    "it holds an index, nothing is done (exit 2). The copy is whole and on the disk\n"
    "when it gets its name, data.mdb.\n";

static const char MERGE[] =
    "lede-index merge [FLAGS] INDEX...     brings in what other indexes hold\n"
    "\n" INDEX_FLAG WRITER_FLAGS OUTPUT_FLAGS
    "\nThe other indexes stay as they are; they must have been made with the same\n"
    "settings. Of an id that several have, the article of the last one stays. The\n"
    "index is made if there is none.\n"
    "lede-index compact makes the parts one.\n";

const char *help_text(enum subcommand subcommand)
{
    static const char *const pages[SUBCOMMAND_COUNT] = {
        [SUBCOMMAND_NONE] = PROGRAM,    [SUBCOMMAND_ADD] = ADD,
        [SUBCOMMAND_SYNC] = SYNC,       [SUBCOMMAND_RM] = RM,
        [SUBCOMMAND_STATS] = STATS,     [SUBCOMMAND_SHOW] = SHOW,
        [SUBCOMMAND_ANALYZE] = ANALYZE, [SUBCOMMAND_SPLIT] = SPLIT,
        [SUBCOMMAND_VERIFY] = VERIFY,   [SUBCOMMAND_EXPORT] = EXPORT,
        [SUBCOMMAND_COMPACT] = COMPACT, [SUBCOMMAND_SNAPSHOT] = SNAPSHOT,
        [SUBCOMMAND_MERGE] = MERGE,
    };

    return pages[subcommand];
}
