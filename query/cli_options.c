/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading the command line of the program riffle; options end at the first word, so that -word can exclude a word. */
#include "query/cli_options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Fits a screen of 80 by 24 with the prompt below it. */
const char rf_cli_help[] = "Usage: riffle [OPTION]... WORD...   or:  riffle [OPTION]... --queries FILE\n"
                           "Shows the passages of an index that answer the words best.\n"
                           "\n"
                           "  -d, --index DIR     the index (default: $RIFFLE_INDEX, else riffle.index)\n"
                           "  -n, --limit N       give N hits (default: 10; with --trec 1000)\n"
                           "      --offset N      pass over the first N hits\n"
                           "      --article       only the best passage of each article\n"
                           "      --count         print how many passages match, and nothing else\n"
                           "      --json, --trec  print one JSON object a hit, or a run for trec_eval\n"
                           "      --queries FILE  answer each line, 'ID<TAB>QUERY' or 'QUERY'; '-': stdin\n"
                           "      --explain       say how each score came about\n"
                           "      --strict        refuse a query that can be read in two ways\n"
                           "      --k1 X, --b X   BM25: saturation (1.2) and weight of length (0.5)\n"
                           "      --deadline MS   stop after MS milliseconds, with the best until then\n"
                           "      --exhaustive    score every match: slow, with the same answer\n"
                           "      --color WHEN    auto, always or never\n"
                           "      --timeout S     wait S seconds for a shard (10); --partial: do without it\n"
                           "  -h, --help          show this; --version: the version\n"
                           "\n"
                           "Options end at the first word, or at --:  riffle -n 3 korea +staff -trump\n"
                           "A phrase needs the shell's quotes too:    riffle '\"liaison office\" kaesong'\n"
                           "Shards, of servers too, are one index:    riffle -d a,b,host:7700 korea\n"
                           "Exit status: 0 found, 1 nothing found, 2 trouble. More: man riffle\n";

void rf_cli_print_version(struct rf_cli_out *out)
{
    rf_cli_out_printf(out, "riffle %s\n", riffle_version());
    rf_cli_out_string(out, "Built with Xapian: this program as a whole is under the GNU GPL, version 2 or later.\n");
}

enum {
    OPT_OFFSET = 256,
    OPT_ARTICLE,
    OPT_COUNT,
    OPT_JSON,
    OPT_TREC,
    OPT_QUERIES,
    OPT_EXPLAIN,
    OPT_STRICT,
    OPT_K1,
    OPT_B,
    OPT_DEADLINE,
    OPT_EXHAUSTIVE,
    OPT_COLOR,
    OPT_TIMEOUT,
    OPT_PARTIAL,
    OPT_VERSION
};

static const struct option long_options[] = {
    {"index", required_argument, NULL, 'd'},
    {"limit", required_argument, NULL, 'n'},
    {"offset", required_argument, NULL, OPT_OFFSET},
    {"article", no_argument, NULL, OPT_ARTICLE},
    {"count", no_argument, NULL, OPT_COUNT},
    {"json", no_argument, NULL, OPT_JSON},
    {"trec", no_argument, NULL, OPT_TREC},
    {"queries", required_argument, NULL, OPT_QUERIES},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"k1", required_argument, NULL, OPT_K1},
    {"b", required_argument, NULL, OPT_B},
    {"deadline", required_argument, NULL, OPT_DEADLINE},
    {"exhaustive", no_argument, NULL, OPT_EXHAUSTIVE},
    {"color", required_argument, NULL, OPT_COLOR},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"partial", no_argument, NULL, OPT_PARTIAL},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

/* Whole numbers have no cap: what is past the largest one that fits means all the same. */
static bool read_number(const char *option, const char *text, uint64_t *number)
{
    *number = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        *number = *number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *number * 10 + digit;
    }
    if (p != text && *p == '\0')
        return true;
    rf_cli_complain("%s: '%s' is not a whole number", option, text);
    return false;
}

static bool read_real(const char *option, const char *text, double most, double *number)
{
    char *end;
    *number = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*number) && *number >= 0 && *number <= most)
        return true;
    if (isfinite(most))
        rf_cli_complain("%s: '%s' is not a number from 0 to %g", option, text, most);
    else
        rf_cli_complain("%s: '%s' is not a number of 0 or more", option, text);
    return false;
}

/* Seconds, into whole milliseconds: never 0, which would mean the usual time. */
static bool read_timeout(const char *text, unsigned *milliseconds)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(seconds) || seconds <= 0) {
        rf_cli_complain("--timeout: '%s' is not a number of seconds above 0", text);
        return false;
    }
    double rounded = seconds * 1e3 + 0.5;
    *milliseconds = rounded < 1 ? 1 : rounded < UINT_MAX ? (unsigned)rounded : UINT_MAX;
    return true;
}

static bool read_deadline(const char *text, unsigned *milliseconds)
{
    uint64_t number;
    if (!read_number("--deadline", text, &number))
        return false;
    *milliseconds = number < UINT_MAX ? (unsigned)number : UINT_MAX;
    if (number > 0)
        return true;
    rf_cli_complain("--deadline: at least 1 millisecond");
    return false;
}

