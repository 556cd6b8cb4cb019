# SPDX-License-Identifier: BSD-3-Clause
#
# A part of tests/bench/run, after `ranked`: in which functions the time of each class of queries goes, by perf's samples.

profile_class() { # COMMAND CLASS: a row; nothing where no query was asked
    awk -F '\t' -v command="$1" -v class="$2" '
        $1 == command && $2 == "Riffle" && $3 == class { line[n++] = $1 "\t" $6; sum += $4 }
        END { # again and again for two seconds
            for (taken = 0; n > 0 && taken < 2e6; taken += sum)
                for (i = 0; i < n; i++)
                    print line[i]
        }' "$work/queries.tsv" >"$work/profile.txt"
    [ -s "$work/profile.txt" ] || return 0
    perf record -q -e cpu-clock:u -F 5000 -o "$work/perf.data" "$build/bench/engine" "$work/words.index" <"$work/profile.txt" >/dev/null
    perf report -i "$work/perf.data" --stdio --no-children -q -F overhead,symbol 2>/dev/null | awk -v command="$1" -v class="$2" '
        $1 + 0 >= 3 { list = list (list == "" ? "" : ", ") "`" $3 "` " sprintf("%.0f %%", $1) }
        END { printf "| %s %s | %s |\n", command, class, list }'
}
profile() {
    echo '| share of the time in user space, from 3 % on | |'
    echo '|---|---|'
    for command in TOP_10 TOP_100_COUNT COUNT; do
        for class in term intersection union phrase mixed; do
            profile_class $command $class
        done
    done
}
if perf record -q -e cpu-clock:u -o "$work/perf.data" true >/dev/null 2>&1; then
    say 'profiling'
    profile >"$work/profile.md"
    publish profile
else
    say 'no profile: perf is not here, or may not be used'
fi
