/* SPDX-License-Identifier: BSD-3-Clause */
/* Searching and walking the dictionary; dictionary.h has the bytes. */
#include "store/dictionary.h"

#include "store/codec.h"

static riffle_status corrupt(const struct rf_segment *segment, const uint8_t *where, riffle_error *error)
{
    return rf_fail(error, RIFFLE_CORRUPT, "%s.terms: byte %llu: bad dictionary entry", segment->name,
                   (unsigned long long)(where - segment->terms.map.data));
}

static uint64_t block_count(const struct rf_segment *segment) { return segment->term_index.size / 8 - 1; }

/* Where a block starts and ends. false: the index is damaged here. */
static bool block_bounds(const struct rf_segment *segment, uint64_t block, const uint8_t **start, const uint8_t **end)
{
    const uint8_t *index = segment->term_index.data + block * 8;
    uint64_t from = rf_load64(index), to = rf_load64(index + 8);
    if (from > to || to > segment->term_blocks.size)
        return false;
    *start = segment->term_blocks.data + from;
    *end = segment->term_blocks.data + to;
    return true;
}

/*
 * Varints in a window of 8 bytes, without a branch for how long each is, which is not to be foreseen: `ends` has a bit for each last byte, and behind
 * the first `n` of them the next one starts. What a window does not hold is read byte by byte.
 */
static uint64_t ends_in(uint64_t window) { return ~window & 0x8080808080808080u; }

