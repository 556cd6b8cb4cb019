# SPDX-License-Identifier: BSD-3-Clause
#
# A part of tests/bench/run: what the program riffle takes, from the start of a process to its end, and for many questions in one.

for index in riffle.index articles.index; do
    options=
    [ $index = riffle.index ] || options='--passages none'
    # The words of the options are meant to be split.
    # shellcheck disable=SC2086
    [ -e "$work/$index" ] || "$build/riffle-index" -q -d "$work/$index" --memory "$memory" $options "$@"
done
"$programs/questions" "$questions" "$@" >"$work/any.txt"
sed 's/[a-z]*/+&/g' "$work/any.txt" >"$work/all.txt"
sed 's/.*/"&"/' "$work/any.txt" >"$work/phrase.txt"
head -n "$processes" "$work/any.txt" >"$work/first.txt"

start_row() { # NAME OPTION...
    name=$1
    shift
    "$programs/measure" -l "$work/first.txt" "$build/riffle" "$@" >/dev/null # warms
    "$programs/measure" -l "$work/first.txt" "$build/riffle" "$@" |
        awk -v name="$name" '{ printf "| %s | %s | %s | %s | %s |\n", name, $2, $3, $4, $5 }'
}
from_start() {
    cat "$work/machine.md"
    echo
    echo "| $(wc -l <"$work/first.txt") questions, from process start to its end, ms | min | median | p99 | max |"
    echo '|---|---|---|---|---|'
    start_row 'ten passages with snippets' -d "$work/riffle.index"
    start_row '`--trec -n 10`: no snippets' -d "$work/riffle.index" --trec -n 10
    start_row '`--count`' -d "$work/riffle.index" --count
}
from_start >"$work/processes.md"
publish processes

asked=$(wc -l <"$work/any.txt")
ask() { # COMMAND...: one cell, from the median
    "$@" >/dev/null # warms
    figures=$("$programs/measure" -n "$runs" -o "$work/hits" "$@")
    hits=$(wc -l <"$work/hits")
    echo "$figures $asked $hits" | awk '{ printf " %.0f (%d) |", $7 / $2, $8 }'
}
riffle_row() { # NAME INDEX OPTION...
    printf '| %s |' "$1"
    index=$work/$2
    shift 2
    for mode in any all phrase; do
        ask "$build/riffle" -d "$index" --queries "$work/$mode.txt" -n 10 "$@"
    done
    echo
}
in_one_process() {
    echo "| $asked questions in one process, ten hits each: questions a second (hits in all) | any word | all words | phrase |"
    echo '|---|---|---|---|'
    riffle_row 'passages, with snippets (`--json`)' riffle.index --json
    riffle_row 'passages, ids only (`--trec`)' riffle.index --trec
    riffle_row '`--passages none`, ids only' articles.index --trec
}
say 'asking riffle'
in_one_process >"$work/questions.md"
publish questions

# ---- Questions that people asked ----

asked=$shared/collections/wiki-questions
case " $* " in
*/wiki.jsonl\ *)
    if [ -r $asked/qrels.txt ]; then
        "$build/riffle" -d "$work/riffle.index" --queries $asked/topics.tsv --trec --article -n 100 >"$work/asked.run"
        awk 'FNR == NR { if ($4 > 0) relevant[$1 " " $3]; questions[$1]; next }
            !($1 in done) && ($1 " " $3) in relevant { done[$1]; found++; first += $4 == 1; if ($4 <= 10) { ten++; reciprocal += 1 / $4 } }
            END {
                for (question in questions) n++
                printf "Of %d questions that people asked, with one article judged relevant to each (`--article`): reciprocal rank at 10 " \
                    "%.3f; the article is first for %.1f %%, within 10 for %.1f %%, within 100 for %.1f %%.\n",
                    n, reciprocal / n, 100 * first / n, 100 * ten / n, 100 * found / n
            }' $asked/qrels.txt "$work/asked.run"
    fi
    ;;
esac
