/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xapian as an engine of libriffle; riffle-xapian.h, engine.h. */
#include "riffle-xapian.h"
#include "xapian/engine_folder.h"
#include "xapian/engine_handle.h"
#include "xapian/engine_writer.h"

static const riffle_engine engine = {.version = RF_ENGINE_VERSION,
                                     .name = "xapian",
                                     .recognises = rf_xapian_recognises,
                                     .reading = &rf_xapian_reading,
                                     .writing = &rf_xapian_writing};

riffle_status riffle_xapian_register(riffle_error *error) { return riffle_engine_register(&engine, error); }
