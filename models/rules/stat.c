/* STAT: the counters of offloaded traffic against what the target did. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"
#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

/* More than any run sends: what was counted before a reset may be on the wire after it. */
#define NOT_KNOWN (UINT64_C (1) << 62)
#define VERSION_OF(family) ((family) == 0 ? 4 : 6)
enum { BY_IP, BY_TCP };

/* The path that a TCP context is linked to says which version it is; NULL: not known. */
static RuleStatistics *
statistics_of (RuleBook *book, const RuleContext *context)
{
  const RuleContext *parent =
      context != NULL ? rule_context_find (&book->contexts, context->parent) : NULL;
  const RuleObject *path = parent != NULL ? rule_object_find (&book->objects, parent->object,
                                                              book->crossings.target_layer)
                                          : NULL;

  if (path == NULL)
    return NULL;
  return &book->statistics[path->type >= Ip6OffloadConstState && path->type <= Ip6OffloadState];
}

/* What the target did */

static void
note_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleStatistics *s =
      statistics_of (book, rule_context_find (&book->contexts, c[TARGET_SEGMENT_CONTEXT]));

  for (unsigned by = BY_IP; s != NULL && by <= BY_TCP; by++) {
    s->processed[by] += c[TARGET_SEGMENT_VERDICT] == 0;
    s->passed_up[by] += c[TARGET_SEGMENT_VERDICT] == 1;
  }
}

static void
note_sent (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (c[WIRE_SEND_SENDER] != SIDE_TARGET || flow == NULL)
    return;
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
  RuleStatistics *s =
      object != NULL ? statistics_of (book, rule_context_find (&book->contexts, object->context))
                     : NULL;
  if (s == NULL)
    return;
  s->wire_segments++;
  s->wire_resets += (c[WIRE_SEND_FLAGS] & TCP_RST) != 0;
}

static void
note_configuration (RuleBook *book, const SimRecord *record)
{
  uint64_t below = (uint64_t)record->column[CONFIG_VALUE];

  if (record->column[CONFIG_KEY] != TRACE_CONFIG_STATISTICS_BEFORE_WRAP)
    return;
  for (unsigned family = 0; family < 2; family++) {
    RuleStatistics *s = &book->statistics[family];
    s->in_receives = s->in_segments = s->out_requests = s->out_segments = 0 - below;
    s->out_resets = s->retransmitted = (uint32_t)(0 - below);
  }
}

/* What it says */

/* |delta| was counted since the last time; |by| keeps the books. */
static void
judge_received (RuleBook *book, RuleStatistics *s, unsigned by, uint64_t before, uint64_t now,
                unsigned family)
{
  uint64_t delta = now - before;
  uint64_t least = s->processed[by], most = least + s->passed_up[by];
  RuleProof proof = { .subject = 1 + family, .at = { book->at } };

  if (!rule_test (book, RULE_STAT_02, delta <= most))
    rule_report (book, RULE_STAT_02, &proof,
                 "%" G_GUINT64_FORMAT " segments of IPv%u are counted and %" G_GUINT64_FORMAT
                 " were of offloaded connections",
                 delta, VERSION_OF (family), most);
  RuleId rule = now < before || before > UINT64_MAX - least ? RULE_STAT_04 : RULE_STAT_01;
  if (!rule_test (book, rule, delta >= least))
    rule_report (book, rule, &proof,
                 "%" G_GUINT64_FORMAT " segments of IPv%u are counted and %" G_GUINT64_FORMAT
                 " were processed",
                 delta, VERSION_OF (family), least);
  s->processed[by] = s->passed_up[by] = 0;
}

static unsigned
family_of (const SimRecord *record)
{
  return record->column[IP_STATS_VERSION] == 6;
}

/* After a set everything is zero, the gauge excepted. */
static void
judge_reset (RuleBook *book, const SimRecord *record, unsigned gauge)
{
  bool is_zero = true;

  for (unsigned i = IP_STATS_IS_SET + 1; i < record->n_columns; i++)
    is_zero &= i == gauge || record->column[i] == 0;
  if (!rule_test (book, RULE_STAT_03, is_zero))
    rule_report (book, RULE_STAT_03,
                 &(RuleProof){ .subject = 1 + family_of (record), .at = { book->at } },
                 "counters of IPv%u are not zero after they were set",
                 VERSION_OF (family_of (record)));
}

/* Of several targets each has counters of its own, and the trace does not say whose these are. */
static bool
can_judge (const RuleBook *book)
{
  return book->adapter.n_configured <= 1;
}

