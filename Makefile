# lede: full-text search for archives of articles. `make help` lists what there is.

BUILD ?= build
CC ?= cc
HOSTCC ?= $(CC)
AR ?= ar
OBJCOPY ?= objcopy
PREFIX ?= /usr/local
DESTDIR ?=
PKG_CONFIG ?= pkg-config
OPT ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wconversion $(WERROR)
SAN ?=

PACKAGES = build-essential pkg-config liblmdb-dev libstemmer-dev libunistring-dev libzstd-dev \
           libxxhash-dev libarchive-dev zlib1g-dev libjansson-dev libxml2-dev libuchardet-dev libcld2-dev \
           libcsv-dev libgmime-3.0-dev liblzma-dev libedit-dev
TEST_PACKAGES = libcriterion-dev unicode-data python3 python3-jsonschema jq tmux zsh fish
LINT_PACKAGES = mandoc clang clang-tidy clang-format cppcheck libclang-rt-14-dev

CPPFLAGS += -iquote lib -iquote include -iquote $(BUILD)/gen -D_GNU_SOURCE
# indexer/ and query/ see the library and themselves, not each other; tests and benchmarks see all.
$(BUILD)/obj/indexer/%.o: CPPFLAGS += -iquote indexer
$(BUILD)/obj/indexer/html/%.o $(BUILD)/obj/indexer/command/%.o $(BUILD)/obj/tests/%.o: CPPFLAGS += $(subst -I,-isystem ,$(shell $(PKG_CONFIG) --cflags libxml-2.0 gmime-3.0))
$(BUILD)/obj/query/%.o: CPPFLAGS += -iquote query
$(BUILD)/obj/tests/%.o $(BUILD)/obj/bench/%.o: CPPFLAGS += -iquote . -iquote indexer -iquote query
CFLAGS_ALL = -std=c17 $(OPT) $(WARN) $(SAN) -fPIC -fvisibility=hidden -ffp-contract=off -pthread -MMD -MP $(CFLAGS)
LDFLAGS_ALL = $(SAN) -pthread $(LDFLAGS)

# What the library needs, and what the index command alone needs.
LIB_LIBS = -llmdb -lstemmer -lunistring -lzstd -lxxhash -lm
READER_LIBS = -larchive -lz -ljansson -lxml2 -luchardet -lcld2 -lcsv -llzma $(shell $(PKG_CONFIG) --libs gmime-3.0)
# lede-search starts once a query: where there are static libraries of all (SEARCH_STATIC= does
# without) it takes their code into itself, so that nothing has to be found, mapped and relocated.
static_library = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
STATIC_LIBS = lmdb stemmer unistring zstd xxhash edit termcap bsd md m c
SEARCH_STATIC ?= $(if $(SAN),,$(if $(filter $(words $(STATIC_LIBS)),$(words $(foreach l,$(STATIC_LIBS),$(call static_library,$l)))),yes))
# What runs a program that was built for another processor than this one.
EMULATOR ?=

