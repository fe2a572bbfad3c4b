#include "command/members.h"

#include <stdio.h>

#include "base/array.h"
#include "base/date.h"
#include "base/lede_bytes.h"

static const char *const NAMES[MEMBER_COUNT] = {"id", "title", "text", "date", "url", "language"};

const char *member_name(enum member member)
{
    return NAMES[member];
}

enum member member_find(struct slice name)
{
    enum member member = MEMBER_ID;

    while (member < MEMBER_COUNT && !slice_equal(name, slice_str(NAMES[member])))
        member++;
    return member;
}

void members_init(struct members *members, const struct member_fields *fields)
{
    *members = (struct members){.metadata = NULL};
    for (int i = 0; i < MEMBER_COUNT; i++)
        members->names[i] = fields && fields->members[i] ? fields->members[i] : NAMES[i];
    buffer_init(&members->id, NULL);
}

void members_done(struct members *members)
{
    buffer_done(&members->id);
    array_free(members->metadata, members->metadata_capacity, sizeof *members->metadata, NULL);
}

static enum lede_status add_metadata(struct members *members, struct slice name, struct slice value)
{
    if (members->metadata_count == members->metadata_capacity &&
        !array_grow((void **)&members->metadata, &members->metadata_capacity,
                    sizeof *members->metadata, NULL))
        return LEDE_NO_MEMORY;
    members->metadata[members->metadata_count++] =
        (struct lede_field){bytes_of(name), bytes_of(value)};
    return LEDE_OK;
}

static struct lede_bytes *article_member(struct lede_article *article, enum member member,
                                         struct lede_bytes *date)
{
    switch (member) {
    case MEMBER_ID:
        return &article->id;
    case MEMBER_TITLE:
        return &article->title;
    case MEMBER_TEXT:
        return &article->text;
    case MEMBER_URL:
        return &article->url;
    case MEMBER_LANGUAGE:
        return &article->language;
    default:
        return date;
    }
}

/* What of a record is not in the article yet. */
struct record {
    struct lede_bytes date;
    bool has_text;
    char *complaint;
};

static void take_member(struct members *members, enum member member,
                        const struct json_member *found, struct item *item, struct record *record)
{
    struct lede_bytes *place = article_member(&item->article, member, &record->date);

    if (found->kind == KIND_NULL)
        return;
    record->has_text |= member == MEMBER_TITLE || member == MEMBER_TEXT;
    if (found->kind == KIND_OTHER)
        (void)snprintf(record->complaint, MEMBERS_COMPLAINT,
                       "member \"%.64s\" is no string (see --field)", members->names[member]);
    else
        *place = bytes_of(found->value);
}

static enum lede_status take_members(struct members *members, const struct json_member *found,
                                     size_t count, struct item *item, struct record *record)
{
    enum lede_status status = LEDE_OK;

    members->metadata_count = 0;
    for (size_t i = 0; i < count && status == LEDE_OK; i++) {
        bool known = false;

        for (int j = 0; j < MEMBER_COUNT; j++)
            if (slice_equal(found[i].name, slice_str(members->names[j]))) {
                known = true;
                take_member(members, (enum member)j, &found[i], item, record);
            }
        if (!known)
            status = add_metadata(members, found[i].name, found[i].value);
    }
    return status;
}

/* Where a date is from, as export says it, is no metadatum; anything else of that name is one. */
static void take_date_source(struct members *members, struct lede_article *article)
{
    for (size_t i = 0; i < members->metadata_count; i++) {
        struct lede_field *field = &members->metadata[i];

        if (!slice_equal(slice_from(field->name), slice_str("date_source")) ||
            !date_source_find(field->value, &article->date_source))
            continue;
        members->metadata_count--;
        memmove(field, field + 1, (members->metadata_count - i) * sizeof *field);
        return;
    }
}

static enum lede_status take_date(struct members *members, struct item *item,
                                  const struct record *record)
{
    if (record->date.size == 0)
        return LEDE_OK;
    if (lede_date_parse(record->date, &item->article.date) == LEDE_OK) {
        take_date_source(members, &item->article);
        return LEDE_OK;
    }
    item->date_unread = true;
    return add_metadata(members, slice_str(NAMES[MEMBER_DATE]), slice_from(record->date));
}

static enum lede_status make_id(struct members *members, const struct origin *origin,
                                uint64_t number, struct lede_bytes *id)
{
    if (id->size > 0)
        return LEDE_OK;
    buffer_clear(&members->id);
    buffer_put(&members->id, origin->id.data, origin->id.size);
    if (number > 0)
        buffer_printf(&members->id, "#%llu", (unsigned long long)number);
    *id = bytes_of(buffer_bytes(&members->id));
    return members->id.failed ? LEDE_NO_MEMORY : LEDE_OK;
}

enum lede_status members_read(struct members *members, const struct json_member *found,
                              size_t count, const struct origin *origin, uint64_t number,
                              struct item *item, char complaint[MEMBERS_COMPLAINT])
{
    struct record record = {.complaint = complaint};
    enum lede_status status = take_members(members, found, count, item, &record);

    if (status == LEDE_OK)
        status = take_date(members, item, &record);
    if (status == LEDE_OK)
        status = make_id(members, origin, number, &item->article.id);
    if (!record.has_text && !complaint[0])
        (void)snprintf(complaint, MEMBERS_COMPLAINT,
                       "has neither \"%.48s\" nor \"%.48s\" (see --field)",
                       members->names[MEMBER_TITLE], members->names[MEMBER_TEXT]);
    item->kind = ITEM_ARTICLE;
    item->article.metadata = members->metadata;
    item->article.metadata_count = members->metadata_count;
    return status;
}

enum lede_status members_read_json(struct members *members, struct json_object *object,
                                   struct slice text, const struct origin *origin, uint64_t number,
                                   struct item *item, char complaint[MEMBERS_COMPLAINT])
{
    enum lede_status status = json_object_read(object, text);

    if (status != LEDE_OK)
        return status;
    item->replaced_bytes = object->replaced;
    if (!object->complaint[0])
        return members_read(members, object->members, object->count, origin, number, item,
                            complaint);
    memcpy(complaint, object->complaint, sizeof object->complaint);
    return LEDE_OK;
}