static void
judge_ip (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  unsigned family = family_of (record);
  RuleStatistics *s = &book->statistics[family];
  RuleProof proof = { .subject = 1 + family, .at = { book->at } };

  if (!can_judge (book))
    return;
  if (c[IP_STATS_IS_SET]) {
    judge_reset (book, record, 0);
    s->processed[BY_IP] = s->passed_up[BY_IP] = 0;
    s->told_requests = NOT_KNOWN;
  } else {
    judge_received (book, s, BY_IP, s->in_receives, (uint64_t)c[IP_STATS_IN_RECEIVES], family);
    s->told_requests += (uint64_t)c[IP_STATS_OUT_REQUESTS] - s->out_requests;
    uint64_t received = (uint64_t)c[IP_STATS_IN_RECEIVES] - s->in_receives;
    if (!rule_test (book, RULE_STAT_06,
                    s->told_requests >= s->wire_segments && received < 1ULL << 63))
      rule_report (book, RULE_STAT_06, &proof,
                   "%" G_GUINT64_FORMAT " datagrams of IPv%u were to be sent and %" G_GUINT64_FORMAT
                   " are on the wire",
                   s->told_requests, VERSION_OF (family), s->wire_segments);
  }
  s->in_receives = (uint64_t)c[IP_STATS_IN_RECEIVES];
  s->out_requests = (uint64_t)c[IP_STATS_OUT_REQUESTS];
}

/* Connections of the family that the target has in ESTABLISHED or CLOSE-WAIT. */
static uint32_t
count_established (RuleBook *book, unsigned family)
{
  uint32_t count = 0;

  for (uint32_t slot = 0; slot < book->contexts.table.n_slots; slot++) {
    const RuleContext *context = rule_table_at (&book->contexts.table, slot, NULL);
    if (context == NULL || !context->is_made || !context->is_live || context->layer != RULE_TCP
        || statistics_of (book, context) != &book->statistics[family])
      continue;
    const RuleFlow *flow = rule_flow_find (&book->flows, context->connection);
    count += flow != NULL
             && (flow->target_state == TcpConnectionEstablished
                 || flow->target_state == TcpConnectionCloseWait);
  }
  return count;
}

static void
judge_sent (RuleBook *book, RuleStatistics *s, const SimRecord *record, unsigned family)
{
  const int64_t *c = record->column;
  uint32_t resets = (uint32_t)c[TCP_STATS_OUT_RESETS] - (uint32_t)s->out_resets;
  uint32_t repeated = (uint32_t)c[TCP_STATS_RETRANSMITTED] - (uint32_t)s->retransmitted;

  s->told_resets += resets;
  s->told_segments += (uint64_t)c[TCP_STATS_OUT_SEGMENTS] - s->out_segments + repeated;
  bool holds = s->told_resets >= s->wire_resets && s->told_segments >= s->wire_segments;
  if (!rule_test (book, RULE_STAT_12, holds))
    rule_report (book, RULE_STAT_12, &(RuleProof){ .subject = 1 + family, .at = { book->at } },
                 "%" G_GUINT64_FORMAT " segments and %" G_GUINT64_FORMAT
                 " resets of IPv%u are told, %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
                 " are on the wire",
                 s->told_segments, s->told_resets, VERSION_OF (family), s->wire_segments,
                 s->wire_resets);
}

static void
judge_tcp (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  unsigned family = family_of (record);
  RuleStatistics *s = &book->statistics[family];
  RuleProof proof = { .subject = 1 + family, .at = { book->at } };

  if (!can_judge (book))
    return;
  uint32_t established = count_established (book, family);
  if (!rule_test (book, RULE_STAT_13, c[TCP_STATS_ESTABLISHED] == established))
    rule_report (book, RULE_STAT_13, &proof,
                 "CurrentlyEstablished of IPv%u is %d and %u connections are", VERSION_OF (family),
                 (int)c[TCP_STATS_ESTABLISHED], established);
  if (c[TCP_STATS_IS_SET]) {
    judge_reset (book, record, TCP_STATS_ESTABLISHED);
    s->processed[BY_TCP] = s->passed_up[BY_TCP] = 0;
    s->told_segments = s->told_resets = NOT_KNOWN;
  } else {
    judge_received (book, s, BY_TCP, s->in_segments, (uint64_t)c[TCP_STATS_IN_SEGMENTS], family);
    judge_sent (book, s, record, family);
    uint64_t received = (uint64_t)c[TCP_STATS_IN_SEGMENTS] - s->in_segments;
    if (!rule_test (book, RULE_STAT_11, c[TCP_STATS_IN_ERRORS] == 0 || received > 0))
      rule_report (book, RULE_STAT_11, &proof, "%d segments of IPv%u were wrong and none came",
                   (int)c[TCP_STATS_IN_ERRORS], VERSION_OF (family));
  }
  s->in_segments = (uint64_t)c[TCP_STATS_IN_SEGMENTS];
  s->out_segments = (uint64_t)c[TCP_STATS_OUT_SEGMENTS];
  s->out_resets = (uint64_t)c[TCP_STATS_OUT_RESETS];
  s->retransmitted = (uint64_t)c[TCP_STATS_RETRANSMITTED];
}

static const RuleRecordHook records[] = {
  { TRACE_TARGET_SEGMENT, note_segment }, { TRACE_WIRE_SEND, note_sent },
  { TRACE_CONFIG, note_configuration },   { TRACE_IP_STATS, judge_ip },
  { TRACE_TCP_STATS, judge_tcp },
};

const RuleFamily rule_family_stat = { "STAT", NULL, 0, records, G_N_ELEMENTS (records), NULL };
