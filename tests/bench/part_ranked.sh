# SPDX-License-Identifier: BSD-3-Clause
#
# A part of tests/bench/run: ranked queries and counts by the rules of the public search-benchmark-game, and the indexes for them.

# ---- The corpus, folded to [a-z ] as the game does, if it is not ----

words=$work/words.jsonl
if [ $# -eq 1 ] && ! LC_ALL=C grep -qvE '^\{"id": "[^"]*", "text": "[a-z ]*"\}$' "$1"; then
    words=$1
elif [ ! -s "$words" ] || [ -z "${REUSE:-}" ]; then
    say 'folding'
    "$programs/fold" "$@" >"$words"
fi
words_bytes=$(size_of "$words")
cat "$words" >/dev/null

queries=${QUERIES:-$work/queries.txt}
if [ -z "${QUERIES:-}" ]; then
    # The same words any, all, as a phrase, the last one a must, the last one a must not; and every tenth alone.
    "$programs/questions" "$questions" "$words" | awk '
        { print; print "+" $1 " +" $2 " +" $3; print "\"" $0 "\""; print $1 " " $2 " +" $3; print $1 " " $2 " -" $3 }
        NR % 10 == 1 { print $1 }' >"$queries"
fi

# ---- Indexes of its words ----

index_words() { # NAME FOLDER OPTION...
    name=$1
    index=$work/$2
    shift 2
    if [ -n "${REUSE:-}" ] && [ -e "$index" ]; then
        return
    fi
    say "indexing words: $name"
    figures=$(measure_riffle "$index" --no-store "$@" "$words")
    row "$name" "$figures" "$(size_of "$index")" "$(size_of_files "$index" '*.articles')" "$words_bytes"
}
index_all() {
    index_words 'Riffle, words as they are' words.index --language none --passages none
    index_words 'Riffle, defaults: with stems' stems.index
    for peer in $built; do
        database=$work/$peer.words
        if [ -n "${REUSE:-}" ] && [ -e "$database" ]; then
            continue
        fi
        say "indexing words: $peer"
        case $peer in xapian) name=Xapian ;; fts5) name='SQLite FTS5' ;; esac
        figures=$(measure_peer "$peer" words "$database" "$words")
        row "$name" "$figures" "$(size_of "$database")" 0 "$words_bytes"
    done
}
rows=$(index_all)
if [ -n "$rows" ]; then
    {
        awk -v bytes="$words_bytes" -v passages="$(wc -l <"$words")" 'BEGIN { printf "%d passages, %.1f MB.\n\n", passages, bytes / 1e6 }'
        echo '| index of words and positions | seconds, median (min-max) | MB/s | CPU s | peak MiB | index MB | of input | without ids MB | of input |'
        echo '|---|---|---|---|---|---|---|---|---|'
        echo "$rows"
    } >"$work/words.md"
    publish words
fi

# ---- The game ----

set -- "Riffle=$build/bench/engine $work/words.index" "Riffle again=$build/bench/engine $work/words.index"
for kernels in avx2 portable; do
    if "$build/bench/engine" --kernels $kernels "$work/words.index" </dev/null 2>/dev/null; then
        set -- "$@" "Riffle, $kernels=$build/bench/engine --kernels $kernels $work/words.index"
    fi
done
set -- "$@" "Riffle, stems=$build/bench/engine $work/stems.index"
for peer in $built; do
    case $peer in xapian) name=Xapian ;; fts5) name='SQLite FTS5' ;; esac
    set -- "$@" "$name=$programs/${peer}_peer serve $work/$peer.words"
done
while IFS= read -r other; do
    [ -z "$other" ] || set -- "$@" "$other"
done <<END
$others
END

say 'asking, engines in turns'
"$programs/game" -n "${PASSES:-5}" -w "${WARM:-$([ -n "$others" ] && echo 12 || echo 2)}" ${CPU:+-p "$CPU"} -q "$work/queries.tsv" \
    -c "${COMMANDS:-TOP_10,TOP_100,TOP_1000,TOP_100_COUNT,COUNT}" "$queries" "$@" >"$work/figures.tsv"
{
    cat "$work/machine.md"
    echo
    awk -f tests/bench/tables.awk "$work/figures.tsv"
} >"$work/ranked.md"
publish ranked
awk -f tests/bench/picture.awk "$work/figures.tsv" >"$work/benchmarks.svg"
if [ -n "${KEEP:-}" ]; then
    cp "$work/benchmarks.svg" docs/benchmarks.svg
fi
