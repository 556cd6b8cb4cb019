#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every header compiles alone; riffle.h does so for the strictest C99 and C++ too.
. "$(dirname "$0")/law.sh"

found=
for header in include/*.h lib/*/*.h indexer/*.h query/*.h tests/*/*.h; do
    [ -e "$header" ] || continue
    # shellcheck disable=SC2086
    found+=$(printf '#include "%s"\n' "$header" |
        gcc -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -Iinclude -Ilib -I. ${LIBRARY_CFLAGS:-} -x c - 2>&1 | grep -E 'error' |
        sed "s|^|$header: |")
done
judge 'every header compiles alone' "$found"

# Fills each struct by its macro, as a user would.
use='#include <riffle.h>
int main(void)
{
    riffle_writer_options writer = RIFFLE_WRITER_OPTIONS_INIT;
    riffle_import_options import = RIFFLE_IMPORT_OPTIONS_INIT;
    riffle_index_options index = RIFFLE_INDEX_OPTIONS_INIT;
    riffle_search_options search = RIFFLE_SEARCH_OPTIONS_INIT;
    return writer.size && import.size && index.size && search.size ? 0 : 1;
}'
strict='-pedantic -Wall -Wextra -Werror -fsyntax-only -Iinclude'
for compiler in gcc clang; do
    judge "riffle.h is C99 for $compiler" "$(printf '%s\n' "$use" | $compiler -std=c99 $strict -Wstrict-prototypes -x c - 2>&1)"
done
for compiler in g++ clang++; do
    if command -v $compiler >/dev/null; then
        judge "riffle.h is C++ for $compiler" "$(printf '%s\n' "$use" | $compiler -std=c++11 $strict -x c++ - 2>&1)"
    else
        skip "riffle.h is C++ for $compiler" "no $compiler here"
    fi
done

exit $law_failed
