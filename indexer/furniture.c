/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Page furniture: what news pages put around an article, and pages copied by hand or program carry along. A line is read as a row
 * of dates, times and known phrases; what is left over are spans, which may hold a name, or show that the line is none of these.
 */
#include <utf8proc.h>

#include "indexer/reader.h"
#include "text/text.h"

enum phrase_kind { NO_PHRASE, FURNITURE, UPDATED, BY, ROLE };

/* "Abroad" is where 2/7/2031 is the second of July. */

/* All in lower case. Words such as "on" do no harm: a line is furniture only where nothing else is on it. */

/* What stands around dates; days and zones; buttons. */
static const char *const furniture[] = {
    "published",
    "posted",
    "released",
    "issued",
    "date",
    "on",
    "at",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "tues",
    "wed",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "gmt",
    "utc",
    "est",
    "edt",
    "pst",
    "pdt",
    "et",
    "share this article",
    "share this story",
    "share this page",
    "share this",
    "share on",
    "share",
    "gift this article",
    "listen to this article",
    "e-mail this page",
    "print this page",
    "print",
    "email",
    "e-mail",
    "mail",
    "link",
    "text",
    "tweet",
    "facebook",
    "twitter",
    "linkedin",
    "whatsapp",
    "telegram",
    "reddit",
    "copy link",
    "copy url",
    "url copy",
    "url",
    "save",
    "bookmark",
    "subscribe",
    "sign in",
    "log in",
    "menu",
    "search",
    "skip to content",
    "skip to main content",
    "advertisement",
    "font size",
    "text size",
    "comments",
    "comment",
    "min read",
    "minute read",
    "minutes read",
    "home",
    "back to top",
    "a a a",
    "live updates have ended",
    "read our full report",
    "read the full story",
};

static const char *const furniture_abroad[] = {
    "기사입력",
    "입력",
    "등록",
    "승인",
    "송고",
    "발행",
    "veröffentlicht",
    "erstellt",
    "am",
    "um",
    "uhr",
    "publié",
    "le",
    "à",
    "đăng lúc",
    "ngày",
    "lúc",
    "发布时间",
    "發布時間",
    "发表时间",
    "发布",
    "来源",
    "公開",
    "配信",
    "掲載",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonnabend",
    "sonntag",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "thứ hai",
    "thứ ba",
    "thứ tư",
    "thứ năm",
    "thứ sáu",
    "thứ bảy",
    "chủ nhật",
    "kst",
    "jst",
    "cet",
    "cest",
    "bst",
    "공유하기",
    "공유",
    "인쇄하기",
    "인쇄",
    "프린트",
    "스크랩",
    "글자크기",
    "글자 크기",
    "본문 글씨",
    "기사 댓글",
    "댓글",
    "페이스북",
    "트위터",
    "카카오톡",
    "메일",
    "홈",
    "teilen",
    "drucken",
    "merken",
    "vorlesen",
    "anhören",
    "anzeige",
    "kommentare",
    "kommentar",
    "startseite",
    "partager cet article",
    "partager",
    "imprimer",
    "enregistrer",
    "écouter",
    "publicité",
    "commentaires",
    "accueil",
    "chia sẻ",
    "in bài",
    "bình luận",
    "lưu bài",
    "quảng cáo",
    "trang chủ",
    "分享到",
    "分享",
    "打印",
    "字号",
    "字體",
    "评论",
    "評論",
    "收藏",
    "微信",
    "微博",
    "邮件",
    "首页",
    "首頁",
    "シェア",
    "ツイート",
    "印刷",
    "保存",
    "コメント",
    "ホーム",
    "トップ",
    "월",
    "화",
    "수",
    "목",
    "금",
    "토",
    "일",
    "가",
    "星期一",
    "星期二",
    "星期三",
    "星期四",
    "星期五",
    "星期六",
    "星期日",
    "星期天",
    "月曜日",
    "火曜日",
    "水曜日",
    "木曜日",
    "金曜日",
    "土曜日",
    "日曜日",
    "字體大小",
    "字体大小",
    "大",
    "中",
    "小",
    "列印",
    "转发",
    "轉發",
    "cỡ chữ",
};

