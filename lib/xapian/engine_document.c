/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an article to its documents; engine_document.h. */
#include "xapian/engine_document.h"

/* Terms on their way into the document: many at a time. */
enum { BATCH = 256 };
struct rf_document_batch {
    rx_token list[BATCH];
    char bytes[BATCH][RF_KEY_MAX]; /* of those that are not in the tokens as they are */
    size_t count;
};

riffle_status rf_documents_init(struct rf_documents *documents, const char *name, const struct rf_settings *settings,
                                struct rf_language *language, const riffle_allocator *allocator, riffle_error *error)
{
    rx_error failure;
    *documents = (struct rf_documents){
        .allocator = allocator, .name = name, .settings = settings, .language = language, .slots.allocator = allocator};
    rf_tokens_init(&documents->tokens, allocator);
    rf_tokens_init(&documents->title_tokens, allocator);
    rf_passages_init(&documents->passages, allocator);
    rf_buffer_init(&documents->bytes, allocator);
    documents->batch = rf_alloc(allocator, sizeof *documents->batch);
    if (!documents->batch)
        return rf_fail_memory(error);
    documents->batch->count = 0;
    return rx_document_new(&documents->document, &failure) ? rf_xapian_fail(error, name, &failure) : RIFFLE_OK;
}

void rf_documents_release(struct rf_documents *documents)
{
    const riffle_allocator *allocator = documents->allocator;
    if (!allocator)
        return;
    rx_document_free(documents->document);
    rf_slots_release(&documents->slots);
    rf_tokens_release(&documents->tokens);
    rf_tokens_release(&documents->title_tokens);
    rf_passages_release(&documents->passages);
    rf_buffer_release(&documents->bytes);
    rf_free(allocator, documents->fields);
    rf_free(allocator, documents->field_slots);
    rf_free(allocator, documents->batch);
    *documents = (struct rf_documents){0};
}

/* ---- The article ---- */

/* A field that is empty is none, and of one that is given twice the first value stays. */
static riffle_status take_fields(struct rf_documents *documents, const struct rf_article *article, riffle_error *error)
{
    void *fields = documents->fields, *slots = documents->field_slots;
    size_t known = documents->slots.count;
    bool grown = rf_grow(documents->allocator, &fields, &documents->field_capacity, article->field_count + 1, sizeof(riffle_field));
    grown = rf_grow(documents->allocator, &slots, &documents->slot_capacity, article->field_count + 1, sizeof(rx_slot)) && grown;
    documents->fields = fields;
    documents->field_slots = slots;
    if (!grown)
        return rf_fail_memory(error);
    documents->articles++;
    documents->field_count = 0;
    for (size_t i = 0; i < article->field_count; i++) {
        const riffle_field *field = &article->fields[i];
        struct rf_slot_name *name;
        if (!field->name_length || !field->value_length)
            continue;
        riffle_status status = rf_slots_add(&documents->slots, &(struct rf_bytes){field->name, field->name_length}, &name, error);
        if (status) {
            rf_slots_cut(&documents->slots, known);
            return status;
        }
        if (name->article == documents->articles)
            continue;
        name->article = documents->articles;
        documents->fields[documents->field_count] = *field;
        documents->field_slots[documents->field_count++] = name->slot;
    }
    return RIFFLE_OK;
}

static uint32_t passage_end(const struct rf_documents *documents, const struct rf_article *article, uint32_t passage)
{
    const struct rf_passages *passages = &documents->passages;
    return passage + 1 < passages->count ? passages->list[passage + 1].start : (uint32_t)article->text.length;
}

static riffle_status check_size(const struct rf_documents *documents, const struct rf_article *article, riffle_error *error)
{
    uint64_t shared = article->id.length + article->title.length, longest = 0;
    for (size_t i = 0; i < article->field_count; i++)
        shared += article->fields[i].name_length + article->fields[i].value_length;
    for (uint32_t i = 0; i < documents->passages.count; i++) {
        uint32_t length = passage_end(documents, article, i) - documents->passages.list[i].start;
        longest = length > longest ? length : longest;
    }
    if (shared + longest > RF_DOCUMENT_MAX)
        return rf_fail(error, RIFFLE_TOO_LARGE, "a passage of %llu bytes with its metadata; the limit of the engine xapian is %d",
                       (unsigned long long)(shared + longest), (int)RF_DOCUMENT_MAX);
    if (shared > RF_SHARED_MAX && shared * documents->passages.count > RF_DOCUMENT_MAX)
        return rf_fail(error, RIFFLE_TOO_LARGE,
                       "%llu bytes of metadata for each of %zu passages; the limit of the engine xapian is %d",
                       (unsigned long long)shared, documents->passages.count, (int)RF_DOCUMENT_MAX);
    return RIFFLE_OK;
}

