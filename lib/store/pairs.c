/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of pairs, and looking them up; pairs.h. */
#include "store/pairs.h"

#include "store/segment_files.h"

bool rf_pair_word(const char *word, size_t n)
{
    if (!n || word[0] == RF_PREFIX_TITLE || word[0] == RF_PREFIX_PAIR || word[0] == RF_PREFIX_STEM)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)word[i] <= ' ')
            return false;
    return true;
}

size_t rf_pair_key(char key[RF_KEY_MAX], const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length + b_length + 2 > RF_KEY_MAX)
        return 0;
    key[0] = RF_PREFIX_PAIR;
    memcpy(key + 1, a, a_length);
    key[1 + a_length] = ' ';
    memcpy(key + 2 + a_length, b, b_length);
    return a_length + b_length + 2;
}

riffle_status rf_segment_find_pair(const struct rf_segment *segment, const char *a, size_t a_length, const char *b, size_t b_length,
                                   uint32_t a_df, uint32_t b_df, bool *covered, bool *found, struct rf_term *out,
                                   riffle_error *error)
{
    char key[RF_KEY_MAX];
    *covered = *found = false;
    if (!segment->pair_threshold || !rf_pair_is_covered(a_df, b_df, segment->pair_threshold, segment->doc_count) ||
        !rf_pair_word(a, a_length) || !rf_pair_word(b, b_length))
        return RIFFLE_OK;
    size_t n = rf_pair_key(key, a, a_length, b, b_length);
    if (!n)
        return RIFFLE_OK;
    *covered = true;
    riffle_status status = rf_segment_find(segment, key, n, found, out, error);
    if (!status && *found && out->has_positions) {
        *found = false;
        status = rf_fail(error, RIFFLE_CORRUPT, "%s.terms: a pair with positions", segment->name);
    }
    return status;
}
