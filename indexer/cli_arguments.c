/* SPDX-License-Identifier: BSD-3-Clause */
/* Options in the manner of GNU tools. */
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "indexer/cli_arguments.h"
#include "indexer/cli_progress.h"

/* Fits a terminal of 80 columns and 24 lines. */
const char rf_cli_help[] = "Usage: riffle-index [OPTION]... PATH...\n"
                           "Index articles, so that riffle finds them. A PATH is a file of text or JSON\n"
                           "lines, gzipped or not, a folder with all below it, or - for standard input.\n"
                           "\n"
                           "  -d, --index=INDEX      the index [$RIFFLE_INDEX, else riffle.index]\n"
                           "      --engine=NAME      what keeps a new index: native (default) or xapian\n"
                           "      --rebuild          replace the index by a new one, in one step\n"
                           "      --update           an article whose id is there takes that one's place\n"
                           "      --delete           each PATH is the id of an article to take away\n"
                           "      --shard=I/N        only articles of shard I of N, by a hash of their ids\n"
                           "      --language=NAME    whose stems: english (default), german, ..., or none\n"
                           "      --passages=HOW     split articles (default), or none: rank whole ones\n"
                           "      --title-weight=N   what a word in the title counts, 1 to 15 [3]\n"
                           "      --no-store         leave the text out; hits then have no snippet\n"
                           "      --memory=SIZE      as 512M or 2G [a quarter]; --threads=N: not used yet\n"
                           "      --format=FORMAT    auto (default), text or json\n"
                           "      --id-key=KEY, --title-key=KEY, --date-key=KEY, --source-key=KEY,\n"
                           "      --text-key=KEY     JSON keys of an article's parts [id, title, ...]\n"
                           "      --files-from=FILE  paths are the lines of FILE; - is standard input\n"
                           "  -0, --null             paths there end in NUL, not in a line end\n"
                           "  -q, --quiet            no progress and no totals, problems only\n"
                           "  -h, --help             this text; --version: the version and the licence\n"
                           "\n"
                           "Exit status: 0 all was done, 1 some was left out, 2 nothing was committed\n";

enum option_code {
    ENGINE = 256,
    REBUILD,
    UPDATE,
    DELETE,
    SHARD,
    LANGUAGE,
    PASSAGES,
    TITLE_WEIGHT,
    NO_STORE,
    MEMORY,
    THREADS,
    FORMAT,
    ID_KEY,
    TITLE_KEY,
    DATE_KEY,
    SOURCE_KEY,
    TEXT_KEY,
    FILES_FROM,
    VERSION
};

static const struct option options[] = {{"index", required_argument, NULL, 'd'},
                                        {"engine", required_argument, NULL, ENGINE},
                                        {"rebuild", no_argument, NULL, REBUILD},
                                        {"update", no_argument, NULL, UPDATE},
                                        {"delete", no_argument, NULL, DELETE},
                                        {"shard", required_argument, NULL, SHARD},
                                        {"language", required_argument, NULL, LANGUAGE},
                                        {"passages", required_argument, NULL, PASSAGES},
                                        {"title-weight", required_argument, NULL, TITLE_WEIGHT},
                                        {"no-store", no_argument, NULL, NO_STORE},
                                        {"memory", required_argument, NULL, MEMORY},
                                        {"threads", required_argument, NULL, THREADS},
                                        {"format", required_argument, NULL, FORMAT},
                                        {"id-key", required_argument, NULL, ID_KEY},
                                        {"title-key", required_argument, NULL, TITLE_KEY},
                                        {"date-key", required_argument, NULL, DATE_KEY},
                                        {"source-key", required_argument, NULL, SOURCE_KEY},
                                        {"text-key", required_argument, NULL, TEXT_KEY},
                                        {"files-from", required_argument, NULL, FILES_FROM},
                                        {"null", no_argument, NULL, '0'},
                                        {"quiet", no_argument, NULL, 'q'},
                                        {"help", no_argument, NULL, 'h'},
                                        {"version", no_argument, NULL, VERSION},
                                        {NULL, 0, NULL, 0}};

/* A whole number of decimal digits, with nothing behind them but `*rest`. */
static bool read_number(const char *text, uint64_t *number, const char **rest)
{
    uint64_t value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (value > (UINT64_MAX - (uint64_t)(*p - '0')) / 10)
            return false;
        value = value * 10 + (uint64_t)(*p - '0');
    }
    *number = value;
    *rest = p;
    return p > text;
}

static bool read_count(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    const char *rest;
    if (read_number(text, number, &rest) && !*rest && *number >= least && *number <= most)
        return true;
    rf_cli_complain("--%s takes a whole number from %llu to %llu, not '%s'", name, (unsigned long long)least,
                    (unsigned long long)most, text);
    return false;
}

/* 1000, 512M, 2G, 2GB, 2GiB: units are powers of 1024. */
static bool read_size(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    const char *rest;
    if (read_number(text, bytes, &rest) && *bytes > 0) {
        const char *unit = *rest ? strchr(units, *rest & ~0x20) : NULL;
        unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
        rest += unit != NULL;
        if (unit && strcmp(rest, "iB") == 0)
            rest += 2;
        else if (strcmp(rest, "B") == 0)
            rest++;
        if (!*rest && *bytes <= UINT64_MAX >> shift) {
            *bytes <<= shift;
            return true;
        }
    }
    rf_cli_complain("--memory takes a size such as 512M or 2G, not '%s'", text);
    return false;
}

