# SPDX-License-Identifier: BSD-3-Clause
#
# What the law scripts share. A law prints one line for each thing that holds or does not, in the form of cmocka.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
law_failed=0

# judge NAME FINDINGS: the law holds where there are no findings.
judge() {
    if [ -z "$2" ]; then
        echo "[       OK ] $1"
    else
        printf '%s\n' "$2" | sed 's/^/    /'
        echo "[  FAILED  ] $1"
        law_failed=1
    fi
}

skip() { echo "[  SKIPPED ] $1: $2"; }

# The files that a law looks at: sources of the project, not what is built.
c_files() { find include lib indexer query tests -name '*.[ch]' -o -name '*.cc' -o -name '*.hh' | LC_ALL=C sort; }

# The licences that a file may have: that of Xapian where it is about Xapian, of which tests may be under either.
licences() {
    case $1 in
    lib/xapian/* | include/riffle-xapian.h) echo 'GPL-2.0-or-later' ;;
    tests/*/*xapian*) echo 'BSD-3-Clause GPL-2.0-or-later' ;;
    *) echo 'BSD-3-Clause' ;;
    esac
}

# is_cxx FILE: a source or header of C++. A header is one if it includes one, or declares what C does not have.
is_cxx() {
    case $1 in
    *.cc | *.hh) true ;;
    *.h) grep -qE '^(#[[:space:]]*include[[:space:]]*<(xapian\.h|[a-z_]+)>|namespace|class|template|using)' "$1" ;;
    *) false ;;
    esac
}
