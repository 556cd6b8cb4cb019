#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# How sources look: formatted, licensed in their first line, of a size that one can read.
. "$(dirname "$0")/law.sh"

# Versions of clang-format differ in what they do, so only this one counts.
formatter=
for name in clang-format-14 clang-format; do
    if [ -z "$formatter" ] && $name --version 2>/dev/null | grep -q 'version 14\.'; then
        formatter=$name
    fi
done
if [ -n "$formatter" ]; then
    judge 'sources are formatted by clang-format 14' \
        "$(c_files | xargs -r "$formatter" --dry-run -Werror 2>&1 | grep -E '^[^ ]+:[0-9]+:' | cut -d: -f1 | sort | uniq -c)"
else
    skip 'sources are formatted by clang-format 14' 'not found here'
fi

judge 'no source file is longer than 800 lines' \
    "$(c_files | xargs -r wc -l | awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }')"
judge 'every source file begins with its licence, which LICENSE allows there' \
    "$(c_files | while read -r file; do
        first=$(head -1 "$file")
        for licence in $(licences "$file"); do
            case $first in
            "/* SPDX-License-Identifier: $licence */" | "// SPDX-License-Identifier: $licence") continue 2 ;;
            esac
        done
        echo "$file: not under $(licences "$file" | sed 's/ / or /')"
    done)"
judge 'nothing is left to do in comments' "$(c_files | xargs -r grep -nE '\b(TODO|FIXME|XXX)\b')"
judge 'a test with a main is named test_*.c' \
    "$(find tests -path tests/fuzz -prune -o -path tests/bench -prune -o -name '*.c' ! -name 'test_*' -print |
        xargs -r grep -lE '^int main\(')"
judge 'file names in the libraries are unique' \
    "$(find lib indexer query \( -name '*.c' -o -name '*.cc' \) ! -name main.c ! -name 'cli_*' -printf '%f\n' | sed 's/\.[a-z]*$//' | sort | uniq -d)"

exit $law_failed
