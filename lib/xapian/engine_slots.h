/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metadata fields that a writer's database has, and the slots of their values. */
#ifndef RF_XAPIAN_SLOTS_H
#define RF_XAPIAN_SLOTS_H

#include "xapian/engine_format.h"

enum { RF_FIELDS_MAX = 1000 }; /* in a database */

struct rf_slot_name {
    rx_slot slot;
    char *name;
    size_t length;
    uint64_t article; /* number of the last one that had it */
};

struct rf_slots {
    const riffle_allocator *allocator;
    struct rf_slot_name *list; /* in order of arrival */
    size_t count, capacity;
};

/* Finds or adds the field of that name. More than RF_FIELDS_MAX: RIFFLE_TOO_LARGE; a name with the slot of another one: RIFFLE_INVALID. */
riffle_status rf_slots_add(struct rf_slots *slots, const struct rf_bytes *name, struct rf_slot_name **found, riffle_error *error);
/* Forgets all but the first `count`. */
void rf_slots_cut(struct rf_slots *slots, size_t count);
void rf_slots_release(struct rf_slots *slots);

#endif
