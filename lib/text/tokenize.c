/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts a text into tokens, folded as they are cut.
 *
 * Words of ASCII between blanks take the short way through rf_tokenize: 16 bytes are classified and folded at once. All else is
 * off that way: words with other characters, runs of Han, Kana and Hangul, and words that a hyphen, an apostrophe or a dot
 * links to the next one.
 */
#include "text/fold.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* What stands between two words that touch. POSSESSIVE can only be followed by an s that is dropped. */
enum link { LINK_NONE, LINK_HYPHEN, LINK_APOSTROPHE, LINK_DOT, LINK_POSSESSIVE };

enum {
    WINDOW = 16,
    /* Room that each step of the main loop finds behind the terms: the longest term, a window past it, a composed unit. */
    ROOM = 2 * RF_TERM_MAX + 4 * RF_FOLDER_PENDING + WINDOW
};

struct scanner {
    const char *text;
    size_t n, at;
    struct rf_tokens *tokens;
    size_t joined;
    enum link link;        /* to the word before the one at `at` */
    size_t compound_first; /* a row of words linked by hyphens and apostrophes: its first token */
    size_t compound_parts; /* its words so far */
    bool compound_letters; /* all of letters, and none in an acronym */
    size_t acronym_first;  /* a row of single letters linked by dots */
    size_t acronym_parts;
};

void rf_tokens_init(struct rf_tokens *tokens, const riffle_allocator *allocator)
{
    memset(tokens, 0, sizeof *tokens);
    rf_buffer_init(&tokens->terms, allocator);
}

void rf_tokens_release(struct rf_tokens *tokens)
{
    rf_free(tokens->terms.allocator, tokens->list);
    rf_buffer_release(&tokens->terms);
    tokens->list = NULL;
    tokens->count = tokens->capacity = tokens->positions = 0;
}

/* Room for three more tokens and ROOM more bytes of terms, whose offsets must fit 32 bits. */
static inline bool make_room(struct rf_tokens *tokens)
{
    if (tokens->count + 3 > tokens->capacity &&
        !rf_grow(tokens->terms.allocator, (void **)&tokens->list, &tokens->capacity, tokens->count + 3, sizeof *tokens->list))
        return false;
    if (tokens->terms.capacity - tokens->terms.size >= ROOM)
        return true;
    return tokens->terms.size < UINT32_MAX - ROOM && rf_buffer_reserve(&tokens->terms, ROOM);
}

