# SPDX-License-Identifier: BSD-3-Clause
#
# A picture in SVG from the figures of tests/bench/game: mean times, a row for each command, a group of bars for each class.
BEGIN {
    FS = "\t"
    columns = split("intersection union phrase mixed", column, " ")
    split("#e4572e #4c78a8 #54a24b #b279a2 #9c755f #79706e #eeca3b #72b7b2", color, " ")
    left = 12; group = 214; bar = 13; room = 150; top = 58
}

$1 == "differs" || $3 == "pipe" || $3 ~ /^Riffle[ ,]/ { next }

{
    if (!($1 in commands))
        command[++command_count] = $1
    commands[$1]
    if (!($3 in engines))
        engine[++engine_count] = $3
    engines[$3]
    queries[$1, $2, $3] = $4
    if ($4 == queries[$1, $2, engine[1]]) # one that cannot answer all is not comparable
        mean[$1, $2, $3] = $5
}

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    return text
}

function text(x, y, class, what) { printf "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n", x, y, class, escaped(what) }

function legend(   e, x) {
    x = left
    for (e = 1; e <= engine_count; e++) {
        printf "<rect x=\"%d\" y=\"30\" width=\"10\" height=\"10\" fill=\"%s\"/>\n", x, color[(e - 1) % 8 + 1]
        text(x + 15, 39, "t", engine[e])
        x += 34 + 7 * length(engine[e])
    }
}

# Bars of one command and class: what takes longer than eight times the fastest is cut, with a mark.
function bars(c, k, x, y,   e, m, fastest, slowest, full, width) {
    for (e = 1; e <= engine_count; e++)
        if ((c, k, engine[e]) in mean) {
            m = mean[c, k, engine[e]]
            if (fastest == 0 || m < fastest)
                fastest = m
            if (slowest < m)
                slowest = m
        }
    full = slowest < 8 * fastest ? slowest : 8 * fastest
    for (e = 1; e <= engine_count; e++)
        if ((c, k, engine[e]) in mean) {
            m = mean[c, k, engine[e]]
            width = (m < full) ? room * m / full : room
            printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, y + bar * (e - 1), width, bar - 3,
                color[(e - 1) % 8 + 1]
            text(x + 5 + width, y + bar * (e - 1) + 9, "n", ((m <= full) ? "" : "\302\273 ") sprintf((m < 10) ? "%.1f" : "%.0f", m))
        }
}

END {
    height = 40 + bar * engine_count
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n",
        left + columns * group + 12, top + command_count * height, left + columns * group + 12, top + command_count * height
    print "<style>.h{font-size:14px;font-weight:bold}.t{font-size:12px}.n{font-size:10px}text{fill:#24292f}.b{fill:#fff}"
    print "@media(prefers-color-scheme:dark){text{fill:#d8dee4}.b{fill:#0d1117}}</style>"
    print "<rect class=\"b\" width=\"100%\" height=\"100%\"/>"
    text(left, 18, "h", "Microseconds for a query, on average: shorter is better. \302\273: cut at eight times the fastest")
    legend()
    for (c = 1; c <= command_count; c++)
        for (k = 1; k <= columns; k++) {
            text(left + group * (k - 1), top + height * (c - 1) + 16, "t", command[c] " " column[k])
            bars(command[c], column[k], left + group * (k - 1), top + height * (c - 1) + 23)
        }
    print "</svg>"
}