riffle_status rf_documents_begin(struct rf_documents *documents, const struct rf_article *article, riffle_error *error)
{
    const struct rf_bytes *text = &article->text, *title = &article->title;
    if (!rf_tokenize(&documents->tokens, text->data, text->length) ||
        !rf_tokenize(&documents->title_tokens, title->data, title->length) ||
        !rf_passages_cut(&documents->passages, text->data, text->length, &documents->tokens, !documents->settings->split_passages))
        return rf_fail_memory(error);
    riffle_status status = check_size(documents, article, error);
    return status ? status : take_fields(documents, article, error);
}

/* ---- Terms of a passage ---- */

static riffle_status flush_batch(struct rf_documents *documents, riffle_error *error)
{
    rx_error failure;
    struct rf_document_batch *batch = documents->batch;
    size_t count = batch->count;
    batch->count = 0;
    if (rx_document_add_tokens(documents->document, batch->list, count, &failure))
        return rf_xapian_fail(error, documents->name, &failure);
    return RIFFLE_OK;
}

static riffle_status add_term(struct rf_documents *documents, const char *prefix, const char *term, size_t n, uint32_t position,
                              uint32_t wdf, riffle_error *error)
{
    struct rf_document_batch *batch = documents->batch;
    riffle_status status = batch->count == BATCH ? flush_batch(documents, error) : RIFFLE_OK;
    size_t prefix_length = strlen(prefix);
    if (prefix_length) {
        char *bytes = batch->bytes[batch->count];
        memcpy(bytes, prefix, prefix_length);
        memcpy(bytes + prefix_length, term, n);
        term = bytes;
    }
    batch->list[batch->count++] = (rx_token){term, n + prefix_length, position, wdf};
    documents->wdf += wdf;
    return status;
}

/* Words at positions from *position on, which moves behind them; a joined one has the position of the token behind it. */
static riffle_status add_words(struct rf_documents *documents, const struct rf_tokens *tokens, size_t first, size_t end,
                               const char *prefix, uint32_t *position, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (size_t i = first; !status && i < end; i++) {
        const struct rf_token *token = &tokens->list[i];
        status = add_term(documents, prefix, rf_token_term(tokens, token), token->term_length, *position, 1, error);
        *position += !(token->flags & RF_TOKEN_JOINED);
    }
    return status;
}

static riffle_status add_stems(struct rf_documents *documents, const struct rf_tokens *tokens, size_t first, size_t end,
                               const char *prefix, uint32_t wdf, riffle_error *error)
{
    riffle_status status = RIFFLE_OK;
    for (size_t i = first; !status && i < end; i++) {
        const struct rf_token *token = &tokens->list[i];
        const char *stem;
        size_t n;
        if (token->flags & RF_TOKEN_CJK)
            continue;
        if (!rf_stem(documents->language, rf_token_term(tokens, token), token->term_length, &stem, &n))
            return rf_fail_memory(error);
        status = add_term(documents, prefix, stem, n, RX_NO_POSITION, wdf, error);
    }
    return status;
}

/* The title as often as it weighs, with a gap of one position behind each copy, and once more as a field of its own. */
static riffle_status add_title(struct rf_documents *documents, uint32_t *position, riffle_error *error)
{
    const struct rf_tokens *title = &documents->title_tokens;
    uint32_t weight = documents->settings->title_weight, own_position = 1;
    riffle_status status = RIFFLE_OK;
    for (uint32_t i = 0; !status && title->count && i < weight; i++, ++*position)
        status = add_words(documents, title, 0, title->count, "", position, error);
    if (!status)
        status = add_stems(documents, title, 0, title->count, "Z", weight, error);
    if (!status)
        status = add_words(documents, title, 0, title->count, "S", &own_position, error);
    if (!status)
        status = add_stems(documents, title, 0, title->count, "ZS", 1, error);
    return status;
}

