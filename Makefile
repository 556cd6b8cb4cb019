# SPDX-License-Identifier: BSD-3-Clause
#
# Riffle's only Makefile. `make help` lists what it can do. Everything that it makes goes below build/.
#
#   build/               programs, libraries and .pc files of a plain `make`
#   build/obj/<variant>/ objects, one folder for each set of compiler and flags, so that no two sets ever mix
#   build/<name>/        the same as build/ for another variant: gcc, clang (warnings are errors), asan, ubsan, tsan, fuzz
#
# CFLAGS, CXXFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are the user's and come after ours; CXXFLAGS not given are CFLAGS, and CXX not given
# belongs to CC. PREFIX and DESTDIR say where `make install` goes.
# It calls itself for other variants, and never descends into folders.

SHELL := /bin/sh
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# A plain `make` uses all processors; a -jN given to it wins over this one.
ifeq (0,$(MAKELEVEL))
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

# `make clean all` means one after the other.
ifneq (,$(filter clean,$(MAKECMDGOALS)))
.NOTPARALLEL:
endif

# Prints what is made; `make V=1` prints the whole commands.
say = $(if $(V),,@echo '  $(1)' && )

# ---- Where things go ----

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
OUT := build

# ---- What there is ----

VERSION := $(shell sed -n 's/^.define RIFFLE_VERSION  *"\(.*\)"/\1/p' include/riffle.h)
ABI := $(firstword $(subst ., ,$(VERSION)))
HEADERS := $(wildcard include/*.h)

PROGRAM_FILES := main.c cli_%.c
INDEX_SOURCES := $(filter $(addprefix indexer/,$(PROGRAM_FILES)),$(wildcard indexer/*.c))
QUERY_SOURCES := $(filter $(addprefix query/,$(PROGRAM_FILES)),$(wildcard query/*.c))
# The registry of engines, which there has to be once in a process, is libriffle's; the rest may be copied.
COMMON_SOURCES := $(filter-out lib/engine/engine.c,$(wildcard lib/base/*.c lib/text/*.c lib/engine/*.c))
LIBRARY_SOURCES := $(COMMON_SOURCES) $(wildcard lib/engine/engine.c lib/kernels/*.c lib/store/*.c) \
    $(filter-out $(INDEX_SOURCES),$(wildcard indexer/*.c)) $(filter-out $(QUERY_SOURCES),$(wildcard query/*.c))
XAPIAN_SOURCES := $(wildcard lib/xapian/*.c lib/xapian/*.cc)

# Each test_*.c is a cmocka program; other C and C++ files of those folders, and of support/, are linked where they are needed.
# unit/ comes first: where a part is broken, its own tests say it best.
TEST_SOURCES := $(wildcard tests/unit/test_*.c) $(filter-out tests/unit/%,$(wildcard tests/*/test_*.c))
TEST_FOLDERS := $(sort $(dir $(TEST_SOURCES)) tests/support/)
HELPER_SOURCES := $(filter-out $(TEST_SOURCES),$(wildcard $(addsuffix *.c,$(TEST_FOLDERS)) $(addsuffix *.cc,$(TEST_FOLDERS))))
FUZZ_SOURCES := $(wildcard tests/fuzz/*.c)
BENCH_SOURCES := $(wildcard tests/bench/*.c tests/bench/*.cc)
LAWS := $(sort $(wildcard tests/laws/law_*.sh))
MANUALS := $(wildcard docs/*.[1-9])

# ---- What has to be on the machine ----

# header that shows a library to be there : Debian package that brings it; c++ between them for a header of C++; and the same for commands.
LIBRARY_NEEDS := stdio.h:libc6-dev zlib.h:zlib1g-dev utf8proc.h:libutf8proc-dev libstemmer.h:libstemmer-dev \
    json-c/json.h:libjson-c-dev string:c++:g++ xapian.h:c++:libxapian-dev
CHECK_HEADERS := cmocka.h:libcmocka-dev uuid/uuid.h:uuid-dev
CHECK_COMMANDS := gcc:gcc g++:g++ clang:clang clang-format-14:clang-format-14 pkg-config:pkg-config mandoc:mandoc quest:xapian-tools

# $(call install_missing,headers,commands): apt-get brings what is missing, where this user may do that without being asked.
define install_missing
missing=; \
for need in $(1); do \
    case $$need in \
    *:c++:*) compile='$(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++' ;; \
    *) compile='$(CC) $(CPPFLAGS) $(CFLAGS) -x c' ;; \
    esac; \
    printf '#include <%s>\n' "$${need%%:*}" | $$compile -E - >/dev/null 2>&1 || missing="$$missing $${need##*:}"; \
done; \
for need in $(2); do \
    command -v "$${need%%:*}" >/dev/null 2>&1 || missing="$$missing $${need##*:}"; \
done; \
if [ -n "$$missing" ]; then \
    if [ "$$(id -u)" = 0 ]; then as=; else as='sudo -n '; fi; \
    if command -v apt-get >/dev/null 2>&1 && $${as}true 2>/dev/null; then \
        echo "Missing here, and installed now:$$missing"; \
        $${as}apt-get update -qq && \
        $${as}env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing || exit 1; \
    else \
        echo "Missing here. This installs it on Debian, then run make again:" >&2; \
        echo "    sudo apt-get update && sudo apt-get install -y$$missing" >&2; \
        exit 1; \
    fi; \
fi
endef

# The C++ compiler that belongs to CC: g++-12 to gcc-12, clang++ to "ccache clang".
ifeq (default,$(origin CXX))
CXX := $(shell printf '%s\n' '$(CC)' | sed -E \
    -e 's/(^|[ /-])clang(-[0-9.]+)?( |$$)/\1clang++\2\3/; t' -e 's/(^|[ /-])gcc(-[0-9.]+)?( |$$)/\1g++\2\3/; t' -e 's/.*/c++/')
endif
CXXFLAGS ?= $(CFLAGS)

# GNU make makes this file first, where it is missing, and starts over with what it says.
NO_LIBRARIES := help clean dist uninstall
ifneq (,$(filter-out $(NO_LIBRARIES),$(or $(MAKECMDGOALS),all)))
include build/libraries.mk
endif

build/libraries.mk: Makefile
	@mkdir -p build
	@$(call install_missing,$(LIBRARY_NEEDS),)
	@flags() { otherwise=$$1; shift; pkg-config "$$@" 2>/dev/null || echo "$$otherwise"; }; \
	{ \
	    echo "LIBRARY_CFLAGS := $$(flags '' --cflags zlib libutf8proc json-c)"; \
	    echo "LIBRARIES := $$(flags '-lz -lutf8proc -ljson-c' --libs zlib libutf8proc json-c) -lstemmer -lm"; \
	    echo "XAPIAN_CFLAGS := $$(flags '' --cflags xapian-core)"; \
	    echo "XAPIAN_LIBRARIES := $$(flags -lxapian --libs xapian-core)"; \
	} >$@

# ---- How a file is compiled ----

# -ffp-contract=off: a score must be the same on every processor, so no multiply and add may become one rounding.
WARNINGS := -Wall -Wextra -Wshadow
C_WARNINGS := -Wstrict-prototypes -Wmissing-prototypes
CXX_WARNINGS := -Wmissing-declarations
OPTIMIZE := -O3
WERROR :=
SANITIZE :=
OUR_CPPFLAGS := -D_GNU_SOURCE -Iinclude -Ilib -I.
OUR_FLAGS := $(OPTIMIZE) -g -fPIC -fvisibility=hidden -ffp-contract=off -pthread $(WARNINGS) $(WERROR) $(SANITIZE)
COMPILE = $(CC) $(OUR_CPPFLAGS) $(LIBRARY_CFLAGS) -std=gnu11 $(OUR_FLAGS) $(C_WARNINGS) $(CPPFLAGS) $(CFLAGS)
COMPILE_CXX = $(CXX) $(OUR_CPPFLAGS) $(XAPIAN_CFLAGS) -std=gnu++17 $(OUR_FLAGS) $(CXX_WARNINGS) $(CPPFLAGS) $(CXXFLAGS)

# libriffle.so is linked as C. All else may hold C++, which brings its runtime library, and the sanitizers' part for it.
LINK = $(COMPILE) $(LDFLAGS)
LINK_CXX = $(COMPILE_CXX) $(LDFLAGS)

VARIANT := $(shell printf '%s\n' '$(subst ','\'',$(COMPILE) $(COMPILE_CXX))' "$$($(CC) --version 2>/dev/null)" \
    "$$($(CXX) --version 2>/dev/null)" | cksum | cut -d' ' -f1)
OBJ := build/obj/$(VARIANT)
object = $(addprefix $(OBJ)/,$(addsuffix .o,$(basename $(1))))

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc $<)$(COMPILE) -MMD -MP -c -o $@ $<