/* The value of the varint that ends at the lowest bit of `ends`, and starts at bit `start`. */
static uint64_t value_in(uint64_t window, uint64_t ends, unsigned start)
{
    uint64_t v = (window & (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fu) >> start;
    v = (v & 0x007f007f007f007fu) | (v & 0x7f007f007f007f00u) >> 1;
    v = (v & 0x00003fff00003fffu) | (v & 0x3fff00003fff0000u) >> 2;
    return (v & 0x000000000fffffffu) | (v & 0x0fffffff00000000u) >> 4;
}

/* Behind the byte that the lowest bit of `ends` stands for: in bits. */
static unsigned behind(uint64_t ends) { return (unsigned)__builtin_ctzll(ends) + 1; }

/* The same as rf_get_varint, where long ones are to be expected. */
static const uint8_t *get_long_varint(const uint8_t *p, const uint8_t *end, uint64_t *value)
{
    if (!p || end - p < 8)
        return rf_get_varint(p, end, value);
    uint64_t window = rf_load64(p), ends = ends_in(window);
    if (!ends)
        return rf_get_varint(p, end, value);
    *value = value_in(window, ends, 0);
    return p + behind(ends) / 8;
}

/* Stands before the first entry of a block. */
static riffle_status enter_block(struct rf_dictionary_walk *walk, uint64_t block, riffle_error *error)
{
    const struct rf_segment *segment = walk->segment;
    walk->block = block;
    if (!block_bounds(segment, block, &walk->at, &walk->end))
        return corrupt(segment, segment->term_index.data + block * 8, error);
    uint64_t before = block * RF_DICTIONARY_BLOCK, left = segment->term_count - before;
    walk->left = left < RF_DICTIONARY_BLOCK ? (unsigned)left : RF_DICTIONARY_BLOCK;
    walk->length = 0;
    const uint8_t *start = walk->at;
    walk->at = get_long_varint(walk->at, walk->end, &walk->docs_at);
    walk->at = get_long_varint(walk->at, walk->end, &walk->positions_at);
    return walk->at ? RIFFLE_OK : corrupt(segment, start, error);
}

static const uint8_t *read_alias(struct rf_dictionary_walk *walk, const uint8_t *p, uint64_t drop)
{
    uint64_t added;
    p = rf_get_varint(p, walk->end, &added);
    if (!p || walk->length < 2 || drop >= walk->length || added > (uint64_t)(walk->end - p))
        return NULL;
    size_t kept = walk->length - 1 - (size_t)drop;
    if (kept + added > sizeof walk->surface || kept + added == 0)
        return NULL;
    memcpy(walk->surface, walk->term + 1, kept);
    memcpy(walk->surface + kept, p, (size_t)added);
    walk->surface_length = kept + (size_t)added;
    return p + added;
}

static const uint8_t *read_info(struct rf_dictionary_walk *walk, const uint8_t *p)
{
    struct rf_term *info = &walk->info;
    uint64_t code, extra = 0;
    p = rf_get_varint(p, walk->end, &code);
    walk->is_alias = p && (code & 3) == RF_ENTRY_ALIAS;
    if (walk->is_alias)
        return read_alias(walk, p, code >> 2);
    *info = (struct rf_term){.docs_at = walk->docs_at, .positions_at = walk->positions_at};
    if (!p || (code & 3) > RF_ENTRY_STEM || code >> 2 == 0 || code >> 2 > walk->segment->doc_count)
        return NULL;
    info->df = (uint32_t)(code >> 2);
    info->has_positions = (code & 3) == RF_ENTRY_POSITIONS;
    if (info->has_positions) {
        p = rf_get_varint(p, walk->end, &extra);
        info->cf = info->df + extra;
    }
    if (info->df > 1)
        p = rf_get_varint(p, walk->end, &info->docs_bytes);
    else
        p = rf_get_varint32(p, walk->end, &info->single_doc);
    if (!info->has_positions) {
        if (info->df == 1)
            p = rf_get_varint32(p, walk->end, &info->single_tf);
    } else if (info->cf == 1) {
        p = rf_get_varint32(p, walk->end, &info->single_position);
        info->single_tf = 1;
    } else {
        p = rf_get_varint(p, walk->end, &info->positions_bytes);
        /* A byte of positions holds at most RF_POSITIONS of them, so cf is bounded by the file. */
        if (!p || info->positions_bytes > walk->segment->position_data.size || info->cf < info->df ||
            info->cf / RF_POSITIONS > info->positions_bytes || info->cf > UINT32_MAX * (uint64_t)info->df)
            return NULL;
        if (info->df == 1)
            info->single_tf = (uint32_t)info->cf;
    }
    if (!p || (info->df == 1 && (!info->single_tf || info->single_doc >= walk->segment->doc_count)))
        return NULL;
    walk->docs_at += info->docs_bytes;
    walk->positions_at += info->positions_bytes;
    return p;
}

/* Reads the next entry's term into walk->term, which holds the one before; returns behind it. */
static const uint8_t *read_term(struct rf_dictionary_walk *walk)
{
    uint64_t shared, added;
    const uint8_t *p = rf_get_varint(walk->at, walk->end, &shared);
    p = rf_get_varint(p, walk->end, &added);
    if (!p || shared > walk->length || added > (uint64_t)(walk->end - p) || added > sizeof walk->term - shared)
        return NULL;
    memcpy(walk->term + shared, p, (size_t)added);
    walk->length = (size_t)(shared + added);
    return p + added;
}

riffle_status rf_dictionary_walk_next(struct rf_dictionary_walk *walk, bool *found, riffle_error *error)
{
    *found = false;
    if (!walk->left) {
        if (walk->block + 1 >= walk->blocks)
            return RIFFLE_OK;
        riffle_status status = enter_block(walk, walk->block + 1, error);
        if (status)
            return status;
    }
    const uint8_t *start = walk->at, *p = read_term(walk);
    if (p)
        p = read_info(walk, p);
    if (!p)
        return corrupt(walk->segment, start, error);
    walk->at = p;
    walk->left--;
    *found = true;
    return RIFFLE_OK;
}

/* The first term of a block, without copying: *term is NULL where it is damaged. */
static void first_term(const struct rf_segment *segment, uint64_t block, const char **term, size_t *n)
{
    const uint8_t *p, *end;
    uint64_t value, added = 0;
    if (!block_bounds(segment, block, &p, &end))
        p = end = NULL;
    p = rf_get_varint(p, end, &value);
    p = rf_get_varint(p, end, &value);
    p = rf_get_varint(p, end, &value);
    p = rf_get_varint(p, end, &added);
    *term = p && added <= (uint64_t)(end - p) ? (const char *)p : NULL;
    *n = (size_t)added;
}

/* How many of `count` keys, which ascend, are no greater than this one. No branch is to be foreseen. */
static uint64_t count_keys(const uint8_t *keys, uint64_t count, uint64_t key)
{
    uint64_t from = 0;
    for (uint64_t left = count; left;) {
        uint64_t half = (left + 1) / 2;
        from += rf_load64(keys + (from + half - 1) * 8) <= key ? half : 0;
        left -= half;
    }
    return from;
}

/* The group that blocks with keys up to this one end in, of which there is one. Memory is asked for what comes of it next. */
static uint64_t find_group(const struct rf_segment *segment, uint64_t key)
{
    uint64_t tops = count_keys(segment->term_tops.data, segment->term_tops.size / 8, key), group = tops - (tops > 0);
    size_t at = (size_t)group * RF_DICTIONARY_GROUP * 8;
    for (size_t line = 0; line <= RF_DICTIONARY_GROUP * 8; line += 64) {
        __builtin_prefetch(segment->term_keys.data + at + line);
        __builtin_prefetch(segment->term_index.data + at + line);
    }
    return group;
}

/* How many blocks have a key no greater than this one. */
static uint64_t count_blocks(const struct rf_segment *segment, uint64_t key, uint64_t group)
{
    uint64_t first = group * RF_DICTIONARY_GROUP, left = block_count(segment) - first;
    return first + count_keys(segment->term_keys.data + first * 8, left < RF_DICTIONARY_GROUP ? left : RF_DICTIONARY_GROUP, key);
}

/* The last block whose first term is not greater than the term, else the first: there is one. `high` blocks have a key no greater than its. */
static riffle_status find_block(const struct rf_segment *segment, const char *term, size_t n, uint64_t key, uint64_t high,
                                uint64_t *block, riffle_error *error)
{
    const uint8_t *keys = segment->term_keys.data;
    *block = high ? high - 1 : 0;
    if (!high || rf_load64(keys + *block * 8) != key)
        return RIFFLE_OK;
    /* What blocks of the same key start with must be compared as a whole: the block wanted is in [low, high). */
    uint64_t low = key ? count_keys(keys, high, key - 1) : 0;
    low -= low > 0;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        const char *first;
        size_t length;
        first_term(segment, middle, &first, &length);
        if (!first)
            return corrupt(segment, segment->term_index.data + middle * 8, error);
        if (rf_compare(first, length, term, n) <= 0)
            low = middle;
        else
            high = middle;
    }
    *block = low;
    return RIFFLE_OK;
}

