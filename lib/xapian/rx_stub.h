/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stub files: text files that name databases, which libxapian opens as one. */
#ifndef RX_STUB_H
#define RX_STUB_H

namespace rx
{

/*
 * Is there a stub at `path` that names a remote database? libxapian has no call that tells so of an open database. False for anything
 * that is no stub. Refused where stubs name each other in a circle, which libxapian would follow until the stack ends,
 * and where a file is no database and too large for a stub, which it would read into memory.
 */
bool stub_names_remote(const char *path);

} // namespace rx

#endif
