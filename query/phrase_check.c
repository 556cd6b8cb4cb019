/* SPDX-License-Identifier: BSD-3-Clause */
/* Phrases by positions: the rarest word's first, and only as long as a start is left; phrase_check.h. */
#include "query/phrase_check.h"

/* Goes to a posting by its number. */
static riffle_status go_to(struct rf_phrase_word *word, uint32_t ordinal, riffle_error *error)
{
    const struct rf_list *list = &word->postings->list;
    bool again = word->block.number == ordinal / RF_BLOCK;
    word->at = ordinal % RF_BLOCK;
    if (!again) {
        word->has_tfs = false;
        riffle_status status = rf_batch_block(list, ordinal, &word->block, error);
        if (!status)
            status = rf_list_tf_and_place(list, &word->block, word->at, &word->tf, &word->place, error);
        word->place_at = word->at;
        return status;
    }
    riffle_status status = rf_batch_block(list, ordinal, &word->block, error);
    if (!status && !word->has_tfs)
        status = rf_list_tfs(list, &word->block, word->tfs, error);
    word->has_tfs = !status;
    word->tf = word->tfs[word->at];
    return status;
}

/* The positions of the posting at hand. */
static riffle_status read_positions(struct rf_phrase_word *word, uint32_t *positions, riffle_error *error)
{
    const struct rf_list *list = &word->postings->list;
    riffle_status status = RIFFLE_OK;
    if (word->place_at > word->at) /* cannot be, but for damage */
        status = rf_list_place(list, &word->block, word->at, &word->place, error);
    for (uint32_t i = word->place_at; i < word->at; i++)
        word->place.skip += word->tfs[i];
    if (!status)
        status = rf_list_read_positions(list, &word->place, word->tf, positions, error);
    word->place_at = word->at + 1;
    return status;
}

void rf_phrase_prefetch(const struct rf_phrase *phrase, uint32_t seat)
{
    for (uint32_t i = 0; i < phrase->word_count; i++)
        rf_list_prefetch(&phrase->words[i].postings->list, phrase->words[i].ordinals[seat] / RF_BLOCK);
}

riffle_status rf_phrase_seek(struct rf_phrase *phrase, uint32_t seat, uint32_t *most)
{
    *most = UINT32_MAX;
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        struct rf_phrase_word *word = &phrase->words[i];
        riffle_status status = go_to(word, word->ordinals[seat], phrase->error);
        if (status)
            return status;
        *most = word->tf < *most ? word->tf : *most;
    }
    return RIFFLE_OK;
}

static bool make_room(struct rf_phrase *phrase, uint32_t tf)
{
    if (tf <= phrase->room)
        return true;
    size_t room = phrase->room ? phrase->room : 128;
    while (room < tf)
        room *= 2;
    uint32_t *starts = rf_arena_array(phrase->arena, room + RF_PADDING, sizeof *starts);
    uint32_t *positions = rf_arena_array(phrase->arena, room + RF_PADDING, sizeof *positions);
    if (!starts || !positions)
        return false;
    if (phrase->room)
        memcpy(starts, phrase->starts, phrase->room * sizeof *starts);
    phrase->starts = starts;
    phrase->positions = positions;
    phrase->room = room;
    return true;
}

riffle_status rf_phrase_count(struct rf_phrase *phrase, uint32_t *tf)
{
    size_t count = 0;
    *tf = 0;
    for (uint32_t i = 0; i < phrase->word_count; i++) {
        struct rf_phrase_word *word = &phrase->words[i];
        if (!make_room(phrase, word->tf))
            return rf_fail_memory(phrase->error);
        riffle_status status = read_positions(word, phrase->positions, phrase->error);
        if (status)
            return status;
        uint32_t first = 0;
        if (!i) {
            uint32_t offset = word->offsets[first++];
            for (uint32_t j = 0; j < word->tf; j++) {
                phrase->starts[count] = phrase->positions[j] - offset;
                count += phrase->positions[j] >= offset;
            }
        }
        for (uint32_t j = first; count && j < word->offset_count; j++)
            count = rf_kernels->follow(phrase->starts, count, phrase->positions, word->tf, word->offsets[j]);
        if (!count)
            return RIFFLE_OK;
    }
    *tf = (uint32_t)count;
    return RIFFLE_OK;
}
