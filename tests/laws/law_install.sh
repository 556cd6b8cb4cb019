#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Installs into folders of its own, builds there as an outsider would, the example of docs/API.md and a program on riffle-xapian.h, and
# takes all away again.
. "$(dirname "$0")/law.sh"

place=$(mktemp -d) || exit 2
trap 'rm -rf "$place"' EXIT
make=${MAKE:-make}
strict='-std=c99 -pedantic -Wall -Wextra -Werror'

# block LANGUAGE N: the Nth block of that language in docs/API.md.
block() { awk -v start="^\`\`\`$1\$" -v wanted="$2" '$0 ~ start { n++; on = n == wanted; next } /^```$/ { on = 0 } on' docs/API.md; }
block c 1 >"$place/example.c"
block text 1 >"$place/expected"
block c 2 >"$place/engine.c"
block text 2 >"$place/engine.expected"

# Uses both libraries, memory that one gives, and a failure that is an exception within the library.
cat >"$place/xapian.c" <<'END'
#include <riffle-xapian.h>
#include <riffle.h>
#include <stdio.h>

int main(void)
{
    rx_database *database;
    rx_string stem;
    rx_stemmer *stemmer;
    rx_error error;
    riffle_error registering;
    if (riffle_xapian_register(&registering) != RIFFLE_OK || rx_stemmer_new("english", &stemmer, &error) != RX_OK)
        return 1;
    if (rx_stem(stemmer, "ferries", 7, &stem, &error) != RX_OK)
        return 2;
    printf("%s\n", stem.bytes);
    rx_string_free(&stem);
    rx_stemmer_free(stemmer);
    if (rx_database_open("nothing.here", &database, &error) == RX_OK)
        return 3;
    printf("%s\n", rx_status_text(error.status));
    return 0;
}
END

prefix=$place/prefix
judge 'make install PREFIX=...' "$($make install DESTDIR= PREFIX="$prefix" >"$place/log" 2>&1 || cat "$place/log")"

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# shellcheck disable=SC2046,SC2086
judge 'the example of docs/API.md builds through pkg-config' \
    "$(${CC:-cc} $strict -o "$place/example" "$place/example.c" $(pkg-config --cflags --libs riffle) 2>&1)"
run() { (mkdir "$place/$1" && cd "$place/$1" && LD_LIBRARY_PATH=$2 "../$3" 2>&1); }
judge 'and prints what docs/API.md says' "$(run shared "$prefix/lib" example | diff "$place/expected" - 2>&1)"
# shellcheck disable=SC2046,SC2086
judge 'a C program on riffle-xapian.h builds through pkg-config' \
    "$(${CC:-cc} $strict -o "$place/xapian" "$place/xapian.c" $(pkg-config --cflags --libs riffle-xapian) 2>&1)"
run shared-xapian "$prefix/lib" xapian >"$place/xapian.out"
judge 'and runs with the shared libraries' "$(grep -qx ferri "$place/xapian.out" || cat "$place/xapian.out"
    ldd "$place/xapian" | grep -qE '^[[:space:]]*libriffle-xapian\.so\.' || echo 'it is not linked with libriffle-xapian.so')"

# shellcheck disable=SC2046,SC2086
judge 'the example with the engine xapian builds through pkg-config' \
    "$(${CC:-cc} $strict -o "$place/engine" "$place/engine.c" $(pkg-config --cflags --libs riffle-xapian) 2>&1)"
judge 'and prints what docs/API.md says of it' \
    "$(run shared-engine "$prefix/lib" engine | diff "$place/engine.expected" - 2>&1)"

# Without the shared libraries the linker takes the static ones.
rm -f "$prefix"/lib/libriffle*.so*
# shellcheck disable=SC2046,SC2086
judge 'it builds with the static library' \
    "$(${CC:-cc} -std=c99 -o "$place/example-static" "$place/example.c" $(pkg-config --static --cflags --libs riffle) 2>&1)"
judge 'and prints the same' "$(run static / example-static | diff "$place/expected" - 2>&1)"
# shellcheck disable=SC2046,SC2086
judge 'the one on riffle-xapian.h builds with the static libraries' \
    "$(${CC:-cc} $strict -o "$place/xapian-static" "$place/xapian.c" $(pkg-config --static --cflags --libs riffle-xapian) 2>&1)"
judge 'and prints the same as before' "$(run static-xapian / xapian-static | diff "$place/xapian.out" - 2>&1)"

stage=$place/stage
judge 'make install DESTDIR=... PREFIX=/usr' "$($make install DESTDIR="$stage" PREFIX=/usr >"$place/log" 2>&1 || cat "$place/log")"
judge 'nothing is installed outside of PREFIX' "$(find "$stage" ! -type d ! -path "$stage/usr/*")"
for package in riffle riffle-xapian; do
    judge "$package.pc does not name DESTDIR" \
        "$(if [ -s "$stage/usr/lib/pkgconfig/$package.pc" ]; then grep -n "$place" "$stage/usr/lib/pkgconfig/$package.pc"; else
            echo "there is no $package.pc"; fi)"
done
judge 'both headers and four libraries are installed' "$(for file in include/riffle.h include/riffle-xapian.h lib/libriffle.a \
    lib/libriffle.so lib/libriffle-xapian.a lib/libriffle-xapian.so; do [ -s "$stage/usr/$file" ] || echo "there is no $file"; done)"
judge 'the installed programs answer --version' \
    "$(for program in riffle riffle-index; do "$stage/usr/bin/$program" --version 2>&1 >/dev/null || echo "$program: exit status $?"; done)"
judge 'make uninstall' "$($make uninstall DESTDIR="$stage" PREFIX=/usr >"$place/log" 2>&1 || cat "$place/log")"
judge 'make uninstall leaves no file' "$(find "$stage" ! -type d)"

exit $law_failed