/* "2/3" */
static bool read_shard(const char *text, riffle_import_options *import)
{
    uint64_t shard, shards;
    const char *rest;
    if (read_number(text, &shard, &rest) && *rest == '/' && read_number(rest + 1, &shards, &rest) && !*rest && shard >= 1 &&
        shard <= shards && shards <= UINT_MAX) {
        import->shard = (unsigned)shard;
        import->shards = (unsigned)shards;
        return true;
    }
    rf_cli_complain("--shard takes which shard of how many, such as 2/3, not '%s'", text);
    return false;
}

/* Which of the names the text is, or -1. */
static int choose(const char *name, const char *text, const char *const *choices, const char *all)
{
    for (int i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0)
            return i;
    }
    rf_cli_complain("--%s is %s, not '%s'", name, all, text);
    return -1;
}

static bool read_option(struct rf_cli_arguments *a, int code, const char *value)
{
    static const char *const formats[] = {"auto", "text", "json", NULL}, *const passages[] = {"split", "none", NULL};
    uint64_t number = 0;
    int choice = 0;
    switch (code) {
    case 'd':
        a->index = value;
        return true;
    case '0':
        a->null_separated = true;
        return true;
    case 'q':
        a->quiet = true;
        return true;
    case ENGINE:
        a->writer.engine = value;
        return true;
    case REBUILD:
        a->writer.rebuild = 1;
        return true;
    case UPDATE:
        a->import.update = 1;
        return true;
    case DELETE:
        a->deletes = true;
        return true;
    case SHARD:
        return read_shard(value, &a->import);
    case LANGUAGE:
        a->writer.language = value;
        return true;
    case PASSAGES:
        choice = choose("passages", value, passages, "split or none");
        a->writer.passages = choice == 1 ? RIFFLE_PASSAGES_NONE : RIFFLE_PASSAGES_SPLIT;
        return choice >= 0;
    case TITLE_WEIGHT:
        if (!read_count("title-weight", value, 1, 15, &number))
            return false;
        a->writer.title_weight = (int)number;
        return true;
    case NO_STORE:
        a->writer.store = RIFFLE_STORE_NONE;
        return true;
    case MEMORY:
        return read_size(value, &a->writer.memory);
    case THREADS: /* the library uses one, and takes no other number yet */
        a->writer.threads = 1;
        return read_count("threads", value, 1, 4096, &number);
    case FORMAT:
        choice = choose("format", value, formats, "auto, text or json");
        a->import.format = choice == 2 ? RIFFLE_FORMAT_JSON : choice == 1 ? RIFFLE_FORMAT_TEXT : RIFFLE_FORMAT_AUTO;
        return choice >= 0;
    case ID_KEY:
        a->import.id_key = value;
        return true;
    case TITLE_KEY:
        a->import.title_key = value;
        return true;
    case DATE_KEY:
        a->import.date_key = value;
        return true;
    case SOURCE_KEY:
        a->import.source_key = value;
        return true;
    case TEXT_KEY:
        a->import.text_key = value;
        return true;
    case FILES_FROM:
        a->files_from = value;
        return true;
    default: /* getopt has complained */
        return false;
    }
}

/* What each option allows and all together do not. */
static bool check_together(const struct rf_cli_arguments *a)
{
    int standard_input = a->files_from && strcmp(a->files_from, "-") == 0;
    for (int i = 0; !a->deletes && i < a->path_count; i++)
        standard_input += strcmp(a->paths[i], "-") == 0;
    const char *problem = NULL;
    if (!*a->index)
        problem = "the name of the index is empty";
    else if (a->deletes && (a->writer.rebuild || a->import.update))
        problem = "--delete goes with neither --rebuild nor --update";
    else if (standard_input > 1)
        problem = "standard input can be read once only";
    else if (a->path_count == 0 && !a->files_from && a->deletes)
        problem = "nothing to delete: name the ids of articles";
    else if (a->path_count == 0 && !a->files_from)
        problem = "nothing to index: name a file or folder, or - for standard input";
    if (problem)
        rf_cli_complain("%s", problem);
    return !problem;
}

enum rf_cli_request rf_cli_arguments_read(struct rf_cli_arguments *arguments, int argc, char **argv)
{
    const char *usual = getenv("RIFFLE_INDEX");
    bool good = true;
    int code;
    *arguments = (struct rf_cli_arguments){.index = usual && *usual ? usual : "riffle.index",
                                           .writer = RIFFLE_WRITER_OPTIONS_INIT,
                                           .import = RIFFLE_IMPORT_OPTIONS_INIT};
    while (good && (code = getopt_long(argc, argv, "d:0qh", options, NULL)) != -1) {
        if (code == 'h')
            return RF_CLI_HELP;
        if (code == VERSION)
            return RF_CLI_VERSION;
        good = read_option(arguments, code, optarg);
    }
    arguments->paths = argv + optind;
    arguments->path_count = argc - optind;
    good = good && check_together(arguments);
    if (!good)
        rf_cli_complain("'riffle-index --help' shows the options");
    return good ? RF_CLI_INDEX : RF_CLI_BAD_USAGE;
}
