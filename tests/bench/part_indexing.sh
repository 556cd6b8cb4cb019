# SPDX-License-Identifier: BSD-3-Clause
#
# A part of tests/bench/run: indexing whole articles with stored text and stems, as a user does it.

index_riffle() { # NAME FOLDER OPTION...
    name=$1
    index=$work/$2
    shift 2
    say "indexing: $name"
    row "$name" "$(measure_riffle "$index" "$@")" "$(size_of "$index")" "$(size_of_files "$index" '*.text')" "$input"
}
index_articles() {
    cat "$work/machine.md"
    echo
    echo '| indexing | seconds, median (min-max) | MB/s | CPU s | peak MiB | index MB | of input | without text MB | of input |'
    echo '|---|---|---|---|---|---|---|---|---|'
    index_riffle 'Riffle' riffle.index "$@"
    index_riffle 'Riffle `--no-store`' bare.index --no-store "$@"
    index_riffle 'Riffle `--passages none`' articles.index --passages none "$@"
    for peer in $built; do
        say "indexing: $peer"
        database=$work/$peer.articles
        figures=$(measure_peer "$peer" articles "$database" "$@")
        case $peer in
        xapian) row 'Xapian, one document per article' "$figures" "$(size_of "$database")" "$(size_of "$database/docdata.glass")" "$input" ;;
        fts5) row 'SQLite FTS5, one row per article' "$figures" "$(size_of "$database")" "$(cat "$work/fts5.text")" "$input" ;;
        esac
    done
}
index_articles "$@" >"$work/indexing.md"
publish indexing
