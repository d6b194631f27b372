#include "models/rules/bytes.h"

#include "models/rules/families.h"
#include "models/tcp/segment.h"

void
rule_bytes_init (RuleBytes *bytes)
{
  rule_table_init (&bytes->streams, sizeof (RuleStream));
}

void
rule_bytes_clear (RuleBytes *bytes)
{
  rule_table_clear (&bytes->streams);
}

RuleStream *
rule_stream_find (const RuleBytes *bytes, uint32_t connection, unsigned direction)
{
  return rule_table_find (&bytes->streams, TCP_STREAM (connection, direction));
}

/* Where the streams stand when the host gives a connection away. */
static void
note_owner (RuleBook *book, const SimRecord *record)
{
  if (record->column[OWNER_OWNER] != OWNER_GOING_DOWN)
    return;
  for (unsigned direction = 0; direction < 2; direction++) {
    uint32_t id = TCP_STREAM (record->column[OWNER_CONNECTION], direction);
    RuleStream *stream = rule_table_need (&book->bytes.streams, id);
    stream->given_at_hand_over = stream->given_end;
    stream->delivered_at_hand_over = stream->delivered_end;
    stream->hand_over_at = book->at;
  }
}

static void
judge_given (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleStream *stream = rule_table_need (&book->bytes.streams, (uint64_t)c[APP_SEND_STREAM]);
  uint64_t begin = (uint64_t)c[APP_SEND_OFFSET];

  if (!rule_test (book, RULE_BYTES_03, begin == stream->given_end))
    rule_report (book, RULE_BYTES_03,
                 &(RuleProof){ .connection_plus_1 = (uint32_t)c[APP_SEND_CONNECTION] + 1,
                               .at = { stream->given_at, book->at } },
                 "an application sends from byte %" G_GUINT64_FORMAT
                 " on, having sent up to %" G_GUINT64_FORMAT,
                 begin, stream->given_end);
  stream->given_end = begin + (uint64_t)c[APP_SEND_BYTES];
  stream->given_at = book->at;
}

static void
judge_delivered (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleStream *stream = rule_table_need (&book->bytes.streams, (uint64_t)c[APP_DELIVER_STREAM]);
  uint64_t begin = (uint64_t)c[APP_DELIVER_OFFSET];
  uint64_t end = begin + (uint64_t)c[APP_DELIVER_BYTES];
  RuleProof proof = { .connection_plus_1 = (uint32_t)c[APP_DELIVER_CONNECTION] + 1,
                      .at = { stream->delivered_at, book->at } };

  if (!rule_test (book, RULE_BYTES_01, begin == stream->delivered_end))
    rule_report (book, RULE_BYTES_01, &proof,
                 "an application gets bytes from %" G_GUINT64_FORMAT
                 " on, having got up to %" G_GUINT64_FORMAT,
                 begin, stream->delivered_end);
  proof.at[0] = stream->given_at;
  if (!rule_test (book, RULE_BYTES_02, end <= stream->given_end))
    rule_report (book, RULE_BYTES_02, &proof,
                 "an application gets bytes up to %" G_GUINT64_FORMAT
                 ", sent were %" G_GUINT64_FORMAT,
                 end, stream->given_end);
  stream->delivered_end = end;
  stream->delivered_at = book->at;
}

static void
judge_wire (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;

  if (c[WIRE_SEND_PAYLOAD] == 0 || c[WIRE_SEND_SENDER] == SIDE_ATTACKER
      || c[WIRE_SEND_CONNECTION] < 0 || c[WIRE_SEND_CONNECTION] == UINT32_MAX)
    return;
  uint32_t id = TCP_STREAM (c[WIRE_SEND_CONNECTION], c[WIRE_SEND_DIRECTION]);
  RuleStream *stream = rule_table_need (&book->bytes.streams, id);
  uint64_t end = (uint64_t)(c[WIRE_SEND_OFFSET] + c[WIRE_SEND_PAYLOAD]);
  uint32_t base = (uint32_t)(c[WIRE_SEND_SEQ] - c[WIRE_SEND_OFFSET]);
  RuleProof proof = { .connection_plus_1 = (uint32_t)c[WIRE_SEND_CONNECTION] + 1,
                      .at = { stream->given_at, stream->base_at, book->at } };

  bool holds = end <= stream->given_end && (!stream->base_known || base == stream->base);
  if (!rule_test (book, RULE_BYTES_04, holds))
    rule_report (book, RULE_BYTES_04, &proof,
                 end > stream->given_end ? "bytes up to %" G_GUINT64_FORMAT
                                           " are sent, the application gave %" G_GUINT64_FORMAT
                                         : "bytes up to %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                           " are sent at another sequence number than theirs",
                 end, stream->given_end);
  if (!stream->base_known) {
    stream->base_known = true;
    stream->base = base;
    stream->base_at = book->at;
  }
}

static const RuleRecordHook records[] = {
  { TRACE_APP_SEND, judge_given },
  { TRACE_APP_DELIVER, judge_delivered },
  { TRACE_WIRE_SEND, judge_wire },
  { TRACE_OWNER, note_owner },
};

const RuleFamily rule_family_bytes = { "BYTES", NULL, 0, records, G_N_ELEMENTS (records), NULL };