$(OBJ)/%.o: %.cc
	@mkdir -p $(@D)
	$(call say,c++ $<)$(COMPILE_CXX) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call object,$(LIBRARY_SOURCES) $(XAPIAN_SOURCES) $(INDEX_SOURCES) $(QUERY_SOURCES) $(TEST_SOURCES) \
    $(HELPER_SOURCES) $(FUZZ_SOURCES) $(BENCH_SOURCES)))

# ---- Libraries and programs ----

STATIC := $(OUT)/libriffle.a
SHARED := $(OUT)/libriffle.so.$(VERSION)
XAPIAN_STATIC := $(OUT)/libriffle-xapian.a
XAPIAN_SHARED := $(OUT)/libriffle-xapian.so.$(VERSION)
PROGRAMS := $(OUT)/riffle-index $(OUT)/riffle
PACKAGES := $(OUT)/riffle.pc $(OUT)/riffle-xapian.pc

# The sanitizers' own symbols are not defined inside a shared library.
NO_UNDEFINED := $(if $(SANITIZE),,-Wl,-z,defs)
# $(call shared_flags,name): the library's soname, and the version script that says what it exports.
shared_flags = -shared -Wl,-soname,lib$(1).so.$(ABI) -Wl,--version-script=lib/$(1).map $(NO_UNDEFINED) -Wl,--as-needed
# $(call link_names,folder,name): the names by which the loader and the linker find it.
link_names = ln -sf lib$(2).so.$(VERSION) '$(1)/lib$(2).so.$(ABI)' && ln -sf lib$(2).so.$(ABI) '$(1)/lib$(2).so'