riffle_status rf_dictionary_walk_from(struct rf_dictionary_walk *walk, const struct rf_segment *segment, const char *from, size_t n,
                                      bool *found, riffle_error *error)
{
    walk->segment = segment;
    walk->blocks = block_count(segment);
    walk->left = 0;
    *found = false;
    if (!walk->blocks)
        return RIFFLE_OK;
    uint64_t block, key = rf_dictionary_key(from, n), high = count_blocks(segment, key, find_group(segment, key));
    riffle_status status = find_block(segment, from, n, key, high, &block, error);
    if (!status)
        status = enter_block(walk, block, error);
    do {
        if (!status)
            status = rf_dictionary_walk_next(walk, found, error);
    } while (!status && *found && rf_compare(walk->term, walk->length, from, n) < 0);
    return status;
}

/* Passes over what follows a term, but for the places of its lists: whatever there is. */
static __attribute__((noinline)) const uint8_t *skip_any_info(struct rf_dictionary_walk *walk, const uint8_t *p)
{
    uint64_t code, first = 0, second = 0, extra = 1;
    p = rf_get_varint(p, walk->end, &code);
    if (!p || (code & 3) > RF_ENTRY_ALIAS)
        return NULL;
    if ((code & 3) == RF_ENTRY_ALIAS) {
        p = rf_get_varint(p, walk->end, &first);
        return p && first <= (uint64_t)(walk->end - p) ? p + first : NULL;
    }
    bool has_positions = (code & 3) == RF_ENTRY_POSITIONS, is_single = code >> 2 == 1;
    if (has_positions)
        p = rf_get_varint(p, walk->end, &extra);
    p = rf_get_varint(p, walk->end, &first);
    if (has_positions || is_single)
        p = rf_get_varint(p, walk->end, &second);
    walk->docs_at += is_single ? 0 : first;
    walk->positions_at += has_positions && !(is_single && extra == 0) ? second : 0;
    return p;
}

/* The same; nearly all are of words, and short. */
static inline const uint8_t *skip_info(struct rf_dictionary_walk *walk, const uint8_t *p)
{
    uint64_t window = rf_load64(p), first = ends_in(window), second = first & (first - 1), third = second & (second - 1),
             fourth = third & (third - 1);
    if (!fourth || (window & 3) != RF_ENTRY_POSITIONS || walk->end - p < 8)
        return skip_any_info(walk, p);
    bool is_single = (window & 0xff) == 1 << 2, has_one_position = (window & 0xffff) == 1 << 2;
    walk->docs_at += value_in(window, third, behind(second)) & ((uint64_t)is_single - 1);
    walk->positions_at += value_in(window, fourth, behind(third)) & ((uint64_t)has_one_position - 1);
    return p + behind(fourth) / 8;
}

