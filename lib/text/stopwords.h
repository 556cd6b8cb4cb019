/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of the words that weigh nothing beside other words. Private to this folder. */
#ifndef RF_TEXT_STOPWORDS_H
#define RF_TEXT_STOPWORDS_H

/* The language's list: words as they are written, with blanks between them. NULL where there is none. */
const char *rf_stop_words(const char *language);

#endif
