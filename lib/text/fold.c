/* SPDX-License-Identifier: BSD-3-Clause */
/* Kinds of characters, and folding: NFKC, full case folding, no marks on Latin and Greek letters. */
#include <pthread.h>
#include <utf8proc.h>

#include "text/fold.h"

/* ---- Kinds ---- */

struct range {
    uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t codepoint)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (codepoint > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && codepoint >= ranges[low].first;
}

/* Whole blocks, so that a newer Unicode that fills their gaps changes nothing. */
static const struct range cjk_ranges[] = {
    {0x1100, 0x11FF},   /* Hangul jamo */
    {0x3005, 0x3007},   /* 々 〆 〇 */
    {0x3021, 0x3029},   /* Hangzhou numerals */
    {0x3038, 0x303C},   /* more of them, 〻, 〼 */
    {0x3041, 0x3096},   /* Hiragana */
    {0x309D, 0x309F},   /* its iteration marks */
    {0x30A1, 0x30FA},   /* Katakana, without the middle dot */
    {0x30FC, 0x30FF},   /* the long vowel and iteration marks */
    {0x3131, 0x318E},   /* Hangul compatibility jamo */
    {0x31F0, 0x31FF},   /* small Katakana */
    {0x3400, 0x4DBF},   /* Han, extension A */
    {0x4E00, 0x9FFF},   /* Han */
    {0xA960, 0xA97F},   /* Hangul jamo, extension A */
    {0xAC00, 0xD7FF},   /* Hangul syllables; jamo, extension B */
    {0xF900, 0xFAFF},   /* Han, compatibility */
    {0xFF66, 0xFF9D},   /* half-width Katakana */
    {0xFFA1, 0xFFDC},   /* half-width Hangul */
    {0x1AFF0, 0x1B16F}, /* Kana extensions and supplement */
    {0x20000, 0x3FFFD}, /* Han, extensions B and on: the two planes that are kept for it */
};

/*
 * Letters and numbers by category whose compatibility form holds something else, as ½ = 1⁄2 and ⑴ = (1): folding them within
 * a word would make terms that no text could give again, so they separate. The Arabic ones stand for a mark on a blank or for
 * whole phrases.
 */
static const struct range symbol_ranges[] = {
    {0x00BC, 0x00BE}, {0x02BC, 0x02BC}, {0x037A, 0x037A}, {0x2150, 0x215F}, {0x2189, 0x2189}, {0x2474, 0x249B},
    {0x3220, 0x3229}, {0xFC5E, 0xFC63}, {0xFDFA, 0xFDFB}, {0xFE70, 0xFE70}, {0xFE72, 0xFE72}, {0xFE74, 0xFE74},
    {0xFE76, 0xFE76}, {0xFE78, 0xFE78}, {0xFE7A, 0xFE7A}, {0xFE7C, 0xFE7C}, {0xFE7E, 0xFE7E}, {0x1F100, 0x1F10A},
};

#define IN_RANGES(ranges, codepoint) in_ranges(ranges, sizeof ranges / sizeof ranges[0], codepoint)

bool rf_is_cjk(uint32_t codepoint) { return codepoint >= 0x1100 && IN_RANGES(cjk_ranges, codepoint); }

static enum rf_kind kind_by_category(uint32_t codepoint)
{
    if (codepoint > 0x10FFFF || codepoint == 0x200B) /* the zero-width space is there to separate words */
        return RF_OTHER;
    if (codepoint == 0xFF9E || codepoint == 0xFF9F) /* half-width voicing marks: letters by category, marks by what they do */
        return RF_MARK;
    if (codepoint == 0x345) /* the Greek iota below, a mark by category, a letter by its fold */
        return RF_LETTER;
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)codepoint);
    if (property->ignorable)
        return RF_IGNORABLE;
    if (rf_is_cjk(codepoint))
        return RF_CJK;
    switch (property->category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return IN_RANGES(symbol_ranges, codepoint) ? RF_OTHER : RF_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return IN_RANGES(symbol_ranges, codepoint) ? RF_OTHER : RF_DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return RF_MARK;
    default:
        return RF_OTHER;
    }
}

enum rf_kind rf_kind_of(uint32_t codepoint)
{
    if (codepoint < 0x80) {
        uint32_t lower = codepoint | 0x20;
        return lower - 'a' < 26 ? RF_LETTER : codepoint - '0' < 10 ? RF_DIGIT : RF_OTHER;
    }
    if (codepoint < RF_CHARACTERS)
        return (enum rf_kind)(rf_character(codepoint)->kind & RF_KIND_MASK);
    return kind_by_category(codepoint);
}

bool rf_is_word_character(uint32_t codepoint)
{
    enum rf_kind kind = rf_kind_of(codepoint);
    return kind != RF_OTHER && kind != RF_IGNORABLE;
}

/* ---- Folding ---- */