static const char *const updated[] = {
    "last updated", "last modified", "updated", "update", "modified",
};

static const char *const updated_abroad[] = {
    "수정", "최종수정", "업데이트", "aktualisiert", "stand", "mis à jour", "modifié", "cập nhật", "更新时间", "更新時間", "更新",
};

static const char *const by[] = {
    "words by", "text by",  "story by", "written by", "reported by", "posted by", "by",      "author",
    "von",      "autorin",  "autor",    "par",        "auteur",      "bởi",       "tác giả", "theo",
    "本报记者", "本報記者", "记者",     "作者",       "撰文",        "特派記者",  "特派员",  "記者",
};

static const char *const roles[] = {
    "staff reporter", "staff writer", "staff writers",   "reporters",     "correspondents", "reporter",      "correspondent",
    "columnist",      "editor",       "korrespondentin", "korrespondent", "correspondante", "correspondant", "phóng viên",
    "전문기자",       "선임기자",     "인턴기자",        "기자",          "특파원",
};

/* ---- Pieces of a line ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static const char *digits(const char *p, const char *end, int most)
{
    const char *start = p;
    while (p && p < end && p - start < most && *p >= '0' && *p <= '9')
        p++;
    return p > start && (p == end || *p < '0' || *p > '9') ? p : NULL;
}

/* 10:57  10:57:03.123Z  T10:57+09:00  6.40 pm  18 h 15  11h40  19시 10분  19時10分: where it ends, or NULL. */
static const char *time_end(const char *p, const char *end)
{
    static const char *const hour_marks[] = {":", ".", "h", " h ", "h ", "시", "時", "时", "点"};
    static const char *const halves[] = {"a.m", "p.m", "am", "pm", "오전", "오후"};
    if (p < end && *p == 'T')
        p++;
    const char *hours = digits(p, end, 2), *behind = NULL;
    if (!hours)
        return NULL;
    bool dot = false;
    for (size_t i = 0; i < sizeof(hour_marks) / sizeof(*hour_marks) && !behind; i++) {
        size_t n = strlen(hour_marks[i]);
        if ((size_t)(end - hours) >= n && memcmp(hours, hour_marks[i], n) == 0) {
            const char *minutes = hours + n;
            while (i >= 5 && minutes < end && is_blank(*minutes))
                minutes++;
            behind = digits(minutes, end, 2);
            dot = i == 1;
        }
    }
    if (behind && end - behind >= 3 && (memcmp(behind, "분", 3) == 0 || memcmp(behind, "分", 3) == 0))
        behind += 3;
    if (behind && behind < end && *behind == ':' && digits(behind + 1, end, 2))
        behind = digits(behind + 1, end, 2);
    if (behind && behind < end && *behind == '.' && digits(behind + 1, end, 9) && !dot)
        behind = digits(behind + 1, end, 9);
    if (behind && end - behind >= 6 && (*behind == '+' || *behind == '-') && behind[3] == ':' && digits(behind + 4, end, 2))
        behind += 6;
    else if (behind && behind < end && *behind == 'Z')
        behind++;
    /* 6.40 alone may be anything; 6 pm is a time without minutes. */
    const char *half = behind ? behind : hours;
    while (half < end && is_blank(*half))
        half++;
    for (size_t i = 0; i < sizeof(halves) / sizeof(*halves); i++) {
        const char *q = rf_match_phrase(half, end, halves[i]);
        if (q)
            return q < end && *q == '.' ? q + 1 : q;
    }
    return dot ? NULL : behind;
}