static bool read_color(const char *text, enum rf_cli_color *color)
{
    static const char *const names[] = {
        [RF_CLI_COLOR_AUTO] = "auto", [RF_CLI_COLOR_ALWAYS] = "always", [RF_CLI_COLOR_NEVER] = "never"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *color = (enum rf_cli_color)i;
            return true;
        }
    }
    rf_cli_complain("--color: '%s' is none of auto, always, never", text);
    return false;
}

static bool set_form(struct rf_cli_options *options, enum rf_cli_form form)
{
    if (options->form != RF_CLI_PEOPLE && options->form != form) {
        rf_cli_complain("only one of --count, --json and --trec can be given");
        return false;
    }
    options->form = form;
    return true;
}

static char *join(char **words, int count)
{
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += strlen(words[i]) + 1;
    char *joined = malloc(length + 1), *p = joined;
    if (joined == NULL)
        return NULL;
    for (int i = 0; i < count; i++) {
        size_t word = strlen(words[i]);
        memcpy(p, words[i], word);
        p += word;
        *p++ = ' ';
    }
    p[count > 0 ? -1 : 0] = '\0';
    return joined;
}

enum rf_cli_request rf_cli_options_read(struct rf_cli_options *options, int argc, char **argv)
{
    const char *index = getenv("RIFFLE_INDEX");
    bool limited = false, good = true;
    int option;

    *options = (struct rf_cli_options){.index = index != NULL && *index != '\0' ? index : "riffle.index",
                                       .opening = RIFFLE_INDEX_OPTIONS_INIT,
                                       .search = RIFFLE_SEARCH_OPTIONS_INIT};
    if (argc > 0)
        argv[0] = (char *)"riffle"; /* how getopt_long begins its complaints */
    while (good && (option = getopt_long(argc, argv, "+d:n:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'd':
            options->index = optarg;
            break;
        case 'n':
            good = read_number("--limit", optarg, &options->search.limit);
            limited = true;
            break;
        case OPT_OFFSET:
            good = read_number("--offset", optarg, &options->search.offset);
            break;
        case OPT_ARTICLE:
            options->search.by_article = 1;
            break;
        case OPT_COUNT:
            good = set_form(options, RF_CLI_COUNT);
            break;
        case OPT_JSON:
            good = set_form(options, RF_CLI_JSON);
            break;
        case OPT_TREC:
            good = set_form(options, RF_CLI_TREC);
            break;
        case OPT_QUERIES:
            options->queries = optarg;
            break;
        case OPT_EXPLAIN:
            options->explain = true;
            break;
        case OPT_STRICT:
            options->search.strict = 1;
            break;
        case OPT_K1:
            good = read_real("--k1", optarg, INFINITY, &options->search.k1);
            break;
        case OPT_B:
            good = read_real("--b", optarg, 1, &options->search.b);
            break;
        case OPT_DEADLINE:
            good = read_deadline(optarg, &options->search.deadline_ms);
            break;
        case OPT_EXHAUSTIVE:
            options->search.method = RIFFLE_METHOD_EXHAUSTIVE;
            break;
        case OPT_COLOR:
            good = read_color(optarg, &options->color);
            break;
        case OPT_TIMEOUT:
            good = read_timeout(optarg, &options->opening.timeout);
            break;
        case OPT_PARTIAL:
            options->opening.partial = 1;
            break;
        case 'h':
            return RF_CLI_HELP;
        case OPT_VERSION:
            return RF_CLI_VERSION;
        default: /* getopt_long has said what */
            rf_cli_complain(
                "a query that starts with '-' goes after '--', as in: riffle -- -word; 'riffle --help' shows the options");
            good = false;
        }
    }
    if (good && options->explain && (options->form == RF_CLI_COUNT || options->form == RF_CLI_TREC)) {
        rf_cli_complain("--explain has no place in what --count and --trec print");
        good = false;
    }
    if (good && options->queries != NULL && optind < argc) {
        rf_cli_complain("words and --queries cannot be given together");
        good = false;
    }
    if (good && options->queries == NULL && optind == argc) {
        rf_cli_complain("no query given; 'riffle --help' shows how");
        good = false;
    }
    if (!good)
        return RF_CLI_BAD_USAGE;
    if (options->form == RF_CLI_TREC) {
        options->search.by_article = 1; /* a document may stand in a run once */
        if (!limited)
            options->search.limit = 1000;
    } else if (options->form == RF_CLI_COUNT) {
        options->search.limit = options->search.offset = 0;
    }
    if (options->search.limit == 0) /* nothing but the number is of interest then, if only for the exit status */
        options->search.count_all = 1;
    if (options->queries == NULL && (options->query = join(argv + optind, argc - optind)) == NULL) {
        rf_cli_complain("%s", strerror(ENOMEM));
        return RF_CLI_BAD_USAGE;
    }
    return RF_CLI_SEARCH;
}