static bool is_latin_or_greek(int32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z';
    return (c >= 0xC0 && c <= 0x2AF && c != 0xD7 && c != 0xF7) || (c >= 0x370 && c <= 0x3FF) || (c >= 0x1D00 && c <= 0x1DBF) ||
           (c >= 0x1E00 && c <= 0x1FFF) || (c >= 0x2C60 && c <= 0x2C7F) || (c >= 0xA722 && c <= 0xA7FF) ||
           (c >= 0xAB30 && c <= 0xAB6F);
}

/* Latin letters that Unicode does not decompose, as those who lack them on their keyboard write them. Lower case only. */
static const char *plain_latin(int32_t c)
{
    switch (c) {
    case 0xE6:
        return "ae";
    case 0x153:
        return "oe";
    case 0xFE:
        return "th";
    case 0x180:
    case 0x253:
        return "b";
    case 0x188:
    case 0x23C:
        return "c";
    case 0xF0:
    case 0x111:
    case 0x18C:
    case 0x256:
    case 0x257:
        return "d";
    case 0x247:
        return "e";
    case 0x192:
        return "f";
    case 0x1E5:
    case 0x260:
        return "g";
    case 0x127:
        return "h";
    case 0x131:
    case 0x268:
        return "i";
    case 0x249:
        return "j";
    case 0x138:
    case 0x199:
        return "k";
    case 0x13F:
    case 0x140:
    case 0x142:
    case 0x19A:
        return "l"; /* ŀ would decompose to l and a middle dot */
    case 0x149:
    case 0x14B:
    case 0x19E:
    case 0x272:
        return "n"; /* ŉ to an apostrophe and n */
    case 0xF8:
        return "o";
    case 0x1A5:
        return "p";
    case 0x24D:
        return "r";
    case 0x167:
    case 0x1AD:
    case 0x2C66:
        return "t";
    case 0x289:
        return "u";
    case 0x1B4:
    case 0x24F:
        return "y";
    case 0x1B6:
    case 0x225:
        return "z";
    case 0x2C65:
        return "a";
    default:
        return NULL;
    }
}

void rf_folder_init(struct rf_folder *folder, void (*emit)(void *context, const char *bytes, size_t n), void *context)
{
    folder->count = folder->marks = 0;
    folder->strip = false;
    folder->emit = emit;
    folder->context = context;
}