/* An e-mail address that starts at p: where it ends, or NULL. */
static const char *mail_end(const char *p, const char *end)
{
    const char *start = p, *at = NULL, *dot = NULL;
    for (; p < end; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if (*p == '@' && p > start && !at)
            at = p;
        else if (*p == '.' && at)
            dot = p;
        else if (!letter && !strchr("._-+", *p))
            break;
    }
    return at && dot && dot > at + 1 && dot + 1 < p ? p : NULL;
}

/* Passes over a word, a character of Han, Kana or Hangul, or any other character, and counts what it was. */
static const char *step(const char *p, const char *end, unsigned *half_words)
{
    uint32_t character = 0;
    const char *next = rf_utf8_next(p, end, &character);
    if (rf_is_cjk(character)) {
        ++*half_words;
        return next;
    }
    if (!rf_is_word_character(character))
        return next;
    *half_words += 2;
    do {
        p = next;
        if (p == end)
            break;
        next = rf_utf8_next(p, end, &character);
    } while (rf_is_word_character(character) && !rf_is_cjk(character));
    return p;
}

/*
 * The longest phrase that starts at p: where it ends, or NULL. Han, Kana and Hangul run on without blanks, so there a phrase must be a run
 * by itself (수정 is "changed", and a part of many names), save a role, which may end one (김정미기자).
 */
static const char *phrase_end(const char *p, const char *end, bool within_run, enum phrase_kind *kind, bool *abroad)
{
    static const struct {
        const char *const *list;
        size_t count;
        enum phrase_kind kind;
        bool abroad;
    } kinds[] = {
        {furniture, sizeof(furniture) / sizeof(*furniture), FURNITURE, false},
        {furniture_abroad, sizeof(furniture_abroad) / sizeof(*furniture_abroad), FURNITURE, true},
        {updated, sizeof(updated) / sizeof(*updated), UPDATED, false},
        {updated_abroad, sizeof(updated_abroad) / sizeof(*updated_abroad), UPDATED, true},
        {by, sizeof(by) / sizeof(*by), BY, false},
        {roles, sizeof(roles) / sizeof(*roles), ROLE, false},
    };
    const size_t count = sizeof(kinds) / sizeof(*kinds);
    const char *best = NULL;
    for (size_t k = within_run ? count - 1 : 0; k < count; k++) {
        for (size_t i = 0; i < kinds[k].count; i++) {
            unsigned char here = (unsigned char)*p, wanted = (unsigned char)kinds[k].list[i][0];
            if ((here < 0x80 || wanted < 0x80) && (here | 0x20) != wanted)
                continue; /* most of them */
            const char *behind = rf_match_phrase(p, end, kinds[k].list[i]);
            if (behind && (!best || behind > best))
                best = behind, *kind = kinds[k].kind, *abroad = kinds[k].abroad;
        }
    }
    uint32_t first = 0, next = 0;
    rf_utf8_next(p, end, &first);
    if (best && best < end && rf_is_cjk(first)) {
        rf_utf8_next(best, end, &next);
        if (rf_is_cjk(next))
            best = NULL;
    }
    return best;
}

/* ---- Breadcrumbs ---- */

/* The separator that starts at p: its length; *strong for those that hardly stand in anything but breadcrumbs. */
static size_t separator(const char *p, const char *start, const char *end, bool *strong)
{
    static const char *const strong_marks[] = {">", "›", "»", "→"}, *const weak_marks[] = {"|", "/", "-", "–", "·", "•"};
    *strong = false;
    if (end - p >= 2 && is_blank(p[0]) && is_blank(p[1]))
        return 2;
    bool spaced = p > start && is_blank(p[-1]);
    for (size_t i = 0; i < sizeof(strong_marks) / sizeof(*strong_marks); i++) {
        size_t n = strlen(strong_marks[i]);
        if ((size_t)(end - p) >= n && memcmp(p, strong_marks[i], n) == 0 && p > start) {
            *strong = true;
            return n;
        }
    }
    for (size_t i = 0; spaced && i < sizeof(weak_marks) / sizeof(*weak_marks); i++) {
        size_t n = strlen(weak_marks[i]);
        if ((size_t)(end - p) > n && memcmp(p, weak_marks[i], n) == 0 && is_blank(p[n]))
            return n;
    }
    return 0;
}

