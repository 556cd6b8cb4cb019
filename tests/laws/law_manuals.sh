#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The manual pages are well formed, and name the options that the programs name.
. "$(dirname "$0")/law.sh"
shopt -s nullglob

pages=(docs/*.[1-9])
if [ ${#pages[@]} -eq 0 ]; then
    skip 'manual pages' 'there are none yet'
    exit 0
fi
if ! command -v mandoc >/dev/null; then
    skip 'manual pages' 'no mandoc here'
    exit 0
fi

judge 'manual pages pass mandoc' "$(mandoc -T lint -W warning "${pages[@]}" 2>&1)"

options() { grep -oE -- '(^|[^-[:alnum:]])--[a-z][a-z0-9-]*' | sed 's/^[^-]*//' | LC_ALL=C sort -u; }
for program in riffle riffle-index; do
    [ -e docs/$program.1 ] || continue
    judge "$program.1 and $program --help name the same options (<: page only, >: help only)" \
        "$(diff <(mandoc -T utf8 docs/$program.1 | sed 's/.\x08//g' | options) <("$RIFFLE_BUILD/$program" --help | options) |
            grep '^[<>]')"
done

exit $law_failed
