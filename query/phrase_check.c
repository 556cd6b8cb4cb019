/* SPDX-License-Identifier: BSD-3-Clause */
/* Phrases by positions: the rarest word's first, and only as long as a start is left; phrase_check.h. */
#include "query/phrase_check.h"

static void gather(const struct rf_phrase_word *word, const uint32_t *seats, uint32_t count, uint32_t *ordinals)
{
    for (uint32_t i = 0; i < count; i++)
        ordinals[i] = word->ordinals[seats[i]];
}

void rf_phrase_prefetch(const struct rf_phrase *phrase, const uint32_t *seats, uint32_t count)
{
    uint32_t ordinals[RF_PHRASE_DOCS];
    for (uint32_t w = 0; w < phrase->word_count; w++) {
        gather(&phrase->words[w], seats, count, ordinals);
        rf_list_prefetch_places(phrase->words[w].list, ordinals, count);
    }
}

riffle_status rf_phrase_take(struct rf_phrase *phrase, const uint32_t *seats, uint32_t count)
{
    uint32_t ordinals[RF_PHRASE_DOCS];
    riffle_status status = RIFFLE_OK;
    for (uint32_t w = 0; !status && w < phrase->word_count; w++) {
        struct rf_phrase_word *word = &phrase->words[w];
        gather(word, seats, count, ordinals);
        status = rf_list_places(word->list, ordinals, count, word->tfs, word->places, phrase->error);
        for (uint32_t i = 0; i < count; i++)
            phrase->most[i] = w && phrase->most[i] < word->tfs[i] ? phrase->most[i] : word->tfs[i];
    }
    return status;
}

static bool make_room(struct rf_phrase *phrase, uint32_t tf)
{
    size_t room = phrase->room ? phrase->room : 128;
    while (room < tf)
        room *= 2;
    uint32_t *starts = rf_arena_array(phrase->arena, room + RF_PADDING, sizeof *starts);
    uint32_t *found = rf_arena_array(phrase->arena, room + RF_PADDING, sizeof *found);
    if (!starts || !found)
        return false;
    if (phrase->room)
        memcpy(starts, phrase->starts, phrase->room * sizeof *starts);
    phrase->starts = starts;
    phrase->found = found;
    phrase->room = room;
    return true;
}

/* Keeps the starts behind which a word has all its places from number `first` on. */
static riffle_status keep_starts(struct rf_phrase *phrase, struct rf_phrase_word *word, uint32_t doc, uint32_t first, size_t *count)
{
    const struct rf_place *place = &word->places[doc];
    uint32_t tf = word->tfs[doc];
    if (word->offset_count - first == 1)
        return rf_positions_follow(word->list, place, tf, word->offsets[first], phrase->starts, count, phrase->error);
    if (tf > phrase->room && !make_room(phrase, tf))
        return rf_fail_memory(phrase->error);
    size_t found;
    riffle_status status = rf_positions_read(word->list, place, tf, 0, phrase->found, &found, phrase->error);
    for (uint32_t i = first; !status && *count && i < word->offset_count; i++)
        *count = rf_kernels->follow(phrase->starts, *count, phrase->found, found, word->offsets[i]);
    return status;
}

riffle_status rf_phrase_count(struct rf_phrase *phrase, uint32_t doc, uint32_t *tf)
{
    struct rf_phrase_word *word = phrase->words;
    size_t count = 0;
    if (word->tfs[doc] > phrase->room && !make_room(phrase, word->tfs[doc]))
        return rf_fail_memory(phrase->error);
    riffle_status status =
        rf_positions_read(word->list, &word->places[doc], word->tfs[doc], word->offsets[0], phrase->starts, &count, phrase->error);
    if (word->offset_count > 1 && !status && count)
        status = keep_starts(phrase, word, doc, 1, &count);
    for (uint32_t i = 1; !status && count && i < phrase->word_count; i++)
        status = keep_starts(phrase, &word[i], doc, 0, &count);
    *tf = (uint32_t)count;
    return status;
}