/*
 * "HOME > World > Asia", "The Meridian / Long read", "News  Sport  Weather", "HOME North Korea". Pieces between marks that headlines use as
 * well must be short.
 */
static bool has_crumbs(const struct rf_line *line)
{
    static const char *const homes[] = {"startseite", "accueil", "trang chủ", "홈", "首页", "首頁", "ホーム"};
    const char *p = line->start;
    unsigned piece = 0;
    unsigned pieces = 0, longest = 0;
    bool any_strong = false;
    while (p < line->end) {
        bool strong = false;
        size_t n = separator(p, line->start, line->end, &strong);
        if (n > 0) {
            any_strong |= strong;
            pieces += piece > 0;
            longest = piece > longest ? piece : longest;
            piece = 0;
            p += n;
            continue;
        }
        p = step(p, line->end, &piece);
    }
    pieces += piece > 0;
    longest = piece > longest ? piece : longest;
    if (pieces >= 2 && line->columns <= (any_strong ? 100 : 60) && longest <= (any_strong ? 10u : 5u))
        return true;
    if (line->columns > 40)
        return false;
    for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++) {
        const char *behind = rf_match_phrase(line->start, line->end, homes[i]);
        if (behind && behind < line->end && is_blank(*behind))
            return true;
    }
    if (line->end - line->start < 6 || memcmp(line->start, "HOME ", 5) != 0)
        return false;
    for (p = line->start + 5; p < line->end; p++) { /* "HOME PRICES RISE" is no breadcrumb */
        if (*p >= 'a' && *p <= 'z')
            return true;
    }
    return false;
}

/* ---- Lines ---- */

static const char *trim_start(const char *p, const char *end)
{
    while (p < end) {
        if (is_blank(*p) || *p == '\n' || *p == '\f' || *p == '\v')
            p++;
        else if (end - p >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0) /* ideographic space */
            p += 3;
        else if (end - p >= 2 && memcmp(p, "\xc2\xa0", 2) == 0) /* no-break space */
            p += 2;
        else
            break;
    }
    return p;
}

static const char *trim_end(const char *start, const char *p)
{
    while (p > start) {
        if (is_blank(p[-1]) || p[-1] == '\n' || p[-1] == '\f' || p[-1] == '\v')
            p--;
        else if (p - start >= 3 && memcmp(p - 3, "\xe3\x80\x80", 3) == 0)
            p -= 3;
        else if (p - start >= 2 && memcmp(p - 2, "\xc2\xa0", 2) == 0)
            p -= 2;
        else
            break;
    }
    return p;
}

static void add_to_span(struct rf_line *line, const char *start, const char *end, bool goes_on)
{
    if (!goes_on || line->spans == 0) {
        if (line->spans < RF_SPANS)
            line->span_start[line->spans] = start;
        line->spans++;
    }
    if (line->spans <= RF_SPANS)
        line->span_end[line->spans - 1] = end;
}

