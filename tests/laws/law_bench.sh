#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The programs of `make bench` compile without warnings, where the libraries that they measure are there: nothing else in
# `make check` builds them. And the engine of the public game answers by its protocol.
. "$(dirname "$0")/law.sh"

strict='-Wall -Wextra -Wshadow -Werror -fsyntax-only -D_GNU_SOURCE -Iinclude -Ilib -I.'
for source in tests/bench/*.c tests/bench/*.cc; do
    compiler="gcc -std=gnu11 -Wstrict-prototypes -Wmissing-prototypes ${LIBRARY_CFLAGS:-}"
    is_cxx "$source" && compiler="g++ -std=gnu++17 -Wmissing-declarations ${LIBRARY_CFLAGS:-} ${XAPIAN_CFLAGS:-}"
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

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
cat >"$place/articles.jsonl" <<'END'
{"id": "band", "text": "the who and the what"}
{"id": "question", "text": "who was the first"}
{"id": "the", "text": "the the the"}
{"id": "none", "text": "nothing of it"}
END
questions='TOP_10\tthe who\nTOP_1_COUNT\tthe who\nCOUNT\t+the +who\nCOUNT\t"the who"\nCOUNT\t+the -who\nDOCS_2\tthe\nDOCS_2\tnowhere\nTOP_10_HITS\tthe
TOP_x\tthe\nCOUNT\nTOP_0\tthe\nCOUNT\t+"the what" who' # the last line has no end
answers='1 3 2 1 1 the band - UNSUPPORTED UNSUPPORTED UNSUPPORTED UNSUPPORTED 1'
ask() {
    # shellcheck disable=SC2059
    printf "$questions" | "$place/engine" "$@" "$place/index" 2>&1 | sed 's/:[^ ]*//g; s/^$/-/' | paste -sd' '
}
if gcc -std=gnu11 -D_GNU_SOURCE -Iinclude -Ilib -I. -pthread -o "$place/engine" tests/bench/engine.c tests/bench/protocol.c \
    "$RIFFLE_BUILD/libriffle.a" -lz -lutf8proc -ljson-c -lstemmer -lm >"$place/log" 2>&1 &&
    "$RIFFLE_BUILD/riffle-index" -q -d "$place/index" --language none --passages none "$place/articles.jsonl" >>"$place/log" 2>&1; then
    judge 'the engine of the public game answers by its protocol' "$(diff <(echo "$answers") <(ask))"
    judge 'and so it does with portable kernels and the exhaustive scorer' "$(diff <(echo "$answers") <(ask --kernels portable --exhaustive))"
else
    judge 'the engine of the public game can be built' "$(cat "$place/log")"
fi

exit $law_failed
