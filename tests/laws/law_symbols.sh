#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The library exports what riffle.h declares, keeps to its own names, and calls nothing that a library must not call.
. "$(dirname "$0")/law.sh"

declared() {
    ${CC:-cc} -E -P include/riffle.h | tr '\n' ' ' | tr ';' '\n' |
        sed -nE 's/.*visibility\("default"\)\)\)[^(]*[ *](riffle_[a-z0-9_]+)\(.*/\1/p' | LC_ALL=C sort
}
# The version script's own node is an absolute symbol (A).
exported() { nm -D --defined-only "$RIFFLE_BUILD/libriffle.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort; }
defined() { nm -g --defined-only "$RIFFLE_BUILD/libriffle.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | LC_ALL=C sort; }
called() { nm -A -u "$RIFFLE_BUILD/libriffle.a" 2>/dev/null | awk '{ sub(/^[^:]*:/, "", $1); print $1, $NF }'; }

[ -n "$(declared)" ] || judge 'riffle.h declares functions' 'found none'
judge 'the shared library exports exactly what riffle.h declares (<: declared only, >: exported only)' \
    "$(diff <(declared) <(exported) | grep '^[<>]')"
judge 'names with external linkage begin with rf_ or riffle_' "$(defined | grep -vE '^(rf|riffle)_')"
judge 'no name is defined twice' "$(defined | uniq -d)"
judge 'the library never prints, exits or changes what belongs to the process' \
    "$(called | grep -E ' (v?printf|puts|putchar|perror|stdout|stderr|abort|_?_?exit|_Exit|__assert_fail|setlocale|uselocale|signal|sigaction|setenv|putenv|unsetenv|chdir|umask|srand|rand|strtok|localtime|gmtime|strerror)$')"

# rf_cli_ is what the files of a program call each other by.
found=
for object in "$RIFFLE_OBJECTS"/{indexer,query}/{main,cli_*}.o; do
    [ ! -e "$object" ] || found+=$(nm -A -u "$object" | grep -E ' rf_' | grep -vE ' rf_cli_')
done
judge 'the programs call public names only' "$found"

exit $law_failed
