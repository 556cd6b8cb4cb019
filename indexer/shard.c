/* SPDX-License-Identifier: BSD-3-Clause */
/* Which shard an article belongs to; riffle.h. */
#include <zlib.h>

#include "text/text.h"

static uLong add(uLong crc, const char *bytes, size_t n) { return crc32_z(crc, (const Bytef *)bytes, n); }

unsigned riffle_shard_of(const char *id, size_t id_length, unsigned shards)
{
    uLong crc = crc32(0, NULL, 0);
    if (shards < 2)
        return 1;
    while (id_length) {
        size_t valid = rf_utf8_valid_prefix(id, id_length);
        crc = add(crc, id, valid);
        id += valid, id_length -= valid;
        if (id_length) {
            size_t bad = rf_utf8_bad_part(id, id_length);
            crc = add(crc, "\xef\xbf\xbd", 3); /* as the writer repairs it */
            id += bad, id_length -= bad;
        }
    }
    return 1 + (unsigned)(crc % shards);
}
