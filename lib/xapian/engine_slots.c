/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of fields by their slots; engine_slots.h. */
#include "xapian/engine_slots.h"

riffle_status rf_slots_add(struct rf_slots *slots, const struct rf_bytes *name, struct rf_slot_name **found, riffle_error *error)
{
    rx_slot slot = rf_xapian_slot(name->data, name->length);
    for (size_t i = 0; i < slots->count; i++) {
        struct rf_slot_name *known = &slots->list[i];
        if (known->slot != slot)
            continue;
        *found = known;
        if (rf_compare(known->name, known->length, name->data, name->length) == 0)
            return RIFFLE_OK;
        return rf_fail(error, RIFFLE_INVALID, "the metadata fields \"%.*s\" and \"%.*s\" cannot be told apart: rename one",
                       (int)known->length, known->name, (int)name->length, name->data);
    }
    if (slots->count == RF_FIELDS_MAX)
        return rf_fail(error, RIFFLE_TOO_LARGE, "more than %d different metadata fields", (int)RF_FIELDS_MAX);
    void *list = slots->list;
    bool grown = rf_grow(slots->allocator, &list, &slots->capacity, slots->count + 1, sizeof *slots->list);
    slots->list = list;
    char *copy = grown ? rf_alloc(slots->allocator, name->length + 1) : NULL;
    if (!copy)
        return rf_fail_memory(error);
    memcpy(copy, name->data, name->length);
    *found = &slots->list[slots->count++];
    **found = (struct rf_slot_name){.slot = slot, .name = copy, .length = name->length};
    return RIFFLE_OK;
}

void rf_slots_cut(struct rf_slots *slots, size_t count)
{
    while (slots->count > count)
        rf_free(slots->allocator, slots->list[--slots->count].name);
}

void rf_slots_release(struct rf_slots *slots)
{
    rf_slots_cut(slots, 0);
    if (slots->allocator)
        rf_free(slots->allocator, slots->list);
    *slots = (struct rf_slots){0};
}
