/* SPDX-License-Identifier: BSD-3-Clause */
/* The metadata fields of an index; fields.h. */
#include "engine/fields.h"

#include "text/text.h"

static struct rf_field *find_or_add(struct rf_fields *fields, const struct rf_buffer *folded)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct rf_bytes *name = &fields->list[i].name;
        if (name->length == folded->size && (!name->length || memcmp(name->data, folded->data, name->length) == 0))
            return &fields->list[i];
    }
    char *copy = rf_alloc(fields->allocator, folded->size + 1);
    if (!copy || !rf_grow(fields->allocator, (void **)&fields->list, &fields->capacity, fields->count + 1, sizeof *fields->list)) {
        rf_free(fields->allocator, copy);
        return NULL;
    }
    if (folded->size)
        memcpy(copy, folded->data, folded->size);
    fields->list[fields->count] = (struct rf_field){.name = {copy, folded->size}};
    return &fields->list[fields->count++];
}

riffle_status rf_fields_add(struct rf_fields *fields, const struct rf_bytes *name, uint64_t column, riffle_error *error)
{
    struct rf_buffer folded;
    rf_buffer_init(&folded, fields->allocator);
    rf_fold(&folded, name->data, name->length);
    struct rf_field *field = folded.failed ? NULL : find_or_add(fields, &folded);
    rf_buffer_release(&folded);
    if (!field || !rf_grow(fields->allocator, (void **)&field->columns, &field->column_capacity, field->column_count + 1,
                           sizeof *field->columns))
        return rf_fail_memory(error);
    field->columns[field->column_count++] = column;
    return RIFFLE_OK;
}

void rf_fields_release(struct rf_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        rf_free(fields->allocator, (char *)(uintptr_t)fields->list[i].name.data);
        rf_free(fields->allocator, fields->list[i].columns);
    }
    rf_free(fields->allocator, fields->list);
    *fields = (struct rf_fields){.allocator = fields->allocator};
}