/* The longest start of a folded term of at most RF_TERM_MAX bytes that ends at a character. */
static size_t cut_term(const char *term, size_t n)
{
    if (n <= RF_TERM_MAX)
        return n;
    n = RF_TERM_MAX;
    while ((term[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* Appends a token whose term, of `length` bytes, was written behind the terms. */
static inline void append_token(struct rf_tokens *tokens, size_t start, size_t end, size_t length, unsigned flags)
{
    struct rf_token *token = &tokens->list[tokens->count++];
    token->start = (uint32_t)start;
    token->end = (uint32_t)end;
    token->term = (uint32_t)tokens->terms.size;
    token->term_length = (uint16_t)length;
    token->flags = (uint16_t)flags;
    tokens->terms.size += length;
}

/* ---- Compounds, acronyms, possessives ---- */

static enum rf_kind kind_at(const struct scanner *s, size_t at, size_t *behind)
{
    if (at >= s->n)
        return RF_OTHER;
    uint32_t c;
    const char *p = rf_decode(s->text + at, s->text + s->n, &c);
    if (behind)
        *behind = (size_t)(p - s->text);
    return rf_kind_of(c);
}

static bool is_s_at(const struct scanner *s, size_t at)
{
    uint32_t c = 0;
    if (at < s->n)
        rf_decode(s->text + at, s->text + s->n, &c);
    return c == 's' || c == 'S' || c == 0xFF53 || c == 0xFF33;
}

/* The hyphen or apostrophe at `at`; *behind is where it ends. */
static enum link mark_at(const struct scanner *s, size_t at, size_t *behind)
{
    if (at >= s->n)
        return LINK_NONE;
    uint32_t c;
    *behind = (size_t)(rf_decode(s->text + at, s->text + s->n, &c) - s->text);
    switch (c) {
    case '-':
    case 0x2010: /* hyphen */
    case 0x2011: /* non-breaking hyphen */
    case 0xFF0D: /* full-width hyphen */
        return LINK_HYPHEN;
    case '\'':
    case 0x2019: /* right single quotation mark */
    case 0x02BC: /* modifier letter apostrophe */
    case 0xFF07: /* full-width apostrophe */
        return LINK_APOSTROPHE;
    default:
        return LINK_NONE;
    }
}

/* How the word that ends at `end` is linked to one that starts at *next. */
static enum link link_at(const struct scanner *s, size_t end, size_t *next)
{
    if (end < s->n && s->text[end] == '.') {
        if (mark_at(s, end + 1, next) == LINK_APOSTROPHE)
            return is_s_at(s, *next) ? LINK_POSSESSIVE : LINK_NONE;
        *next = end + 1;
        return kind_at(s, *next, NULL) == RF_LETTER ? LINK_DOT : LINK_NONE;
    }
    enum link link = mark_at(s, end, next);
    if (link != LINK_NONE) {
        enum rf_kind kind = kind_at(s, *next, NULL);
        if (kind != RF_LETTER && kind != RF_DIGIT)
            return LINK_NONE;
    }
    return link;
}

/* How many letters the token's bytes hold: 0 where there are digits among them, 2 stands for more. */
static unsigned count_letters(const struct scanner *s, const struct rf_token *token)
{
    unsigned letters = 0;
    for (size_t at = token->start; at < token->end;) {
        enum rf_kind kind = kind_at(s, at, &at);
        if (kind == RF_DIGIT)
            return 0;
        letters += kind == RF_LETTER && letters < 2;
    }
    return letters;
}

/* Puts the joined form of `parts` tokens from `first` on before them: a term that is never equal to the one at its position. */
static bool insert_joined(struct scanner *s, size_t first, size_t parts)
{
    struct rf_tokens *tokens = s->tokens;
    if (!make_room(tokens))
        return false;
    char *term = (char *)tokens->terms.data + tokens->terms.size;
    size_t length = 0;
    for (size_t i = first; i < first + parts && length <= RF_TERM_MAX; i++) {
        memcpy(term + length, rf_token_term(tokens, &tokens->list[i]), tokens->list[i].term_length);
        length += tokens->list[i].term_length;
    }
    length = cut_term(term, length);
    if (length == tokens->list[first].term_length) /* the cut left the first part alone, which is there already */
        return true;
    append_token(tokens, tokens->list[first].start, tokens->list[first + parts - 1].end, length, RF_TOKEN_JOINED);
    struct rf_token joined = tokens->list[tokens->count - 1];
    memmove(&tokens->list[first + 1], &tokens->list[first], (tokens->count - 1 - first) * sizeof joined);
    tokens->list[first] = joined;
    s->joined++;
    return true;
}

/* Ends the rows: at most one of the two is one, for a compound with an acronym in it is not made of letters only. */
static bool end_rows(struct scanner *s)
{
    bool compound = s->compound_letters && (s->compound_parts == 2 || s->compound_parts == 3);
    bool done = compound               ? insert_joined(s, s->compound_first, s->compound_parts)
                : s->acronym_parts > 1 ? insert_joined(s, s->acronym_first, s->acronym_parts)
                                       : true;
    s->compound_parts = s->acronym_parts = 0;
    s->compound_letters = false;
    return done;
}

/* Looks at what links the last token to the word before and behind it. Only called where something may. */
static bool follow_links(struct scanner *s)
{
    struct rf_tokens *tokens = s->tokens;
    struct rf_token *token = &tokens->list[tokens->count - 1];
    size_t end = token->end, next = end;
    enum link before = s->link;
    s->link = LINK_NONE;
    if ((before == LINK_APOSTROPHE || before == LINK_POSSESSIVE) && token->term_length == 1 &&
        *rf_token_term(tokens, token) == 's' && kind_at(s, end, NULL) != RF_CJK) {
        tokens->count--;
        return end_rows(s);
    }
    enum link behind = link_at(s, end, &next);
    bool linked = before != LINK_NONE && before != LINK_POSSESSIVE;
    if (!linked && behind == LINK_NONE)
        return end_rows(s);

    unsigned letters = count_letters(s, token);
    if (behind == LINK_DOT && letters != 1)
        behind = LINK_NONE;
    if (before == LINK_DOT && letters == 1) {
        s->acronym_parts++;
        s->compound_letters = false;
        s->compound_parts = 0;
    } else if (before == LINK_HYPHEN || before == LINK_APOSTROPHE) {
        if (s->acronym_parts > 1 && !end_rows(s))
            return false;
        s->compound_parts++;
        s->compound_letters = s->compound_letters && letters;
        s->acronym_first = tokens->count - 1;
        s->acronym_parts = letters == 1;
    } else {
        if (!end_rows(s))
            return false;
        s->compound_first = s->acronym_first = tokens->count - 1;
        s->compound_parts = 1;
        s->compound_letters = letters > 0;
        s->acronym_parts = letters == 1;
    }
    if (behind == LINK_NONE)
        return end_rows(s);
    s->link = behind;
    s->at = next;
    return true;
}

/* ---- Words that are not ASCII ---- */

struct word {
    char *term; /* ROOM bytes */
    size_t length;
};

static void emit_to_word(void *context, const char *bytes, size_t n)
{
    struct word *word = context;
    if (word->length <= RF_TERM_MAX) {
        memcpy(word->term + word->length, bytes, n);
        word->length += n;
    }
}

/* Folds [start, end) by the folder: the way that is always right. */
static size_t fold_any(const struct scanner *s, size_t start, size_t end, char *term)
{
    struct word word = {term, 0};
    struct rf_folder folder;
    rf_folder_init(&folder, emit_to_word, &word);
    const char *p = s->text + start;
    while (p < s->text + end && word.length <= RF_TERM_MAX) {
        uint32_t c;
        p = rf_decode(p, s->text + end, &c);
        rf_folder_put(&folder, c);
    }
    rf_folder_flush(&folder);
    return word.length;
}

/*
 * The word at s->at, whatever its letters. Folds by the table as long as each character's fold is its own, and starts over
 * with the folder where one is not.
 */
static bool scan_word(struct scanner *s)
{
    struct rf_tokens *tokens = s->tokens;
    char *term = (char *)tokens->terms.data + tokens->terms.size;
    const char *p = s->text + s->at, *text_end = s->text + s->n, *end = p;
    size_t length = 0;
    bool by_table = true, base = false, reordering = false;
    while (p < text_end) {
        uint32_t c;
        const char *behind = rf_decode(p, text_end, &c);
        if (c >= RF_CHARACTERS) {
            enum rf_kind kind = rf_kind_of(c);
            if (kind == RF_OTHER || kind == RF_CJK)
                break;
            p = behind;
            if (kind != RF_IGNORABLE) {
                end = p;
                by_table = false;
            }
            continue;
        }
        const struct rf_character *character = rf_character(c);
        unsigned flags = character->kind;
        enum rf_kind kind = (enum rf_kind)(flags & RF_KIND_MASK);
        if (kind == RF_OTHER || kind == RF_CJK)
            break;
        p = behind;
        if (kind == RF_IGNORABLE)
            continue;
        end = p;
        if (kind == RF_MARK) {
            if (base)
                continue;
            by_table = by_table && !(flags & RF_FOLDS_WITH) && !(reordering && flags & RF_REORDERS);
            reordering = flags & RF_REORDERS;
        } else {
            by_table = by_table && !(flags & RF_FOLDS_WITH) && !(base && flags & RF_STARTS_MARK);
            base = flags & RF_FOLDS_TO_BASE;
            reordering = false;
        }
        if (by_table && length <= RF_TERM_MAX) {
            memcpy(term + length, character->bytes, RF_CHARACTER_BYTES);
            length += character->length;
        }
    }
    size_t start = s->at;
    s->at = (size_t)(end - s->text);
    if (!by_table)
        length = fold_any(s, start, s->at, term);
    length = cut_term(term, length);
    append_token(tokens, start, s->at, length, 0);
    return follow_links(s);
}

/* ---- Han, Kana, Hangul ---- */

/* A composed character of a run, and the one before it. Half of a term at most, marks and all. */
enum { UNIT_MAX = RF_TERM_MAX / 2 };

struct unit {
    const char *bytes; /* in the text, or `composed` */
    size_t length, start, end;
    char composed[UNIT_MAX];
};

struct run {
    struct scanner *scanner;
    struct unit units[2];
    size_t count;                          /* units so far; the last is units[(count - 1) % 2] */
    size_t start, end;                     /* of the source of what waits in the folder */
    size_t character_start, character_end; /* of the character that is being put */
    bool failed;
};

static void copy_unit(char *to, const struct unit *unit)
{
    if (unit->length == 3) /* nearly all: a copy without a call */
        memcpy(to, unit->bytes, 3);
    else
        memcpy(to, unit->bytes, unit->length);
}

static void append_unit_token(struct run *run, const struct unit *first, const struct unit *second, unsigned flags)
{
    struct rf_tokens *tokens = run->scanner->tokens;
    if (run->failed || !make_room(tokens)) {
        run->failed = true;
        return;
    }
    char *term = (char *)tokens->terms.data + tokens->terms.size;
    copy_unit(term, first);
    if (second)
        copy_unit(term + first->length, second);
    append_token(tokens, first->start, second ? second->end : first->end, first->length + (second ? second->length : 0),
                 RF_TOKEN_CJK | flags);
}

static void add_unit(struct run *run, const char *bytes, size_t n, size_t start, size_t end)
{
    struct unit *unit = &run->units[run->count % 2];
    unit->bytes = bytes;
    unit->length = n, unit->start = start, unit->end = end;
    if (run->count)
        append_unit_token(run, &run->units[(run->count - 1) % 2], unit, run->count == 1 ? RF_TOKEN_RUN_FIRST : 0);
    run->count++;
}

/* Called while the character behind this unit is put, or at the run's end: the unit's source ends where that one starts. */
static void emit_to_run(void *context, const char *bytes, size_t n)
{
    struct run *run = context;
    if (n > UNIT_MAX) {
        n = UNIT_MAX;
        while ((bytes[n] & 0xC0) == 0x80)
            n--;
    }
    struct unit *unit = &run->units[run->count % 2];
    add_unit(run, memcpy(unit->composed, bytes, n), n, run->start, run->end);
    run->start = run->character_start;
    run->end = run->character_end;
}

/* Is it its own fold, and composes with nothing but marks and trailing jamo behind it? */
static bool is_plain_cjk(uint32_t c)
{
    return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x3096) ||
           (c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC || (c >= 0x3400 && c <= 0x4DBF);
}

/* The run at s->at. A plain character is held back until it is known that nothing behind it composes with it. */
static bool scan_cjk(struct scanner *s)
{
    struct run run = {.scanner = s, .start = s->at};
    struct rf_folder folder;
    rf_folder_init(&folder, emit_to_run, &run);
    uint32_t held = 0;
    size_t held_start = 0, held_end = 0;
    for (size_t at = s->at; at < s->n;) {
        uint32_t c;
        size_t start = at;
        at = (size_t)(rf_decode(s->text + at, s->text + s->n, &c) - s->text);
        bool plain = is_plain_cjk(c);
        if (!plain) {
            enum rf_kind kind = rf_kind_of(c);
            if (kind == RF_IGNORABLE)
                continue;
            if (kind != RF_CJK && kind != RF_MARK)
                break;
        }
        s->at = at;
        if (held && plain) {
            add_unit(&run, s->text + held_start, held_end - held_start, held_start, held_end);
        } else if (held) {
            run.start = held_start, run.end = held_end;
            rf_folder_put(&folder, held);
            held = 0;
        } else if (plain) {
            rf_folder_flush(&folder);
        }
        if (plain) {
            held = c, held_start = start, held_end = at;
        } else {
            if (!folder.count)
                run.start = start;
            run.character_start = start, run.character_end = at;
            rf_folder_put(&folder, c);
            run.end = at;
        }
    }
    if (held)
        add_unit(&run, s->text + held_start, held_end - held_start, held_start, held_end);
    else
        rf_folder_flush(&folder);
    append_unit_token(&run, &run.units[(run.count - 1) % 2], NULL, RF_TOKEN_RUN_LAST | (run.count == 1 ? RF_TOKEN_RUN_FIRST : 0));

    size_t next;
    enum link link = link_at(s, s->at, &next);
    s->link = LINK_NONE;
    if (link == LINK_POSSESSIVE || (link == LINK_APOSTROPHE && is_s_at(s, next))) {
        s->link = LINK_POSSESSIVE;
        s->at = next;
    }
    return !run.failed && make_room(s->tokens);
}

/* ---- The text ---- */

/*
 * Classifies 16 bytes: a bit for each that is an ASCII letter or digit, and in *high for each that is no ASCII. Writes the bytes
 * in lower case to `lower`, where only those of words matter.
 */
static inline uint32_t fold_window(const char *p, char *lower, uint32_t *high)
{
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    /* x - low <= width without sign, as min(x - low, width) == x - low. A digit has the bit 0x20 already. */
    __m128i letter = _mm_sub_epi8(folded, _mm_set1_epi8('a'));
    __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
    letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    _mm_storeu_si128((__m128i *)(void *)lower, folded);
    *high = (uint32_t)_mm_movemask_epi8(bytes);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(letter, digit));
#else
    uint32_t word = 0, not_ascii = 0;
    for (unsigned i = 0; i < WINDOW; i++) {
        uint8_t byte = (uint8_t)p[i], folded = byte | 0x20;
        lower[i] = (char)folded;
        word |= (uint32_t)((uint8_t)(folded - 'a') < 26 || (uint8_t)(byte - '0') < 10) << i;
        not_ascii |= (uint32_t)(byte >> 7) << i;
    }
    *high = not_ascii;
    return word;
#endif
}

/* What can link a word to the next one, or go on with it. */
static inline bool may_link(uint8_t byte) { return byte >= 0x80 || byte == '\'' || byte == '-' || byte == '.'; }

bool rf_tokenize(struct rf_tokens *tokens, const char *text, size_t n)
{
    struct scanner s = {.text = text, .n = n, .tokens = tokens};
    tokens->count = tokens->terms.size = tokens->positions = 0;
    tokens->terms.failed = false;
    if (n >= UINT32_MAX)
        return false;
    while (s.at < n) {
        if (!make_room(tokens))
            return false;
        char *term = (char *)tokens->terms.data + tokens->terms.size;
        char tail[WINDOW] = {0};
        const char *p = text + s.at;
        if (n - s.at < WINDOW)
            p = memcpy(tail, p, n - s.at);
        uint32_t high, word = fold_window(p, term, &high);
        if (!(word & 1)) {
            if (!(high & 1)) {
                s.at += (size_t)__builtin_ctz(word | high | 1u << WINDOW);
                continue;
            }
            size_t behind = n;
            enum rf_kind kind = kind_at(&s, s.at, &behind);
            if (kind == RF_LETTER || kind == RF_DIGIT ? !scan_word(&s) : kind == RF_CJK && !scan_cjk(&s))
                return false;
            if (kind == RF_OTHER || kind == RF_MARK || kind == RF_IGNORABLE)
                s.at = behind;
            continue;
        }
        size_t length = (size_t)__builtin_ctz(~word), end = s.at + length;
        while (word == 0xFFFF && end < n) {
            p = text + end;
            if (n - end < WINDOW) {
                memset(tail, 0, sizeof tail);
                p = memcpy(tail, p, n - end);
            }
            word = fold_window(p, term + (length < RF_TERM_MAX ? length : RF_TERM_MAX), &high);
            length += (size_t)__builtin_ctz(~word);
            end = s.at + length;
        }
        uint8_t next = end < n ? (uint8_t)text[end] : 0;
        if (next >= 0x80) {
            enum rf_kind kind = kind_at(&s, end, NULL);
            if (kind != RF_OTHER && kind != RF_CJK) {
                if (!scan_word(&s))
                    return false;
                continue;
            }
        }
        append_token(tokens, s.at, end, length < RF_TERM_MAX ? length : RF_TERM_MAX, 0);
        s.at = end + (next == ' ');
        if ((s.link != LINK_NONE || may_link(next)) && !follow_links(&s))
            return false;
    }
    if (!make_room(tokens))
        return false;
    memset(tokens->terms.data + tokens->terms.size, 0, WINDOW);
    tokens->positions = tokens->count - s.joined;
    return true;
}
