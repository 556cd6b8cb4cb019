#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Each library exports what its header declares, keeps to its own names, and calls nothing that a library must not call; the core
# knows neither C++ nor Xapian.
. "$(dirname "$0")/law.sh"

# declared HEADER NAMES: functions of that header whose names match; what it includes is not meant.
declared() {
    ${CC:-cc} -E -P -Iinclude "include/$1.h" | tr '\n' ' ' | tr ';' '\n' |
        sed -nE "s/.*visibility\\(\"default\"\\)\\)\\)[^(]*[ *](($2)[a-z0-9_]+)\\(.*/\\1/p" | LC_ALL=C sort
}
# The version script's own node is an absolute symbol (A).
exported() { nm -D --defined-only "$RIFFLE_BUILD/lib$1.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort; }
# Of C++ the compiler repeats some in each file that uses it (W, V, u) and the linker keeps one.
defined() { nm -g --defined-only "$RIFFLE_BUILD/lib$1.a" 2>/dev/null | awk 'NF == 3 && $2 !~ /[WVu]/ { print $3 }' | LC_ALL=C sort; }
called() { nm -A -u "$RIFFLE_BUILD/lib$1.a" 2>/dev/null | awk '{ sub(/^[^:]*:/, "", $1); print $1, $NF }'; }
needed() { readelf -d "$RIFFLE_BUILD/lib$1.so" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p'; }

forbidden='v?printf|puts|putchar|perror|stdout|stderr|abort|_?_?exit|_Exit|__assert_fail|setlocale|uselocale|signal|setenv|putenv'
forbidden+='|unsetenv|chdir|umask|srand|rand|strtok|localtime|gmtime|strerror|_ZSt4(cout|cerr|clog)'

check_library() { # NAME NAMES-OF-ITS-PUBLIC-FUNCTIONS ALL-ITS-NAMES FORBIDDEN
    [ -n "$(declared "$1" "$2")" ] || judge "$1.h declares functions" 'found none'
    judge "lib$1.so exports exactly what $1.h declares (<: declared only, >: exported only)" \
        "$(diff <(declared "$1" "$2") <(exported "$1") | grep '^[<>]')"
    judge "names of lib$1 with external linkage begin with $3" "$(defined "$1" | grep -vE "^($3)")"
    judge "no name is defined twice in lib$1" "$(defined "$1" | uniq -d)"
    judge "lib$1 never prints, exits or changes what belongs to the process" "$(called "$1" | grep -E " ($4)$")"
}
check_library riffle 'riffle_' 'rf_|riffle_' "$forbidden|sigaction"
# libxapian ignores SIGPIPE for the process, and the wrapper undoes that: by sigaction.
check_library riffle-xapian 'rx_|riffle_xapian_' 'rx_|rf_|riffle_xapian_|_ZN?K?[0-9A-Z]*2rx' "$forbidden"
judge 'no name is defined in both libraries' "$(comm -12 <(defined riffle) <(defined riffle-xapian))"

foreign='^_Z|^__cxa_(throw|begin_catch|guard)|^__gxx|xapian'
judge 'libriffle has no C++ and no Xapian in it' \
    "$({
        nm -D "$RIFFLE_BUILD/libriffle.so"
        nm "$RIFFLE_BUILD/libriffle.a" 2>/dev/null
    } | awk '{ print $NF }' | grep -iE "$foreign" | sort -u
        needed riffle | grep -E 'stdc\+\+|libc\+\+|xapian')"
# A second registry of engines in the process would be one that libriffle does not look into.
judge 'libriffle-xapian.so uses libriffle.so, and has no registry of engines of its own' \
    "$(needed riffle-xapian | grep -q '^libriffle\.so\.' || echo 'it does not need libriffle.so'
        nm "$RIFFLE_BUILD/libriffle-xapian.so" | grep -E ' [^U] (riffle_engine_register|rf_engine_)')"

# rf_cli_ is what the files of a program call each other by.
found=
for object in "$RIFFLE_OBJECTS"/{indexer,query}/{main,cli_*}.o; do
    [ ! -e "$object" ] || found+=$(nm -A -u "$object" | grep -E ' rf_' | grep -vE ' rf_cli_')
done
judge 'the programs call public names only' "$found"

exit $law_failed