/* How many bytes an entry's term has in common with the one before, and how many follow. NULL: it is damaged. */
static __attribute__((noinline)) const uint8_t *read_any_head(const uint8_t *p, const uint8_t *end, uint64_t *shared,
                                                              uint64_t *added)
{
    p = rf_get_varint(p, end, shared);
    p = rf_get_varint(p, end, added);
    return p && *added <= (uint64_t)(end - p) ? p : NULL;
}

static inline const uint8_t *read_head(const uint8_t *p, const uint8_t *end, uint64_t *shared, uint64_t *added)
{
    if (end - p < 2 || (p[0] | p[1]) & 0x80 || end - p - 2 < p[1])
        return read_any_head(p, end, shared, added);
    *shared = p[0];
    *added = p[1];
    return p + 2;
}

/* How many of the first `most` bytes are equal. 8 of both can be read, whatever `most` is. */
static size_t count_equal(const uint8_t *a, const uint8_t *b, size_t most)
{
    uint64_t difference = rf_load64(a) ^ rf_load64(b);
    size_t equal = difference ? (size_t)__builtin_ctzll(difference) / 8 : 8;
    while (equal >= 8 && equal < most && a[equal] == b[equal])
        equal++;
    return equal < most ? equal : most;
}

static bool is_alias_at(const struct rf_dictionary_walk *walk, const uint8_t *info)
{
    return info < walk->end && (*info & 3) == RF_ENTRY_ALIAS;
}

/*
 * Looks for one term alone, behind which there are zeros. No term is put together: of the one before it is known that it is less, and how many
 * bytes it has in common with the one wanted; so the next one is less too where it shares more with it, greater where it shares fewer, and else
 * its own bytes tell.
 */
static riffle_status find_entry(struct rf_dictionary_walk *walk, const struct rf_segment *segment, uint64_t block, const char *term,
                                size_t n, bool *found, riffle_error *error)
{
    walk->segment = segment;
    walk->blocks = block_count(segment);
    *found = false;
    uint64_t shared, added;
    riffle_status status = enter_block(walk, block, error);
    for (size_t common = 0; !status && walk->left; walk->left--) {
        const uint8_t *start = walk->at, *bytes = read_head(start, walk->end, &shared, &added);
        if (!bytes)
            return corrupt(segment, start, error);
        if (shared < common)
            return RIFFLE_OK;
        size_t equal = count_equal(bytes, (const uint8_t *)term + common, added < n - common ? added : n - common);
        /* No branches: how terms compare is not to be foreseen. */
        bool differs = bytes[equal] > (uint8_t)term[common + equal], ends = equal == n - common;
        bool tells = shared == common, greater = (equal < added) & (ends | differs), here = (equal == added) & ends;
        if (tells & (greater | here)) {
            if (!here)
                return RIFFLE_OK;
            if (is_alias_at(walk, bytes + added)) { /* what it stands for is told by what the term is */
                memcpy(walk->term, term, n);
                walk->length = n;
            }
            if (!read_info(walk, bytes + added))
                return corrupt(segment, start, error);
            *found = true;
            return RIFFLE_OK;
        }
        common += equal & -(size_t)tells;
        walk->at = skip_info(walk, bytes + added);
        if (!walk->at)
            return corrupt(segment, start, error);
    }
    return status;
}

static riffle_status find_some(const struct rf_segment *segment, struct rf_lookup *lookups, size_t count, bool with_aliases,
                               riffle_error *error);

/* A term with anything behind it. */
static riffle_status find_one(const struct rf_segment *segment, const char *term, size_t n, bool with_aliases, bool *found,
                              struct rf_term *out, riffle_error *error)
{
    char copy[RF_KEY_MAX + RF_ZEROS_BEHIND];
    struct rf_lookup lookup = {.term = copy, .n = n, .out = out};
    *found = false;
    if (n > RF_KEY_MAX)
        return RIFFLE_OK;
    memcpy(copy, term, n);
    memset(copy + n, 0, RF_ZEROS_BEHIND);
    riffle_status status = find_some(segment, &lookup, 1, with_aliases, error);
    *found = lookup.found;
    return status;
}