void rf_folder_flush(struct rf_folder *folder)
{
    utf8proc_uint8_t bytes[(RF_FOLDER_PENDING + 1) * 4];
    utf8proc_ssize_t count = folder->count, size = 0;
    if (!count)
        return;
    if (count > 1) /* STABLE: compositions that NFC excludes stay apart */
        count = utf8proc_normalize_utf32(folder->pending, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    for (utf8proc_ssize_t i = 0; i < count; i++)
        size += utf8proc_encode_char(folder->pending[i], bytes + size);
    folder->count = folder->marks = 0;
    folder->emit(folder->context, (const char *)bytes, (size_t)size);
}

/* Does this jamo make a syllable with what waits? Vowels (V) join a leading consonant (L), trailing ones (T) L and V. */
static bool joins_syllable(const struct rf_folder *folder, int32_t c)
{
    int32_t first = folder->pending[0];
    bool first_is_l = first >= 0x1100 && first <= 0x1112;
    if (c >= 0x1161 && c <= 0x1175)
        return folder->count == 1 && first_is_l;
    if (c >= 0x11A8 && c <= 0x11C2)
        return folder->count == 2 && first_is_l && folder->pending[1] >= 0x1161 && folder->pending[1] <= 0x1175;
    return false;
}

static void put_mark(struct rf_folder *folder, int32_t c, unsigned class)
{
    if (folder->strip)
        return;
    if (folder->count == RF_FOLDER_PENDING)
        rf_folder_flush(folder);
    if (!class) {
        folder->pending[folder->count++] = c;
        folder->marks = 0;
        return;
    }
    /* Unicode's stream-safe text has at most 30 marks in a row; more is noise, and would cost the square of its length. */
    if (folder->marks == 30)
        return;
    unsigned at = folder->count;
    for (unsigned left = folder->marks; left; left--, at--) {
        if ((unsigned)utf8proc_get_property(folder->pending[at - 1])->combining_class <= class)
            break;
        folder->pending[at] = folder->pending[at - 1];
    }
    folder->pending[at] = c;
    folder->count++, folder->marks++;
}

static void put_decomposed(struct rf_folder *folder, int32_t c)
{
    const utf8proc_property_t *property = utf8proc_get_property(c);
    if (property->category == UTF8PROC_CATEGORY_MN || property->category == UTF8PROC_CATEGORY_MC ||
        property->category == UTF8PROC_CATEGORY_ME) {
        put_mark(folder, c, (unsigned)property->combining_class);
        return;
    }
    if (!folder->count || !joins_syllable(folder, c))
        rf_folder_flush(folder);
    folder->strip = is_latin_or_greek(c);
    const char *plain = plain_latin(c);
    if (!plain) {
        folder->pending[folder->count++] = c;
        return;
    }
    for (; *plain; plain++)
        folder->pending[folder->count++] = *plain;
}

void rf_folder_put(struct rf_folder *folder, uint32_t codepoint)
{
    utf8proc_int32_t parts[32]; /* the longest, U+FDFA, has 18 */
    int boundary;
    int32_t c = (int32_t)codepoint;
    if (plain_latin(c)) {
        put_decomposed(folder, c);
        return;
    }
    utf8proc_ssize_t count = utf8proc_decompose_char(
        c, parts, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    if (count > 32)
        count = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        if (parts[i] == ' ') { /* ¨ is a blank and a diaeresis: such symbols stay what they are */
            parts[0] = c, count = 1;
            break;
        }
    }
    for (utf8proc_ssize_t i = 0; i < count; i++)
        put_decomposed(folder, parts[i]);
}

/* ---- The table ---- */

struct rf_characters rf_characters;
static pthread_mutex_t building = PTHREAD_MUTEX_INITIALIZER;

static void emit_entry(void *context, const char *bytes, size_t n)
{
    struct rf_character *entry = context;
    if (entry->length + n > RF_CHARACTER_BYTES) {
        entry->kind |= RF_FOLDS_WITH;
        return;
    }
    memcpy(entry->bytes + entry->length, bytes, n);
    entry->length = (uint8_t)(entry->length + n);
}

static void build_row(uint32_t row)
{
    for (uint32_t c = row * RF_CHARACTER_ROW; c < (row + 1) * RF_CHARACTER_ROW; c++) {
        struct rf_character *entry = &rf_characters.list[c];
        enum rf_kind kind = kind_by_category(c);
        entry->kind = (uint8_t)kind;
        if (kind == RF_OTHER || kind == RF_IGNORABLE || kind == RF_CJK)
            continue;
        struct rf_folder folder;
        rf_folder_init(&folder, emit_entry, entry);
        rf_folder_put(&folder, c);
        bool strip = folder.strip;
        rf_folder_flush(&folder);
        if (kind != RF_MARK) {
            uint32_t first = 0;
            rf_utf8_next(entry->bytes, entry->bytes + entry->length, &first);
            entry->kind |= (strip ? RF_FOLDS_TO_BASE : 0) | (kind_by_category(first) == RF_MARK ? RF_STARTS_MARK : 0);
            continue;
        }
        const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)c);
        utf8proc_uint8_t own[4];
        utf8proc_ssize_t own_length = utf8proc_encode_char((utf8proc_int32_t)c, own);
        if (property->combining_class)
            entry->kind |= RF_REORDERS;
        /* As in utf8proc's own composing: from 0x8000 on the index stands for the second of a pair. */
        if ((property->comb_index != UINT16_MAX && property->comb_index >= 0x8000) || entry->length != own_length ||
            memcmp(entry->bytes, own, (size_t)own_length) != 0)
            entry->kind |= RF_FOLDS_WITH;
    }
}

void rf_characters_build(uint32_t row)
{
    pthread_mutex_lock(&building);
    if (!atomic_load_explicit(&rf_characters.built[row], memory_order_relaxed)) {
        build_row(row);
        atomic_store_explicit(&rf_characters.built[row], true, memory_order_release);
    }
    pthread_mutex_unlock(&building);
}

/* ---- Whole values ---- */

static void emit_to_buffer(void *context, const char *bytes, size_t n) { rf_buffer_append(context, bytes, n); }

bool rf_is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

void rf_fold(struct rf_buffer *out, const char *text, size_t n)
{
    struct rf_folder folder;
    const char *end = text + n;
    bool blank = false, any = false;
    rf_folder_init(&folder, emit_to_buffer, out);
    while (text < end) {
        uint32_t c;
        text = rf_decode(text, end, &c);
        if (rf_is_space(c)) {
            blank = any;
            continue;
        }
        if (blank) {
            rf_folder_flush(&folder);
            rf_buffer_append_byte(out, ' ');
            folder.strip = blank = false;
        }
        any = true;
        if (c < 0x80) {
            rf_folder_flush(&folder);
            uint32_t lower = c - 'A' < 26 ? c | 0x20 : c;
            folder.strip = lower - 'a' < 26;
            if (folder.strip || text == end || (uint8_t)*text < 0x80)
                rf_buffer_append_byte(out, (uint8_t)lower);
            else /* a mark behind it may compose with it, as with the sign < */
                folder.pending[folder.count++] = (int32_t)lower;
        } else {
            rf_folder_put(&folder, c);
        }
    }
    rf_folder_flush(&folder);
}