/* All that is counted. *length is the passage's, as scores count it. */
static riffle_status add_terms(struct rf_documents *documents, const struct rf_passage *passage, uint32_t *length,
                               riffle_error *error)
{
    uint32_t position = 1;
    documents->wdf = 0;
    riffle_status status = add_title(documents, &position, error);
    uint32_t start = position;
    if (!status)
        status = add_words(documents, &documents->tokens, passage->first_token, passage->end_token, "", &position, error);
    if (!status)
        status = add_stems(documents, &documents->tokens, passage->first_token, passage->end_token, "Z", 1, error);
    if (status)
        return status;
    uint64_t exact = (uint64_t)documents->settings->title_weight * documents->title_tokens.positions + (position - start);
    *length = rf_length_decode(rf_length_encode(exact));
    uint64_t whole = (uint64_t)*length * RF_LENGTH_UNIT;
    if (whole > documents->wdf)
        status = add_term(documents, "", RF_TERM_LENGTH, sizeof RF_TERM_LENGTH - 1, RX_NO_POSITION,
                          (uint32_t)(whole - documents->wdf), error);
    return status;
}

/* ---- A passage ---- */

static riffle_status set_values(struct rf_documents *documents, const struct rf_bytes *id, riffle_error *error)
{
    rx_error failure;
    if (rx_document_set_value(documents->document, RF_SLOT_ID, id->data, id->length, &failure))
        return rf_xapian_fail(error, documents->name, &failure);
    for (size_t i = 0; i < documents->field_count; i++) {
        struct rf_buffer *value = &documents->bytes;
        value->size = 0;
        rf_xapian_value(value, documents->fields[i].value, documents->fields[i].value_length);
        if (value->failed)
            return rf_fail_memory(error);
        if (rx_document_set_value(documents->document, documents->field_slots[i], (const char *)value->data, value->size, &failure))
            return rf_xapian_fail(error, documents->name, &failure);
    }
    return RIFFLE_OK;
}

static riffle_status set_record(struct rf_documents *documents, const struct rf_article *article, uint32_t passage, uint32_t length,
                                riffle_error *error)
{
    rx_error failure;
    uint32_t start = documents->passages.list[passage].start;
    struct rf_record record = {.id = article->id,
                               .title = article->title,
                               .passage = passage,
                               .passages = (uint32_t)documents->passages.count,
                               .start = start,
                               .length = length,
                               .fields = documents->fields,
                               .field_count = documents->field_count,
                               .text = {article->text.data + start, passage_end(documents, article, passage) - start},
                               .has_text = documents->settings->store_text};
    documents->bytes.size = 0;
    rf_record_write(&record, &documents->bytes);
    if (documents->bytes.failed)
        return rf_fail_memory(error);
    if (rx_document_set_data(documents->document, (const char *)documents->bytes.data, documents->bytes.size, &failure))
        return rf_xapian_fail(error, documents->name, &failure);
    return RIFFLE_OK;
}

riffle_status rf_documents_fill(struct rf_documents *documents, const struct rf_article *article, uint32_t passage,
                                riffle_error *error)
{
    char id[RF_TERM_BYTES];
    uint32_t length = 0;
    rx_error failure;
    documents->batch->count = 0;
    if (rx_document_clear(documents->document, &failure))
        return rf_xapian_fail(error, documents->name, &failure);
    riffle_status status = add_terms(documents, &documents->passages.list[passage], &length, error);
    if (!status)
        status = add_term(documents, "", id, rf_xapian_id_term(&article->id, id), RX_NO_POSITION, 0, error);
    if (!status && passage == 0)
        status = add_term(documents, "", RF_TERM_FIRST, sizeof RF_TERM_FIRST - 1, RX_NO_POSITION, 0, error);
    if (!status)
        status = flush_batch(documents, error);
    if (!status)
        status = set_values(documents, &article->id, error);
    return status ? status : set_record(documents, article, passage, length, error);
}