static riffle_status follow_alias(const struct rf_dictionary_walk *walk, struct rf_term *out, riffle_error *error)
{
    bool found;
    riffle_status status = find_one(walk->segment, walk->surface, walk->surface_length, false, &found, out, error);
    if (!status && !found)
        status = rf_fail(error, RIFFLE_CORRUPT, "%s.terms: alias to a term that is not there", walk->segment->name);
    return status;
}

/* Asks the memory for a block, once it is known where it lies. */
static void prefetch_block(const struct rf_segment *segment, uint64_t block)
{
    enum { LINES = 4 }; /* as long as most blocks are */
    const uint8_t *start, *end;
    if (block_bounds(segment, block, &start, &end))
        for (unsigned line = 0; line < LINES; line++)
            __builtin_prefetch(start + 64 * line);
}

/* A surface form is never an alias: one step, whatever a damaged file says. */
static riffle_status find_some(const struct rf_segment *segment, struct rf_lookup *lookups, size_t count, bool with_aliases,
                               riffle_error *error)
{
    uint64_t keys[RF_TOGETHER], groups[RF_TOGETHER], blocks[RF_TOGETHER];
    riffle_status status = RIFFLE_OK;
    for (size_t i = 0; i < count; i++)
        lookups[i].found = false;
    if (!block_count(segment))
        return RIFFLE_OK;
    for (size_t i = 0; i < count; i++) {
        keys[i] = __builtin_bswap64(rf_load64((const uint8_t *)lookups[i].term)); /* as rf_dictionary_key does */
        groups[i] = find_group(segment, keys[i]);
    }
    for (size_t i = 0; !status && i < count; i++) {
        uint64_t high = count_blocks(segment, keys[i], groups[i]);
        status = find_block(segment, lookups[i].term, lookups[i].n, keys[i], high, &blocks[i], error);
        if (!status)
            prefetch_block(segment, blocks[i]);
    }
    for (size_t i = 0; !status && i < count; i++) {
        struct rf_lookup *lookup = &lookups[i];
        struct rf_dictionary_walk walk;
        if (lookup->n > RF_KEY_MAX)
            continue;
        status = find_entry(&walk, segment, blocks[i], lookup->term, lookup->n, &lookup->found, error);
        if (!status && lookup->found && walk.is_alias)
            lookup->found = with_aliases, status = with_aliases ? follow_alias(&walk, lookup->out, error) : RIFFLE_OK;
        else if (!status && lookup->found)
            *lookup->out = walk.info;
    }
    return status;
}

riffle_status rf_segment_find_some(const struct rf_segment *segment, struct rf_lookup *lookups, size_t count, riffle_error *error)
{
    riffle_status status = find_some(segment, lookups, count, true, error);
    for (size_t i = 0; !status && i < count; i++)
        if (lookups[i].stem_is_fixed && !lookups[i].found)
            status = rf_segment_find(segment, lookups[i].term + 1, lookups[i].n - 1, &lookups[i].found, lookups[i].out, error);
    return status;
}

riffle_status rf_segment_find(const struct rf_segment *segment, const char *term, size_t n, bool *found, struct rf_term *out,
                              riffle_error *error)
{
    return find_one(segment, term, n, true, found, out, error);
}

riffle_status rf_segment_walk_terms(const struct rf_segment *segment, const char *from, size_t n, rf_term_visitor *visit,
                                    void *context, riffle_error *error)
{
    struct rf_dictionary_walk walk;
    bool found, behind_pairs = false;
    riffle_status status = rf_dictionary_walk_from(&walk, segment, from, n, &found, error);
    while (!status && found) {
        if (walk.length && walk.term[0] == RF_PREFIX_PAIR) {
            /* Pairs are no terms to others. Over them in one leap; in a damaged file it may lead back, so there is only one. */
            status = behind_pairs ? rf_dictionary_walk_next(&walk, &found, error)
                                  : rf_dictionary_walk_from(&walk, segment, (char[]){RF_PREFIX_STEM}, 1, &found, error);
            behind_pairs = true;
            continue;
        }
        if (walk.is_alias) {
            bool there;
            status = rf_segment_find(segment, walk.surface, walk.surface_length, &there, &walk.info, error);
            if (!status && !there)
                status = rf_fail(error, RIFFLE_CORRUPT, "%s.terms: alias to a term that is not there", segment->name);
        }
        if (status || visit(context, walk.term, walk.length, &walk.info))
            break;
        status = rf_dictionary_walk_next(&walk, &found, error);
    }
    return status;
}
