#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The programs of `make bench` compile without warnings, where the libraries that they measure are there: nothing else in
# `make check` builds them.
. "$(dirname "$0")/law.sh"

strict='-Wall -Wextra -Wshadow -Werror -fsyntax-only -D_GNU_SOURCE -Iinclude -I.'
for source in tests/bench/*.c tests/bench/*.cc; do
    compiler="gcc -std=gnu11 -Wstrict-prototypes -Wmissing-prototypes ${LIBRARY_CFLAGS:-}"
    is_cxx "$source" && compiler="g++ -std=gnu++17 -Ilib -Wmissing-declarations ${LIBRARY_CFLAGS:-} ${XAPIAN_CFLAGS:-}"
    missing=
    for header in sqlite3.h xapian.h; do
        if grep -q "include <$header>" "$source" && ! echo "#include <$header>" | g++ -E -x c++ - >/dev/null 2>&1; then
            missing=$header
        fi
    done
    if [ -n "$missing" ]; then
        skip "$source compiles without warnings" "no $missing here"
    else
        # shellcheck disable=SC2086
        judge "$source compiles without warnings" "$($compiler $strict "$source" 2>&1)"
    fi
done

exit $law_failed
