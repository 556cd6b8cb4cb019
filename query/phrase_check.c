/* SPDX-License-Identifier: BSD-3-Clause */
/* Phrases by positions: word by word, the rarest first, and only in docs where a start is left; phrase_check.h. */
#include "query/phrase_check.h"

void rf_phrase_init(struct rf_phrase *phrase, struct rf_arena *arena, riffle_error *error)
{
    phrase->word_count = phrase->doc_count = 0;
    phrase->starts = phrase->found = NULL;
    phrase->start_room = phrase->starts_used = phrase->found_room = 0;
    phrase->arena = arena;
    phrase->error = error;
}

void rf_phrase_take(struct rf_phrase *phrase, const uint32_t *seats, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        phrase->docs[i] = (struct rf_phrase_doc){.number = i, .seat = seats[i], .most = UINT32_MAX};
    phrase->doc_count = count;
    phrase->starts_used = 0;
}

riffle_status rf_phrase_find(struct rf_phrase *phrase, uint32_t word)
{
    const struct rf_phrase_word *the_word = &phrase->words[word];
    uint32_t ordinals[RF_PHRASE_DOCS] = {0}, count = phrase->doc_count;
    for (uint32_t i = 0; i < count; i++)
        ordinals[i] = the_word->ordinals[phrase->docs[i].seat];
    riffle_status status = rf_list_places(the_word->list, ordinals, count, phrase->tfs, phrase->places, phrase->error);
    for (uint32_t i = 0; !status && i < count; i++)
        phrase->docs[i].most = phrase->docs[i].most < phrase->tfs[i] ? phrase->docs[i].most : phrase->tfs[i];
    return status;
}

/* Room for so many numbers, padded, in place of what there was. */
static bool make_room(struct rf_arena *arena, uint32_t **numbers, size_t *room, size_t count)
{
    size_t wanted = *room ? *room : 1024;
    if (count + RF_PADDING <= *room)
        return true;
    while (wanted < count + RF_PADDING)
        wanted *= 2;
    *numbers = rf_arena_room(arena, wanted, sizeof **numbers);
    *room = *numbers ? wanted : 0;
    return *numbers;
}

/* The first word's positions in a doc as starts of the phrase, which there is room for. */
static riffle_status read_starts(struct rf_phrase *phrase, uint32_t at)
{
    struct rf_phrase_doc *doc = &phrase->docs[at];
    uint32_t tf = phrase->tfs[at], offset = phrase->words->offsets[0], *starts = phrase->starts + phrase->starts_used;
    struct rf_place place = phrase->places[at]; /* should it be read again */
    doc->first_start = phrase->starts_used;
    if (tf == 1 && rf_positions_first(&place, starts)) { /* which is usual */
        doc->start_count = *starts >= offset;
        *starts -= offset;
        phrase->starts_used += 1 + RF_PADDING;
        return RIFFLE_OK;
    }
    riffle_status status = rf_positions_read(phrase->words->list, &place, tf, starts, &starts, phrase->error);
    if (status)
        return status;
    uint32_t *behind = starts + tf;
    while (starts < behind && *starts < offset)
        starts++;
    for (uint32_t *start = starts; start < behind; start++)
        *start -= offset;
    doc->first_start = (size_t)(starts - phrase->starts);
    doc->start_count = (uint32_t)(behind - starts);
    phrase->starts_used = (size_t)(behind - phrase->starts) + RF_PADDING; /* which kernels that drop some overwrite */
    return RIFFLE_OK;
}

/* Keeps the starts behind which a word has all its places from number `first` on. */
static riffle_status keep_starts(struct rf_phrase *phrase, uint32_t at, const struct rf_phrase_word *word, uint32_t first)
{
    struct rf_phrase_doc *doc = &phrase->docs[at];
    uint32_t tf = phrase->tfs[at], *starts = phrase->starts + doc->first_start, *found;
    if (word->offset_count - first == 1 &&
        rf_positions_follow(&phrase->places[at], tf, word->offsets[first], starts, &doc->start_count))
        return RIFFLE_OK;
    if (!make_room(phrase->arena, &phrase->found, &phrase->found_room, tf))
        return rf_fail_memory(phrase->error);
    riffle_status status = rf_positions_read(word->list, &phrase->places[at], tf, phrase->found, &found, phrase->error);
    for (uint32_t i = first; !status && doc->start_count && i < word->offset_count; i++)
        doc->start_count = (uint32_t)rf_kernels->follow(starts, doc->start_count, found, tf, word->offsets[i]);
    return status;
}

/* Room for the starts of all docs by the first word. */
static bool make_room_for_starts(struct rf_phrase *phrase)
{
    size_t all = 0;
    for (uint32_t i = 0; i < phrase->doc_count; i++)
        all += phrase->tfs[i] + 2 * (size_t)RF_PADDING;
    return make_room(phrase->arena, &phrase->starts, &phrase->start_room, all);
}

riffle_status rf_phrase_match(struct rf_phrase *phrase, uint32_t word)
{
    const struct rf_phrase_word *the_word = &phrase->words[word];
    riffle_status status = RIFFLE_OK;
    uint32_t kept = 0, count = phrase->doc_count, first = !word; /* of the word's offsets, the first that is not a start already */
    if (!word && !make_room_for_starts(phrase))
        return rf_fail_memory(phrase->error);
    for (uint32_t i = 0; !status && i < count; i++) {
        struct rf_phrase_doc *doc = &phrase->docs[i];
        if (!word)
            status = read_starts(phrase, i);
        if (!status && first < the_word->offset_count)
            status = keep_starts(phrase, i, the_word, first);
        doc->most = doc->start_count;
        if (kept < i)
            phrase->docs[kept] = *doc;
        kept += doc->start_count > 0;
    }
    phrase->doc_count = kept;
    return status;
}