.PHONY: all
all: $(PROGRAMS) $(STATIC) $(SHARED) $(XAPIAN_STATIC) $(XAPIAN_SHARED) $(PACKAGES)

# Changes when the flags or the list of files do, so that what is linked is never older than they are.
.PHONY: force
force:
$(OUT)/flags: force
	@mkdir -p $(OUT)
	@printf '%s\n' '$(subst ','\'',$(VARIANT) $(LDFLAGS) $(LDLIBS) \
	    $(sort $(LIBRARY_SOURCES) $(XAPIAN_SOURCES) $(INDEX_SOURCES) $(QUERY_SOURCES)))' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

archive = $(call say,ar $@)$(AR) rcsD $@ $(filter %.o,$^)

$(STATIC): $(call object,$(LIBRARY_SOURCES)) $(OUT)/flags
	@rm -f $@
	$(archive)

$(XAPIAN_STATIC): $(call object,$(XAPIAN_SOURCES)) $(OUT)/flags
	@rm -f $@
	$(archive)

$(SHARED): $(call object,$(LIBRARY_SOURCES)) lib/riffle.map $(OUT)/flags
	$(call say,ld $@)$(LINK) $(call shared_flags,riffle) -o $@ $(filter %.o,$^) $(LIBRARIES) $(LDLIBS)
	@$(call link_names,$(OUT),riffle)

# Public functions come from libriffle.so. What it does not export, of the sources that keep no state, is copied from here and hidden.
COMMON := $(OUT)/obj/libcommon.a
$(COMMON): $(call object,$(COMMON_SOURCES)) $(OUT)/flags
	@mkdir -p $(@D)
	@rm -f $@
	$(archive)

