#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Which folder may include what: base <- text, engine, kernels <- store <- indexer, query; and Xapian, with its C++, behind one header.
. "$(dirname "$0")/law.sh"

# includes_beyond PATTERN FILE...: includes of our own headers that the pattern does not allow. Ours are written with quotes and
# from the top of lib/ or of the project, so a name without a folder is not allowed either.
includes_beyond() {
    local allowed=$1
    shift
    [ $# -eq 0 ] || grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$@" | grep -vE "\"($allowed)\""
}

# uses PATTERN FILE...: lines of code (comment lines left out) that match.
uses() {
    local pattern=$1
    shift
    [ $# -eq 0 ] || grep -HnE "$pattern" "$@" | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(\*|/\*|//)'
}

shopt -s nullglob
programs=(indexer/main.c indexer/cli_*.[ch] query/main.c query/cli_*.[ch])
core() { # FOLDER: its files that belong to the library
    local file
    for file in "$1"/*.[ch]; do
        case $file in */main.c | */cli_*) ;; *) echo "$file" ;; esac
    done
}
mapfile -t indexer < <(core indexer)
mapfile -t query < <(core query)
disk='<(fcntl|dirent|sys/stat|sys/mman|sys/file|unistd)\.h>|[^_[:alnum:]](fopen|freopen|open|openat|creat|opendir|mmap|stat|fstat|lstat|unlink|rename)[[:space:]]*\('
language='<(utf8proc|libstemmer)\.h>'

judge 'base includes base alone' "$(includes_beyond 'riffle\.h|base/[a-z0-9_]+\.h' lib/base/*.[ch])"
judge 'text includes base and text' "$(includes_beyond 'riffle\.h|(base|text)/[a-z0-9_]+\.h' lib/text/*.[ch])"
judge 'text knows no disk' "$(uses "$disk|\"base/file\.h\"" lib/text/*.[ch])"
judge 'engine includes base, text and engine' "$(includes_beyond 'riffle\.h|(base|text|engine)/[a-z0-9_]+\.h' lib/engine/*.[ch])"
judge 'kernels includes base and kernels' "$(includes_beyond 'riffle\.h|(base|kernels)/[a-z0-9_]+\.h' lib/kernels/*.[ch])"
judge 'kernels knows no disk' "$(uses "$disk|\"base/file\.h\"" lib/kernels/*.[ch])"
judge 'store includes base, kernels and store' "$(includes_beyond 'riffle\.h|(base|kernels|store)/[a-z0-9_]+\.h' lib/store/*.[ch])"
judge 'base and store know no language' "$(uses "$language" lib/base/*.[ch] lib/kernels/*.[ch] lib/store/*.[ch])"
judge 'indexer includes nothing of query' \
    "$(includes_beyond 'riffle\.h|(base|text|engine|kernels|store|indexer)/[a-z0-9_]+\.h' "${indexer[@]}")"
judge 'query includes nothing of indexer' \
    "$(includes_beyond 'riffle\.h|(base|text|engine|kernels|store|query)/[a-z0-9_]+\.h' "${query[@]}")"
judge 'the library includes nothing of the programs' "$(uses '#.*include.*cli_' "${indexer[@]}" "${query[@]}" lib/*/*.{c,h,cc,hh})"
judge 'xapian includes base, text, engine, xapian and the public headers' \
    "$(includes_beyond 'riffle\.h|riffle-xapian\.h|(base|text|engine|xapian)/[a-z0-9_]+\.hh?' lib/xapian/*.{c,h,cc,hh})"

mapfile -t others < <(c_files | grep -vE '^(lib/xapian|tests)/|^include/riffle-xapian\.h$|^(indexer|query)/(main\.c|cli_[a-z0-9_]+\.[ch])$')
judge 'of the libraries xapian alone includes riffle-xapian.h' "$(uses '#.*include.*riffle-xapian\.h' "${others[@]}")"
mapfile -t others < <(c_files | grep -vE '^(lib/xapian|tests/bench)/|^tests/support/[a-z0-9_]+\.cc$')
judge 'xapian.h is included by the wrapper, the benchmarks and the C++ of tests/support alone' "$(uses '#.*include.*(<xapian(\.h|/)|"xapian\.h)' "${others[@]}")"
judge 'C++ is in lib/xapian, tests/bench and tests/support alone' \
    "$(c_files | grep -vE '^(lib/xapian|tests/bench|tests/support)/' | while read -r file; do ! is_cxx "$file" || echo "$file"; done)"

found=
for file in "${programs[@]}"; do
    found+=$(includes_beyond "riffle\.h|riffle-xapian\.h|${file%%/*}/cli_[a-z0-9_]+\.h" "$file")
    found+=$(uses '#.*include[[:space:]]*<(zlib|utf8proc|libstemmer|json|json-c/.*)\.h>' "$file")
done
judge 'programs include riffle.h, riffle-xapian.h, their own cli_ headers and the C library' "$found"

exit $law_failed
