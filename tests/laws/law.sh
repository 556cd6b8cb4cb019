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
c_files() { find include lib indexer query tests -name '*.[ch]' | LC_ALL=C sort; }