$(XAPIAN_SHARED): $(call object,$(XAPIAN_SOURCES)) $(COMMON) $(SHARED) lib/riffle-xapian.map $(OUT)/flags
	$(call say,ld $@)$(LINK_CXX) $(call shared_flags,riffle-xapian) -o $@ $(filter %.o,$^) $(SHARED) $(COMMON) \
	    $(XAPIAN_LIBRARIES) $(LIBRARIES) $(LDLIBS)
	@$(call link_names,$(OUT),riffle-xapian)

# The programs hold the libraries, so that they run from build/, or copied anywhere, without a search path. That they would link
# with the shared ones too, and so use public names only, is a law of `make check`.
BOTH_STATIC := $(XAPIAN_STATIC) $(STATIC)
BOTH_LIBRARIES = $(BOTH_STATIC) $(XAPIAN_LIBRARIES) $(LIBRARIES) $(LDLIBS)
$(OUT)/riffle-index: $(call object,$(INDEX_SOURCES)) $(BOTH_STATIC) $(OUT)/flags
$(OUT)/riffle: $(call object,$(QUERY_SOURCES)) $(BOTH_STATIC) $(OUT)/flags
$(PROGRAMS):
	$(call say,ld $@)$(LINK_CXX) -Wl,--as-needed -o $@ $(filter %.o,$^) $(BOTH_LIBRARIES)

FILL_PC = sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|'
$(PACKAGES): $(OUT)/%.pc: lib/%.pc.in include/riffle.h Makefile force
	@$(FILL_PC) $< >$@

# ---- The demonstration ----

