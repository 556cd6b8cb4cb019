#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Installs into folders of its own, builds the example of docs/API.md there as an outsider would, and takes all away again.
. "$(dirname "$0")/law.sh"

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
make=${MAKE:-make}

# The first C block and the first block of output after it.
awk '/^```c$/ && !done { on = 1; next } /^```$/ { if (on) done = 1; on = 0 } on' docs/API.md >"$place/example.c"
awk '/^```text$/ && !done { on = 1; next } /^```$/ { if (on) done = 1; on = 0 } on' docs/API.md >"$place/expected"

prefix=$place/prefix
judge 'make install PREFIX=...' "$($make install DESTDIR= PREFIX="$prefix" >"$place/log" 2>&1 || cat "$place/log")"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046
judge 'the example of docs/API.md builds through pkg-config' \
    "$(${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -o "$place/example" "$place/example.c" $(pkg-config --cflags --libs riffle) 2>&1)"
run() { (mkdir "$place/$1" && cd "$place/$1" && LD_LIBRARY_PATH=$2 "../$3" 2>&1); }
judge 'and prints what docs/API.md says' "$(run shared "$prefix/lib" example | diff "$place/expected" - 2>&1)"

# Without the shared library the linker takes the static one.
rm -f "$prefix"/lib/libriffle.so*
# shellcheck disable=SC2046
judge 'it builds with the static library' \
    "$(${CC:-cc} -std=c99 -o "$place/example-static" "$place/example.c" $(pkg-config --static --cflags --libs riffle) 2>&1)"
judge 'and prints the same' "$(run static / example-static | diff "$place/expected" - 2>&1)"

stage=$place/stage
judge 'make install DESTDIR=... PREFIX=/usr' "$($make install DESTDIR="$stage" PREFIX=/usr >"$place/log" 2>&1 || cat "$place/log")"
judge 'nothing is installed outside of PREFIX' "$(find "$stage" ! -type d ! -path "$stage/usr/*")"
judge 'riffle.pc does not name DESTDIR' "$(if [ -s "$stage/usr/lib/pkgconfig/riffle.pc" ]; then grep -n "$place" "$stage/usr/lib/pkgconfig/riffle.pc"; else
    echo 'there is no riffle.pc'; fi)"
judge 'the installed programs answer --version' \
    "$(for program in riffle riffle-index; do "$stage/usr/bin/$program" --version 2>&1 >/dev/null || echo "$program: exit status $?"; done)"
judge 'make uninstall' "$($make uninstall DESTDIR="$stage" PREFIX=/usr >"$place/log" 2>&1 || cat "$place/log")"
judge 'make uninstall leaves no file' "$(find "$stage" ! -type d)"

exit $law_failed
