/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching what is shown of a hit, and the two forms of output for programs: JSON lines and the run form of trec_eval. */
#include "query/cli_hits.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "query/cli_text.h"

static bool fetched(struct rf_cli_answer *answer, riffle_status status, const riffle_error *error)
{
    if (status == RIFFLE_OK)
        return true;
    rf_cli_complain("%s", error->message[0] != '\0' ? error->message : riffle_status_text(status));
    answer->trouble = true;
    return false;
}

bool rf_cli_hit(struct rf_cli_answer *answer, size_t at, riffle_hit *hit)
{
    riffle_error error;
    memset(hit, 0, sizeof *hit);
    hit->size = sizeof *hit;
    return fetched(answer, riffle_results_hit(answer->results, at, hit, &error), &error);
}

struct rf_cli_string rf_cli_field(struct rf_cli_answer *answer, size_t at, const char *name)
{
    struct rf_cli_string value;
    riffle_error error;
    if (!fetched(answer, riffle_results_field(answer->results, at, name, &value.text, &value.length, &error), &error) ||
        value.length == 0)
        value = (struct rf_cli_string){"", 0};
    return value;
}

struct rf_cli_string rf_cli_explanation(struct rf_cli_answer *answer, size_t at)
{
    const char *text = "";
    riffle_error error;
    if (!fetched(answer, riffle_results_explain(answer->results, at, &text, &error), &error) || text == NULL)
        text = "";
    return (struct rf_cli_string){text, strlen(text)};
}

riffle_snippet rf_cli_snippet(struct rf_cli_answer *answer, size_t at, size_t width)
{
    riffle_snippet snippet;
    riffle_error error;
    if (!fetched(answer, riffle_results_snippet(answer->results, at, width, &snippet, &error), &error) || snippet.length == 0)
        snippet = (riffle_snippet){.text = ""};
    return snippet;
}

const riffle_range *rf_cli_matches(struct rf_cli_answer *answer, size_t at, size_t *count)
{
    const riffle_range *ranges = NULL;
    riffle_error error;
    if (!fetched(answer, riffle_results_matches(answer->results, at, &ranges, count, &error), &error))
        *count = 0;
    return ranges;
}

const riffle_range *rf_cli_title_matches(struct rf_cli_answer *answer, size_t at, size_t *count)
{
    const riffle_range *ranges = NULL;
    riffle_error error;
    if (!fetched(answer, riffle_results_title_matches(answer->results, at, &ranges, count, &error), &error))
        *count = 0;
    return ranges;
}

uint64_t rf_cli_rank(const struct rf_cli_answer *answer, size_t at) { return answer->options->search.offset + at + 1; }

/* ---- JSON: one object a line ---- */

static void json_member(struct rf_cli_out *out, const char *name, struct rf_cli_string value)
{
    rf_cli_out_printf(out, ",\"%s\":", name);
    rf_cli_json_string(out, value.text, value.length);
}

void rf_cli_print_json(struct rf_cli_answer *answer)
{
    struct rf_cli_out *out = answer->out;
    size_t count = riffle_results_count(answer->results);
    for (size_t at = 0; at < count && out->error == 0; at++) {
        riffle_hit hit;
        if (!rf_cli_hit(answer, at, &hit))
            continue;
        /* 17 digits tell any two doubles apart: whoever sorts by them gets the same order. */
        rf_cli_out_printf(out, "{\"rank\":%" PRIu64 ",\"score\":%.17g", rf_cli_rank(answer, at),
                          isfinite(hit.score) ? hit.score : 0);
        json_member(out, "id", (struct rf_cli_string){hit.id, hit.id_length});
        rf_cli_out_printf(out, ",\"passage\":%" PRIu64, (uint64_t)hit.passage + 1);
        json_member(out, "title", (struct rf_cli_string){hit.title, hit.title_length});
        json_member(out, "date", rf_cli_field(answer, at, "date"));
        json_member(out, "source", rf_cli_field(answer, at, "source"));
        riffle_snippet snippet = rf_cli_snippet(answer, at, 0);
        json_member(out, "snippet", (struct rf_cli_string){snippet.text, snippet.length});
        size_t match_count;
        const riffle_range *matches = rf_cli_matches(answer, at, &match_count);
        rf_cli_out_string(out, ",\"matches\":[");
        for (size_t i = 0; i < match_count; i++)
            rf_cli_out_printf(out, "%s[%" PRIu64 ",%" PRIu64 "]", i > 0 ? "," : "", matches[i].start, matches[i].end);
        rf_cli_out_string(out, "]");
        rf_cli_out_printf(out, ",\"total\":%" PRIu64 ",\"total_is_exact\":%s", answer->total,
                          answer->total_is_exact ? "true" : "false");
        if (riffle_results_incomplete(answer->results))
            rf_cli_out_string(out, ",\"incomplete\":true");
        if (answer->options->queries != NULL)
            json_member(out, "query", answer->id);
        if (answer->options->explain)
            json_member(out, "explain", rf_cli_explanation(answer, at));
        rf_cli_out_string(out, "}\n");
        riffle_results_forget(answer->results);
    }
}

/* ---- The run form: query Q0 document rank score tag ---- */

void rf_cli_print_trec(struct rf_cli_answer *answer)
{
    struct rf_cli_out *out = answer->out;
    size_t count = riffle_results_count(answer->results);
    for (size_t at = 0; at < count && out->error == 0; at++) {
        riffle_hit hit;
        if (!rf_cli_hit(answer, at, &hit))
            continue;
        rf_cli_blank_free(out, answer->id.text, answer->id.length);
        rf_cli_out_string(out, " Q0 ");
        rf_cli_blank_free(out, hit.id, hit.id_length);
        rf_cli_out_printf(out, " %" PRIu64 " %.9f riffle\n", rf_cli_rank(answer, at), hit.score);
    }
}