# All of the corpus's articles: its folders, and its files of JSON lines.
DEMO_ARTICLES := $(patsubst %/,%,$(wildcard corpus/*/)) $(wildcard corpus/*.jsonl)
QUESTION ?= why did the delegation walk out of the "liaison bureau"
export QUESTION

.PHONY: demo
demo: all
	$(OUT)/riffle-index -d $(OUT)/demo.index --rebuild $(DEMO_ARTICLES)
	$(OUT)/riffle -d $(OUT)/demo.index -n 3 -- "$$QUESTION"

# ---- Tests ----

TESTS := $(TEST_SOURCES:%.c=$(OUT)/%)
HELPERS := $(OUT)/tests/libhelpers.a

# The files of riffle beside its main.c are there for their test too.
$(HELPERS): $(call object,$(HELPER_SOURCES) $(filter-out %/main.c,$(QUERY_SOURCES))) $(OUT)/flags
	@mkdir -p $(@D)
	@rm -f $@
	$(archive)

# A test that uses no Xapian needs none to run.
$(TESTS): $(OUT)/%: $(OBJ)/%.o $(HELPERS) $(BOTH_STATIC)
	@mkdir -p $(@D)
	$(call say,ld $@)$(LINK_CXX) -Wl,--as-needed -o $@ $< $(HELPERS) -lcmocka $(BOTH_LIBRARIES)

.PHONY: tests
tests: $(TESTS)

# Runs the tests of the variant that OUT names, and then the scripts in WITH, which may call $(MAKE) for the same variant.
WITH :=
RUN_UNDER :=
.PHONY: run-tests
run-tests: all tests
	+@CC='$(CC)' CXX='$(CXX)' MAKE='$(MAKE)' RIFFLE_BUILD='$(abspath $(OUT))' RIFFLE_OBJECTS='$(OBJ)' LIBRARY_CFLAGS='$(LIBRARY_CFLAGS)' \
	    XAPIAN_CFLAGS='$(XAPIAN_CFLAGS)' $(RUN_UNDER) tests/run $(TESTS) $(WITH)

.PHONY: check-needs
check-needs:
	@$(call install_missing,$(LIBRARY_NEEDS) $(CHECK_HEADERS),$(CHECK_COMMANDS))

GCC_STRICT := OUT=build/gcc CC=gcc CXX=g++ WERROR=-Werror
CLANG_STRICT := OUT=build/clang CC=clang CXX=clang++ WERROR=-Werror
SAN_FLAGS := -fno-omit-frame-pointer -fno-sanitize-recover=all

# ThreadSanitizer cannot start where the kernel spreads addresses wider than it expects.
FIXED_ADDRESSES := $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: check asan ubsan tsan
check: check-needs
	@$(MAKE) $(CLANG_STRICT) all tests
	@$(MAKE) $(GCC_STRICT) WITH='$(LAWS)' run-tests

asan: check-needs
	@$(MAKE) OUT=build/asan OPTIMIZE=-O1 SANITIZE='-fsanitize=address $(SAN_FLAGS)' run-tests
ubsan: check-needs
	@$(MAKE) OUT=build/ubsan OPTIMIZE=-O1 SANITIZE='-fsanitize=undefined $(SAN_FLAGS)' run-tests
tsan: check-needs
	@$(MAKE) OUT=build/tsan OPTIMIZE=-O1 SANITIZE='-fsanitize=thread $(SAN_FLAGS)' RUN_UNDER='$(FIXED_ADDRESSES)' run-tests

# The engines against each other, longer than `make check` does: 20,000 real articles, where there are any, and twenty times the random ones.
# And the fast way of searching against the exhaustive one: 100,000 random queries.
.PHONY: oracle
oracle: all tests
	RIFFLE_BUILD='$(abspath $(OUT))' RIFFLE_ARTICLES=20000 RIFFLE_QUERIES=1000 $(OUT)/tests/quality/test_xapian_real
	RIFFLE_BUILD='$(abspath $(OUT))' RIFFLE_SEED=1000 RIFFLE_ROUNDS=2000 $(OUT)/tests/differential/test_engines
	RIFFLE_SEED=1000 RIFFLE_ROUNDS=2000 RIFFLE_ARTICLES=5000 $(OUT)/tests/differential/test_ranked

# ---- Fuzzing: each tests/fuzz/*.c for FUZZ_SECONDS, starting from tests/fuzz/seeds/NAME where that is ----

FUZZ_SECONDS ?= 60
FUZZERS := $(FUZZ_SOURCES:%.c=$(OUT)/%)

$(FUZZERS): $(OUT)/%: $(OBJ)/%.o $(BOTH_STATIC)
	@mkdir -p $(@D)
	$(call say,ld $@)$(LINK_CXX) -fsanitize=fuzzer -Wl,--as-needed -o $@ $< $(BOTH_LIBRARIES)

FUZZ_COMPILER := OUT=build/fuzz CC=clang CXX=clang++

.PHONY: fuzz fuzz-needs run-fuzzers
ifeq (,$(FUZZ_SOURCES))
fuzz:
	@echo 'fuzz: no targets yet (tests/fuzz/*.c)'
else
fuzz:
	@$(call install_missing,$(LIBRARY_NEEDS),clang:clang)
	@$(MAKE) $(FUZZ_COMPILER) fuzz-needs
	@$(MAKE) $(FUZZ_COMPILER) OPTIMIZE=-O1 SANITIZE='-fsanitize=fuzzer-no-link,address,undefined $(SAN_FLAGS)' run-fuzzers
endif
fuzz-needs:
	@$(call install_missing,fuzzer/FuzzedDataProvider.h:c++:libclang-rt-14-dev,)
run-fuzzers: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
	    name=$${fuzzer##*/}; \
	    mkdir -p $(OUT)/found/$$name; \
	    echo "== $$name, $(FUZZ_SECONDS) s"; \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$(OUT)/found/ \
	        $(OUT)/found/$$name $$(ls -d tests/fuzz/seeds/$$name 2>/dev/null) || exit 1; \
	done

# ---- Measuring ----

# Programs of tests/bench, and what each of them holds beside its own file.
BENCH_PROGRAMS := engine game measure questions fold xapian_peer
BENCH_COMMON := $(addprefix tests/bench/,articles.c queries.c protocol.c)
bench_programs = $(addprefix $(OUT)/bench/,$(1))

$(call bench_programs,$(BENCH_PROGRAMS) fts5_peer wrapper_cost): $(OUT)/bench/%: $(OBJ)/tests/bench/%.o $(OUT)/bench/libcommon.a $(BOTH_STATIC)
	$(call say,ld $@)$(LINK_CXX) -Wl,--as-needed -o $@ $< $(OUT)/bench/libcommon.a $(BENCH_LIBRARIES) $(BOTH_LIBRARIES)
$(OUT)/bench/fts5_peer: BENCH_LIBRARIES := -lsqlite3
$(OUT)/bench/libcommon.a: $(call object,$(BENCH_COMMON)) $(OUT)/flags
	@mkdir -p $(@D)
	@rm -f $@
	$(archive)

# bench-engine: Riffle as an engine of the public search-benchmark-game. bench-wrapper: what the C wrapper costs beside direct C++.
.PHONY: bench bench-engine bench-wrapper
bench: all $(call bench_programs,$(BENCH_PROGRAMS))
	@$(MAKE) $(OUT)/bench/fts5_peer >$(OUT)/bench/fts5_peer.log 2>&1 || echo 'FTS5 is left out: it needs libsqlite3-dev' >&2
	@RIFFLE_BUILD='$(abspath $(OUT))' tests/bench/run
bench-engine: $(OUT)/bench/engine
bench-wrapper: $(OUT)/bench/wrapper_cost

# ---- Installing ----

.PHONY: install uninstall
install: all
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(BINDIR)'
	install -m 644 $(HEADERS) '$(DESTDIR)$(INCLUDEDIR)'
	install -m 644 $(STATIC) $(SHARED) $(XAPIAN_STATIC) $(XAPIAN_SHARED) '$(DESTDIR)$(LIBDIR)'
	$(call link_names,$(DESTDIR)$(LIBDIR),riffle)
	$(call link_names,$(DESTDIR)$(LIBDIR),riffle-xapian)
	install -m 644 $(PACKAGES) '$(DESTDIR)$(LIBDIR)/pkgconfig'
	@for page in $(MANUALS); do \
	    folder='$(DESTDIR)$(MANDIR)'/man$${page##*.}; \
	    install -d "$$folder" && install -m 644 "$$page" "$$folder" || exit 1; \
	done
	@[ -n '$(DESTDIR)' ] || [ "$$(id -u)" != 0 ] || ldconfig

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/riffle' '$(DESTDIR)$(BINDIR)/riffle-index'
	rm -f $(HEADERS:include/%='$(DESTDIR)$(INCLUDEDIR)/%')
	@for name in riffle riffle-xapian; do \
	    for end in .a .so .so.$(ABI) .so.$(VERSION); do rm -f '$(DESTDIR)$(LIBDIR)'/lib$$name$$end || exit 1; done; \
	    rm -f '$(DESTDIR)$(LIBDIR)'/pkgconfig/$$name.pc || exit 1; \
	done
	@for page in $(MANUALS); do rm -f '$(DESTDIR)$(MANDIR)'/man$${page##*.}/$${page##*/}; done

# The same commit gives the same bytes: git archive takes its times from the commit, gzip -n stores none.
.PHONY: dist
dist:
	@mkdir -p build
	git archive --format=tar --prefix=riffle-$(VERSION)/ HEAD >build/riffle-$(VERSION).tar
	gzip -9nf build/riffle-$(VERSION).tar
	@echo build/riffle-$(VERSION).tar.gz

.PHONY: clean
clean:
	rm -rf build

.PHONY: help
help:
	@echo 'make            build everything (installs missing libraries where it may)'
	@echo 'make demo       build, index corpus/, and answer a question; QUESTION="..." asks another'
	@echo 'make check      gcc and clang with warnings as errors, all tests, the laws of the house (installs what is missing, too)'
	@echo 'make asan       the tests with AddressSanitizer; ubsan, tsan likewise'
	@echo 'make oracle     the two engines against each other, and two ways of searching, for an hour'
	@echo 'make fuzz       the fuzzers, FUZZ_SECONDS=60 each'
	@echo 'make bench      the measurements; bench-engine builds the engine of the public game, bench-wrapper what measures the wrapper'
	@echo 'make install    into PREFIX=/usr/local below DESTDIR; make uninstall takes it away'
	@echo 'make dist       build/riffle-$(VERSION).tar.gz of the last commit'
	@echo 'make clean      remove build/'