void rf_line_read(struct rf_line *line, const char *start, const char *end)
{
    memset(line, 0, sizeof(*line));
    line->start = start = trim_start(start, end);
    line->end = end = trim_end(start, end);
    for (const char *p = start; p < end;) {
        uint32_t character = 0;
        p = rf_utf8_next(p, end, &character);
        line->columns += (unsigned)rf_character_width(character);
    }
    if (line->columns > RF_LINE_COLUMNS) {
        line->spans = RF_SPANS + 1;
        line->half_words = RF_LINE_COLUMNS;
        return;
    }
    bool goes_on = false, after_update = false, within_run = false, abroad = false;
    char date[11];
    for (const char *p = start; p < end;) {
        const char *behind;
        enum phrase_kind kind = NO_PHRASE;
        bool is_abroad = false;
        size_t n = rf_date_at(p, end, abroad, date);
        if (n > 0) {
            if (!line->date[0] || (line->updated && !after_update)) {
                memcpy(line->date, date, sizeof(date));
                line->updated = after_update;
            }
            after_update = false;
            behind = p + n;
        } else if ((behind = time_end(p, end)) == NULL) {
            behind = mail_end(p, end);
            line->mail |= behind != NULL;
            if (!behind)
                behind = phrase_end(p, end, within_run, &kind, &is_abroad);
        }
        if (kind != NO_PHRASE) {
            abroad |= is_abroad;
            after_update = kind == UPDATED || (after_update && kind == FURNITURE);
            line->starts_updated |= kind == UPDATED && p == start;
            line->by |= kind == BY && line->spans == 0;
            if (kind == ROLE && line->spans == 0)
                line->by |= (unsigned char)*p < 0x80; /* "Staff reporter John Smith" */
            else if (kind == ROLE && !line->role_start)
                line->role_start = p;
        }
        if (behind) {
            /* Their words count as well: a headline may start with "By". */
            for (const char *q = p; q < behind;)
                q = step(q, behind, &line->half_words);
            line->known = true;
            goes_on = within_run = false;
            p = behind;
            continue;
        }
        uint32_t character = 0;
        const char *next = rf_utf8_next(p, end, &character);
        if (!rf_is_word_character(character)) {
            goes_on = goes_on && (is_blank(*p) || *p == '\'' || *p == '-' || *p == '.' || character == 0x2019);
            within_run = false;
            p = next;
            continue;
        }
        within_run = rf_is_cjk(character);
        const char *word = step(p, end, &line->half_words);
        if (digits(p, word, 4) == word) { /* a count, as in "Comments 12" */
            goes_on = false;
        } else {
            add_to_span(line, p, word, goes_on);
            goes_on = true;
        }
        p = word;
    }
    line->crumbs = has_crumbs(line);
}

/* ---- Names ---- */

static bool is_one_of(const char *p, size_t n, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i]) == n && memcmp(words[i], p, n) == 0)
            return true;
    }
    return false;
}

const char *rf_name_end(const char *start, const char *end, unsigned *words, bool *all_capitals)
{
    /* Words of lower case within names, and between the names of two. */
    static const char *const inside[] = {"de", "da",  "di",  "del", "della", "du",  "van", "von", "der", "den", "la",
                                         "le", "bin", "ibn", "al",  "el",    "and", "und", "et",  "và",  "y",   "e"};
    const char *name_end = NULL;
    *words = 0;
    *all_capitals = true;
    for (const char *p = start; p < end;) {
        const char *stop = p;
        while (stop < end && !is_blank(*stop))
            stop++;
        uint32_t first = 0, character = 0;
        rf_utf8_next(p, stop, &first);
        if (rf_is_cjk(first)) {
            unsigned length = 0;
            for (const char *q = p; q < stop; length++)
                q = rf_utf8_next(q, stop, &character);
            if (*words > 0 || length < 2 || length > 5)
                return name_end;
            *words = 2;
            *all_capitals = false;
            return stop;
        }
        bool capital = first && (uint32_t)utf8proc_tolower((utf8proc_int32_t)first) != first;
        if (capital) {
            for (const char *q = p; q < stop;) {
                q = rf_utf8_next(q, stop, &character);
                if ((uint32_t)utf8proc_toupper((utf8proc_int32_t)character) != character)
                    *all_capitals = false;
            }
            name_end = stop;
            ++*words;
        } else if (*words == 0 || !is_one_of(p, (size_t)(stop - p), inside, sizeof(inside) / sizeof(*inside))) {
            return name_end;
        }
        p = stop;
        while (p < end && is_blank(*p))
            p++;
    }
    return name_end;
}