# ---- sources ----
# indexer/ and query/ hold a command each; the library takes all but the commands' own files,
# which the folders keep in command/.
BASE_SRC = $(wildcard lib/base/*.c)
TEXT_SRC = $(wildcard lib/text/*.c)
INDEX_SRC = $(wildcard lib/index/*.c)
WRITER_SRC = $(wildcard indexer/*.c)
SEARCH_SRC = $(wildcard query/*.c)
INDEX_COMMAND_SRC = $(wildcard indexer/command/*.c indexer/html/*.c indexer/page/*.c)
SEARCH_COMMAND_SRC = $(wildcard query/command/*.c)
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

ARCHIVES = $(BUILD)/libsearch.a $(BUILD)/libwriter.a $(BUILD)/libindex.a $(BUILD)/libtext.a $(BUILD)/libbase.a
PROGRAMS = $(BUILD)/lede-index $(BUILD)/lede-search

.DEFAULT_GOAL = all
all: $(PROGRAMS) $(BUILD)/liblede.a $(BUILD)/liblede.so $(BUILD)/lede.pc ## Build both commands and the library

help: ## List the targets
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/unicode_tables.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -c -o $@ $<

# ---- generated: Unicode properties as libunistring has them ----
$(BUILD)/gen/make_tables: lib/text/tables/make_tables.c lib/text/properties.h
	@mkdir -p $(@D)
	$(HOSTCC) -std=c17 -O1 -D_GNU_SOURCE -o $@ $< -lunistring

$(BUILD)/gen/unicode_tables.h: $(BUILD)/gen/make_tables
	$< > $@.new && mv $@.new $@

# ---- libraries ----
define archive
$(BUILD)/$(1).a: $(call obj,$(2))
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(eval $(call archive,libbase,$(BASE_SRC)))
$(eval $(call archive,libtext,$(TEXT_SRC)))
$(eval $(call archive,libindex,$(INDEX_SRC)))
$(eval $(call archive,libwriter,$(WRITER_SRC)))
$(eval $(call archive,libsearch,$(SEARCH_SRC)))
LIB_SRC = $(BASE_SRC) $(TEXT_SRC) $(INDEX_SRC) $(WRITER_SRC) $(SEARCH_SRC)

# The library for others: one object, in which only what lede.h declares is to be seen.
$(BUILD)/liblede.a: $(call obj,$(LIB_SRC))
	@rm -f $@
	$(LD) -r -o $(BUILD)/liblede.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/liblede.o
	$(AR) rcs $@ $(BUILD)/liblede.o

$(BUILD)/liblede.so: $(call obj,$(LIB_SRC))
	$(CC) -shared -Wl,-soname,liblede.so.0 -o $@ $^ $(LDFLAGS_ALL) $(LIB_LIBS)

$(BUILD)/lede.pc: Makefile
	@mkdir -p $(@D)
	@printf 'prefix=%s\nincludedir=$${prefix}/include\nlibdir=$${prefix}/lib\n\nName: lede\nDescription: full-text search for archives of articles\nVersion: %s\nCflags: -I$${includedir}\nLibs: -L$${libdir} -llede\nLibs.private: %s\n' \
	  '$(PREFIX)' "$$(sed -n 's/^#define LEDE_VERSION "\(.*\)"/\1/p' include/lede.h)" '$(LIB_LIBS)' > $@

# ---- commands ----
$(BUILD)/lede-index: $(call obj,$(INDEX_COMMAND_SRC)) $(ARCHIVES)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(READER_LIBS) $(LIB_LIBS)

ifeq ($(SEARCH_STATIC),)
$(BUILD)/lede-search: $(call obj,$(SEARCH_COMMAND_SRC)) $(ARCHIVES)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(LIB_LIBS)
else
$(BUILD)/lede-search: $(call obj,$(filter-out %/libedit.c,$(SEARCH_COMMAND_SRC))) $(BUILD)/gen/probed.o $(ARCHIVES) $(BUILD)/gen/liblmdb.a
	$(CC) -static -o $@ $^ $(LDFLAGS_ALL) $(EDIT_LIBS) $(filter-out -llmdb,$(LIB_LIBS))

# What query/command/line_editor.c refers to weakly: where it is not linked in, libedit.c opens libedit.
EDIT_SYMBOLS = el_init el_end el_set el_wset el_gets el_line el_insertstr el_deletestr el_resize \
               history_init history_end history
EDIT_LIBS = $(EDIT_SYMBOLS:%=-Wl,-u,%) -ledit -ltermcap -lbsd -lmd

# LMDB's code in a section that has a name: what faults there is damage (lib/base/command_line.c).
$(BUILD)/gen/liblmdb.a: | $(BUILD)/gen/unicode_tables.h
	$(OBJCOPY) --rename-section .text=lmdb_code --rename-section text_env=lmdb_code $(call static_library,lmdb) $@

# Stemmers that are linked in need no probe at every start (lib/text/stem.c).
$(BUILD)/gen/make_probe: $(call obj,lib/text/tables/make_probe.c) $(BUILD)/libtext.a $(BUILD)/libbase.a
	$(CC) -static -o $@ $^ $(LDFLAGS_ALL) -lstemmer -lunistring -lxxhash

$(BUILD)/gen/probed.o: $(BUILD)/gen/make_probe
	$(EMULATOR) $< > $(@:.o=.c)
	$(CC) $(CFLAGS_ALL) -c -o $@ $(@:.o=.c)
endif

# ---- tests ----
# tests/FOLDER/test_NAME.c is a Criterion program of its own; tests/*.c are helpers that query and
# cli link, tests/query/oracle_*.c what tests/query links alone, tests/index/memory_*.c what
# tests/index, tests/query and the fuzzers link.
TEST_SRC = $(wildcard tests/*/test_*.c)
TEST_HELPERS = $(call obj,$(wildcard tests/*.c))
ORACLE_TEST_HELPERS = $(call obj,$(wildcard tests/query/oracle_*.c))
INDEX_TEST_HELPERS = $(call obj,$(wildcard tests/index/memory_*.c))
FAULT_TEST_HELPERS = $(call obj,$(filter-out tests/fault/test_% tests/fault/shim.c,$(wildcard tests/fault/*.c)))
SHIM = $(BUILD)/tests/fault/shim.so
TESTS = $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SRC))
LINK_base = $(BUILD)/libbase.a
LINK_text = $(BUILD)/libtext.a $(BUILD)/libbase.a
LINK_index = $(INDEX_TEST_HELPERS) $(BUILD)/libindex.a $(BUILD)/libbase.a
LINK_indexer = $(call obj,$(filter-out %/main.c,$(INDEX_COMMAND_SRC))) $(ARCHIVES)
LINK_query = $(ORACLE_TEST_HELPERS) $(TEST_HELPERS) $(INDEX_TEST_HELPERS) $(call obj,$(filter-out %/main.c,$(SEARCH_COMMAND_SRC))) $(ARCHIVES)
LINK_cli = $(TEST_HELPERS) $(ARCHIVES)
LINK_fault = $(FAULT_TEST_HELPERS) $(TEST_HELPERS) $(ARCHIVES)

define test_rule
$(BUILD)/tests/$(1)/%: $(BUILD)/obj/tests/$(1)/%.o $(LINK_$(1))
	@mkdir -p $$(@D)
	$(CC) -o $$@ $$^ $(LDFLAGS_ALL) -lcriterion $(READER_LIBS) $(LIB_LIBS)
endef
$(foreach folder,base text index indexer query cli fault,$(eval $(call test_rule,$(folder))))
$(BUILD)/obj/tests/%.o: CFLAGS += -Wno-shadow

# What tests/fault preloads into the programs; of no sanitizer, which would be a second one there.
$(SHIM): tests/fault/shim.c tests/fault/shim.h
	@mkdir -p $(@D)
	$(CC) -iquote . -D_GNU_SOURCE -std=c17 -O2 -g $(WARN) -fPIC -shared -o $@ $< -ldl

# Nothing can be preloaded into the static lede-search.
$(BUILD)/tests/fault/lede-search: $(call obj,$(SEARCH_COMMAND_SRC)) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(LIB_LIBS)

tests: $(TESTS) $(PROGRAMS) $(SHIM) $(BUILD)/tests/fault/lede-search

test: deps-test ## Install what is missing, build, and pass every test, plain and under sanitizers
	$(MAKE) --no-print-directory all tests
	$(MAKE) --no-print-directory run-tests
	$(MAKE) --no-print-directory sanitize

run-tests: tests
	tests/run $(BUILD)

sanitize: ## The tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(MAKE) --no-print-directory BUILD=$(BUILD)/asan OPT="-O1 -g" SAN="$(ASAN)" tests
	tests/run --sanitized $(BUILD)/asan
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

soak: deps-test ## The fault tests in full, of which make test runs a sample (PARTS="kill power": these)
	$(MAKE) --no-print-directory soak-plain
	$(MAKE) --no-print-directory soak-sanitized
soak-plain:
	$(MAKE) --no-print-directory all tests
	LEDE_SOAK=1 tests/run $(BUILD) fault $(PARTS)
soak-sanitized:
	$(MAKE) --no-print-directory BUILD=$(BUILD)/asan OPT="-O1 -g" SAN="$(ASAN)" tests
	LEDE_SOAK=1 tests/run --sanitized $(BUILD)/asan fault $(PARTS)

tsan: deps-test ## What uses threads, library and commands, under ThreadSanitizer
	$(MAKE) --no-print-directory BUILD=$(BUILD)/tsan OPT="-O1 -g" SAN="-fsanitize=thread" tsan-run
RACES = $(patsubst tests/tsan/%.c,$(BUILD)/race/%,$(wildcard tests/tsan/*.c))
tsan-run: $(RACES) $(PROGRAMS)
	@set -e; for program in $(RACES); do echo "$$program"; TSAN_OPTIONS=halt_on_error=1 $$program; done
	@echo tests/tsan/commands; tests/tsan/commands $(BUILD)
$(BUILD)/race/%: $(BUILD)/obj/tests/tsan/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(LIB_LIBS)

# Each tests/fuzz/fuzz_NAME.c is a libFuzzer target; FUZZ_SECONDS each, those of the names in FUZZ.
FUZZ_SECONDS ?= 30
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz: deps-lint ## Run every fuzz target for FUZZ_SECONDS (30) under clang's libFuzzer (FUZZ="query mail": these)
	$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzzing CC=clang HOSTCC=cc OPT="-O1 -g" \
	  SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined" fuzzers
	tests/fuzz/run $(BUILD)/fuzzing $(FUZZ_SECONDS) $(FUZZ)
fuzzers: $(FUZZERS)
# What lede-search reads beside queries; the commands' files are not linked into one program.
SEARCH_FUZZERS = $(patsubst %,$(BUILD)/fuzz/fuzz_%,judgements topics)
$(SEARCH_FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(call obj,$(filter-out %/main.c,$(SEARCH_COMMAND_SRC))) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) -fsanitize=fuzzer,address,undefined $(LIB_LIBS)
$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(INDEX_TEST_HELPERS) $(call obj,$(filter-out %/main.c,$(INDEX_COMMAND_SRC))) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) -fsanitize=fuzzer,address,undefined $(READER_LIBS) $(LIB_LIBS)

# ---- another processor ----
# Against packages that are unpacked in a folder, under an emulator.
ARM64_ROOT = $(BUILD)/sysroot-arm64
ARM64_TOOLS = PKG_CONFIG="env PKG_CONFIG_SYSROOT_DIR=$(abspath $(ARM64_ROOT)/root) \
  PKG_CONFIG_LIBDIR=$(abspath $(ARM64_ROOT)/root)/usr/lib/aarch64-linux-gnu/pkgconfig:$(abspath $(ARM64_ROOT)/root)/usr/share/pkgconfig pkg-config" \
  CC="aarch64-linux-gnu-gcc --sysroot=$(abspath $(ARM64_ROOT)/root)" AR=aarch64-linux-gnu-ar \
  LD=aarch64-linux-gnu-ld OBJCOPY=aarch64-linux-gnu-objcopy HOSTCC=cc EMULATOR="qemu-aarch64 -L $(ARM64_ROOT)/root"
arm64: deps-test ## Cross-build for AArch64, pass the tests under qemu-user, compare bytes and scores
	@./install-packages gcc-aarch64-linux-gnu qemu-user
	tests/sysroot $(ARM64_ROOT) arm64 libc6-dev $(filter lib% zlib%,$(PACKAGES) $(TEST_PACKAGES))
	$(MAKE) --no-print-directory all
	$(MAKE) --no-print-directory BUILD=$(BUILD)/arm64 $(ARM64_TOOLS) all tests
	tests/arm64 $(BUILD) $(BUILD)/arm64 $(ARM64_ROOT)/root

# ---- benchmarks ----
BENCH = $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
bench: all $(BENCH) ## Print the tables of the benchmarks (an hour; QUICK=1: 3 minutes; LEDE_DATA: corpora; LEDE_PEERS: other engines)
	bench/run $(if $(QUICK),--quick) $(BUILD)
$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(LDFLAGS_ALL) $(LIB_LIBS)

# ---- checks of the source ----
C_FILES = $(shell git ls-files '*.c' '*.h')
lint: deps-lint ## clang with -Werror, clang-tidy, cppcheck, formatting
	tests/lint
format: deps-lint ## Format every C file in place
	clang-format -i $(C_FILES)

# ---- set-up ----
deps: ## Install the Debian packages that building needs
	@./install-packages $(PACKAGES)
deps-test:
	@./install-packages $(PACKAGES) $(TEST_PACKAGES)
deps-lint:
	@./install-packages $(PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)

demo: deps ## Install what is missing, build, index corpus/ and answer a query
	@$(MAKE) --no-print-directory all
	@bench/demo $(BUILD)

install: all ## Install commands, library, header, man pages, completions and documents under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 include/lede.h $(DESTDIR)$(PREFIX)/include
	install -m 644 $(BUILD)/liblede.a $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(BUILD)/liblede.so $(DESTDIR)$(PREFIX)/lib/liblede.so.0
	ln -sf liblede.so.0 $(DESTDIR)$(PREFIX)/lib/liblede.so
	install -m 644 $(BUILD)/lede.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig
	@set -e; for page in docs/man/*; do \
	  install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	install -d $(DESTDIR)$(PREFIX)/share/doc/lede $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 644 completions/bash/* $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 completions/zsh/* $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -m 644 completions/fish/* $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 644 README.md docs/*.md docs/*.json $(DESTDIR)$(PREFIX)/share/doc/lede

clean: ## Remove everything that was built
	rm -rf $(BUILD)

.PHONY: all help tests test run-tests sanitize soak soak-plain soak-sanitized tsan tsan-run arm64 fuzz fuzzers bench lint format deps deps-test deps-lint demo install clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
