/* SPDX-License-Identifier: BSD-3-Clause */
/* What every index has, whatever engine keeps it: its settings, the keys of its terms, and the lengths of its passages. */
#ifndef RF_SETTINGS_H
#define RF_SETTINGS_H

#include "base/base.h"

enum { RF_TITLE_WEIGHT_MAX = 15 };

/* Fixed when an index is made. */
struct rf_settings {
    char language[32];
    uint32_t analysis_version;
    uint32_t title_weight;
    bool store_text;
    bool split_passages;
};

/*
 * The keys of terms, by their first byte (no folded term starts with either prefix):
 *   korea        a surface form of text or title, with positions
 *   S korea      a surface form of the title alone, with positions of its own (title:)
 *   0xfe the 0x20 who  two frequent words of text or title side by side, without positions (store/pairs.h)
 *   0xff korea   a stem of the first kind, without positions
 *   0xff S korea a stem of the second kind
 */
#define RF_PREFIX_PAIR  ((char)0xfe)
#define RF_PREFIX_STEM  ((char)0xff)
#define RF_PREFIX_TITLE 'S'
enum { RF_KEY_MAX = 200 + 2 }; /* bytes of a term with its prefixes */

/* A passage's length in a byte: codes below 128 are the length itself, then 8 steps an octave, rounded down. */
uint8_t rf_length_encode(uint64_t length);
uint32_t rf_length_decode(uint8_t code);

#endif
