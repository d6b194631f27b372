/* TREE-08, STATE-14, STATE-17: what a segment owes to the path and the constants of its
 * connection. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

#define HEADER_BYTES_MIN 40 /* IPv4 and TCP, without options */

static void
judge_size (RuleBook *book, const RuleObject *object, int64_t payload)
{
  const RuleObject *path = rule_object_find (&book->objects, object->parent, object->edge);

  if (path == NULL || path->mtu_bytes == 0)
    return;
  int64_t mtu = MAX (path->mtu_bytes, path->mtu_bytes_before);
  RuleProof proof = { .object = object->id, .at = { path->initiated_at, book->at } };
  if (!rule_test (book, RULE_TREE_08, payload + HEADER_BYTES_MIN <= mtu))
    rule_report (book, RULE_TREE_08, &proof, "a segment of %d bytes goes over a path of MTU %d",
                 (int)payload, (int)mtu);
  if (!rule_test (book, RULE_STATE_17, payload + HEADER_BYTES_MIN <= mtu))
    rule_report (book, RULE_STATE_17, &proof, "a segment of %d bytes goes over a path of MTU %d",
                 (int)payload, (int)mtu);
}

/* Timestamps are in all segments of a connection or in none.  A reset is exempt. */
static void
judge_timestamps (RuleBook *book, RuleFlow *flow, const int64_t *c)
{
  int8_t has = (c[WIRE_SEND_OPTIONS] & TCP_OPTION_TIMESTAMP) != 0 ? 1 : -1;

  if ((c[WIRE_SEND_FLAGS] & TCP_RST) != 0)
    return;
  if (flow->timestamps == 0)
    flow->timestamps = has;
  static const RuleId rules[] = { RULE_STATE_14, RULE_TS_09 };
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    if (!rule_test (book, rules[i], flow->timestamps == has))
      rule_report (book, rules[i],
                   &(RuleProof){ .connection_plus_1 = flow->connection + 1, .at = { book->at } },
                   "the target sends a segment %s timestamp option",
                   has > 0 ? "with a" : "without the");
}

/* They never go back, whoever has the connection; what a queue has put out of order, or the queues of
 * two targets, says nothing. */
static void
judge_clock (RuleBook *book, RuleFlow *flow, const SimRecord *record)
{
  const int64_t *c = record->column;
  uint32_t value = (uint32_t)c[WIRE_SEND_TS_VALUE];

  if ((c[WIRE_SEND_OPTIONS] & TCP_OPTION_TIMESTAMP) == 0 || (c[WIRE_SEND_FLAGS] & TCP_RST) != 0)
    return;
  bool is_behind = flow->ts_at != 0 && tcp_seq_before ((uint32_t)c[WIRE_SEND_SEQ], flow->ts_seq);
  if (is_behind)
    return;
  if (flow->ts_at != 0 && flow->ts_wire == record->actor_id
      && !rule_test (book, RULE_TS_06, tcp_seq_at_or_before (flow->ts_value, value)))
    rule_report (book, RULE_TS_06,
                 &(RuleProof){ .connection_plus_1 = flow->connection + 1,
                               .at = { flow->ts_at, book->at } },
                 "a timestamp of %u follows one of %u", value, flow->ts_value);
  flow->ts_value = value;
  flow->ts_seq = (uint32_t)c[WIRE_SEND_SEQ];
  flow->ts_wire = record->actor_id;
  flow->ts_at = book->at;
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow != NULL && c[WIRE_SEND_DIRECTION] == 0)
    judge_clock (book, flow, record);
  if (flow == NULL || c[WIRE_SEND_SENDER] != SIDE_TARGET)
    return;
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  if (object != NULL && c[WIRE_SEND_PAYLOAD] > 0)
    judge_size (book, object, c[WIRE_SEND_PAYLOAD]);
  judge_timestamps (book, flow, c);
}

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_segment },
};

const RuleFamily rule_family_path = { "PATH", NULL, 0, records, G_N_ELEMENTS (records), NULL };
