#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every header compiles alone; the public ones do so for the strictest C99 and C++ too.
. "$(dirname "$0")/law.sh"

found=
for header in include/*.h lib/*/*.h lib/*/*.hh indexer/*.h query/*.h tests/*/*.h; do
    [ -e "$header" ] || continue
    if is_cxx "$header"; then
        compile="g++ -std=gnu++17 ${XAPIAN_CFLAGS:-} -x c++"
    else
        compile="gcc -std=gnu11 ${LIBRARY_CFLAGS:-} -x c"
    fi
    # shellcheck disable=SC2086
    found+=$(printf '#include "%s"\n' "$header" |
        $compile -Wall -Wextra -Werror -fsyntax-only -D_GNU_SOURCE -Iinclude -Ilib -I. - 2>&1 | grep -E 'error' | sed "s|^|$header: |")
done
judge 'every header compiles alone' "$found"

# Fills each struct by its macro, as a user would.
use_riffle='#include <riffle.h>
int main(void)
{
    riffle_writer_options writer = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_import_options import = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_index_options index = RIFFLE_INDEX_OPTIONS_INIT;
    riffle_search_options search = RIFFLE_SEARCH_OPTIONS_INIT;
    return writer.size && import.size && index.size && search.size ? 0 : 1;
}'
use_riffle_xapian='#include <riffle-xapian.h>
int main(void)
{
    rx_error error;
    riffle_error registering;
    return rx_database_close(NULL, &error) == RX_OK && riffle_xapian_register(&registering) == RIFFLE_OK ? 0 : 1;
}'
strict='-pedantic -Wall -Wextra -Werror -fsyntax-only -Iinclude'
check_public() { # NAME PROGRAM
    local compiler
    for compiler in gcc clang; do
        judge "$1 is C99 for $compiler" "$(printf '%s\n' "$2" | $compiler -std=c99 $strict -Wstrict-prototypes -x c - 2>&1)"
    done
    for compiler in g++ clang++; do
        if command -v $compiler >/dev/null; then
            judge "$1 is C++ for $compiler" "$(printf '%s\n' "$2" | $compiler -std=c++11 $strict -x c++ - 2>&1)"
        else
            skip "$1 is C++ for $compiler" "no $compiler here"
        fi
    done
}
check_public riffle.h "$use_riffle"
check_public riffle-xapian.h "$use_riffle_xapian"

exit $law_failed
