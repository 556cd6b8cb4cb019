# SPDX-License-Identifier: BSD-3-Clause
#
# Tables in Markdown from the figures of tests/bench/game: one for each command, a row for each engine, a column for each class.
BEGIN {
    FS = "\t"
    columns = split("term intersection union phrase mixed slow_phrases all", column, " ")
}

$1 == "differs" {
    if ($3 ~ /stems/) # counts something else
        next
    if ($4 == 0)
        same[$2] = same[$2] (same[$2] == "" ? "" : ", ") $3
    else
        differ[$2] = differ[$2] sprintf(" %s counts otherwise for %d of %d queries, `%s` for one.", $3, $4, $5, $6)
    next
}

{
    class = $2
    gsub(/ /, "_", class)
    if (!($1 in commands))
        command[++command_count] = $1
    commands[$1]
    if (!($3 in engines))
        engine[++engine_count] = $3
    engines[$3]
    queries[$1, class, $3] = $4
    mean[$1, class, $3] = $5
    most[$1, class, $3] = $6
    ratio[$1, class, $3] = $7 > 0 ? $5 / $7 : 0
    most_ratio[$1, class, $3] = $8 > 0 ? $6 / $8 : 0
}

function figure(x) { return sprintf(x < 10 ? "%.1f" : "%.0f", x) }
function times(x) { return sprintf(x < 10 ? "%.2f" : "%.0f", x) }

function cell(c, k, e) {
    if (!((c, k, e) in mean))
        return " |"
    if (e == engine[1] || e == "pipe")
        return sprintf(" %s (%s) |", figure(mean[c, k, e]), figure(most[c, k, e]))
    return sprintf(" %s (%s), **%s** (%s)%s |", figure(mean[c, k, e]), figure(most[c, k, e]), times(ratio[c, k, e]),
        times(most_ratio[c, k, e]), queries[c, k, e] < queries[c, k, engine[1]] ? " for " queries[c, k, e] : "")
}

function table(c,   i, k, e, line) {
    printf "| %s: microseconds, and **times %s's** |", c, engine[1]
    for (k = 1; k <= columns; k++)
        if ((c, column[k], engine[1]) in queries) {
            line = column[k]
            gsub(/_/, " ", line)
            printf " %s: %d |", line, queries[c, column[k], engine[1]]
        }
    printf "\n|---|"
    for (k = 1; k <= columns; k++)
        if ((c, column[k], engine[1]) in queries)
            printf "---|"
    print ""
    for (i = 1; i <= engine_count; i++) {
        e = engine[i]
        printf "| %s |", e == "pipe" ? "the pipe, which all contain" : e
        for (k = 1; k <= columns; k++)
            if ((c, column[k], engine[1]) in queries)
                printf "%s", cell(c, column[k], e)
        print ""
    }
    print ""
    if (same[c] != "" || differ[c] != "")
        printf "Counts: the same for all queries as %s's: %s.%s\n\n", engine[1], same[c] == "" ? "none" : same[c], differ[c]
}

END {
    print "Means over queries of each query's best time, and the 99th of 100 in brackets. Engines take turns on one processor."
    print ""
    for (c = 1; c <= command_count; c++)
        table(command[c])
    if (("Riffle again") in engines) {
        for (c = 1; c <= command_count; c++)
            for (k = 1; k <= columns; k++)
                if ((command[c], column[k], "Riffle again") in ratio) {
                    off = ratio[command[c], column[k], "Riffle again"] - 1
                    if (off < 0)
                        off = -off
                    sum += off
                    cells++
                    if (off > largest)
                        largest = off
                }
        printf "Noise: of the %d means above, those of two equal Riffles differ by %.1f %% on average and %.1f %% at most.\n", cells,
            100 * sum / cells, 100 * largest
    }
}
