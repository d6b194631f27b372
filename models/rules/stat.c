/* STAT: the counters of offloaded traffic against what the target did. */
#include "models/rules/families.h"

#include "models/ndis/block_list.h"
#include "models/ndis/oid.h"
#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

/* More than any run sends: what was counted before a reset may be on the wire after it. */
#define NOT_KNOWN (UINT64_C (1) << 62)
#define VERSION_OF(family) ((family) == 0 ? 4 : 6)
enum { BY_IP, BY_TCP };
/* What is wrong with a frame, in target-frame. */
enum { FRAME_BAD_HEADER, FRAME_BAD_CHECKSUM, FRAME_NO_ROOM };

/* The counters of the target that speaks as |actor|. */
static RuleStatistics *
statistics_of_actor (RuleBook *book, uint32_t actor, unsigned family)
{
  unsigned layer = rule_target_of_actor (&book->adapter, actor);

  return &book->statistics[layer != 0 ? layer : book->crossings.target_layer][family];
}

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
  return &book->statistics[path->driver % RULE_LAYERS_MAX]
                          [path->type >= Ip6OffloadConstState && path->type <= Ip6OffloadState];
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

/* True if a path is offloaded to the target at |layer|, or on its way. */
static bool
has_path (const RuleBook *book, unsigned layer)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object != NULL && object->layer == RULE_PATH && object->driver == layer
        && object->edge == book->crossings.target_layer
        && (object->phase == RULE_OBJECT_INITIATING || rule_object_is_held (object)))
      return true;
  }
  return false;
}

/* What could not be taken.  A segment whose TCP header is wrong is dropped only where there is a path
 * that it may be of. */
static void
note_frame (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleStatistics *s = statistics_of_actor (book, record->actor_id, c[TARGET_FRAME_VERSION] == 6);
  unsigned layer = (unsigned)((s - &book->statistics[0][0]) / 2);
  bool is_dropped = c[TARGET_FRAME_VERDICT] == 2;

  s->no_room += c[TARGET_FRAME_WHY] == FRAME_NO_ROOM;
  s->bad_headers += c[TARGET_FRAME_WHY] == FRAME_BAD_HEADER;
  s->bad_checksums += c[TARGET_FRAME_WHY] == FRAME_BAD_CHECKSUM;
  s->dropped_headers += c[TARGET_FRAME_WHY] == FRAME_BAD_HEADER && is_dropped;
  s->dropped_checksums += c[TARGET_FRAME_WHY] == FRAME_BAD_CHECKSUM && is_dropped;
  s->processed[BY_IP] += is_dropped && c[TARGET_FRAME_WHY] != FRAME_NO_ROOM;
  s->processed[BY_TCP] += is_dropped && c[TARGET_FRAME_WHY] == FRAME_BAD_CHECKSUM;
  s->passed_up[BY_IP] += !is_dropped;
  s->passed_up[BY_TCP] += !is_dropped;
  if (c[TARGET_FRAME_WHY] == FRAME_BAD_CHECKSUM
      && !rule_test (book, RULE_STAT_10, !is_dropped || has_path (book, layer)))
    rule_report (book, RULE_STAT_10, &(RuleProof){ .subject = 1 + layer, .at = { book->at } },
                 "a segment with a wrong checksum is dropped and no path is offloaded");
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
    RuleStatistics *s = statistics_of_actor (book, record->actor_id, family);
    s->in_receives = s->in_segments = s->out_requests = s->out_segments = 0 - below;
    s->out_resets = s->retransmitted = (uint32_t)(0 - below);
  }
}

/* What it says */

/* A target and an IP version, as the one that is judged no more. */
static uint32_t
subject_of (const RuleBook *book, const RuleStatistics *s)
{
  return 1 + (uint32_t)(s - &book->statistics[0][0]);
}

/* |delta| was counted since the last time; |by| keeps the books. */
static void
judge_received (RuleBook *book, RuleStatistics *s, unsigned by, uint64_t before, uint64_t now,
                unsigned family)
{
  uint64_t delta = now - before;
  uint64_t least = s->processed[by], most = least + s->passed_up[by];
  RuleProof proof = { .subject = subject_of (book, s), .at = { book->at } };

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
judge_reset (RuleBook *book, const RuleStatistics *s, const SimRecord *record, unsigned gauge)
{
  bool is_zero = true;

  for (unsigned i = IP_STATS_IS_SET + 1; i < record->n_columns; i++)
    is_zero &= i == gauge || record->column[i] == 0;
  if (!rule_test (book, RULE_STAT_03, is_zero))
    rule_report (book, RULE_STAT_03,
                 &(RuleProof){ .subject = subject_of (book, s), .at = { book->at } },
                 "counters of IPv%u are not zero after they were set",
                 VERSION_OF (family_of (record)));
}

/* What was counted since the last time, in a counter of 32 bits. */
static uint32_t
since (uint32_t before, int64_t now)
{
  return (uint32_t)now - before;
}

/* STAT-07 to STAT-09: what was dropped, and why. */
static void
judge_ip_errors (RuleBook *book, RuleStatistics *s, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleProof proof = { .subject = subject_of (book, s), .at = { book->at } };
  uint32_t errors = since (s->in_header_errors, c[IP_STATS_IN_HEADER_ERRORS]);
  uint32_t truncated = since (s->in_truncated, c[IP_STATS_IN_TRUNCATED]);
  uint32_t discards = since (s->in_discards, c[IP_STATS_IN_DISCARDS]);
  uint32_t others = since (s->out_discards, c[IP_STATS_OUT_DISCARDS])
                    + since (s->out_no_routes, c[IP_STATS_OUT_NO_ROUTES]);

  /* No frame here is shorter than its header says. */
  if (!rule_test (book, RULE_STAT_07, errors <= s->bad_headers && truncated == 0))
    rule_report (book, RULE_STAT_07, &proof,
                 "%u header errors and %u truncated packets are counted, there were %u and none",
                 errors, truncated, s->bad_headers);
  if (!rule_test (book, RULE_STAT_08, discards == s->no_room && others == 0))
    rule_report (book, RULE_STAT_08, &proof,
                 "%u received and %u other packets are counted as discarded, %u were, for want of "
                 "room",
                 discards, others, s->no_room);
  if ((s->bad_headers > 0 || errors > 0)
      && !rule_test (book, RULE_STAT_09, errors == s->dropped_headers))
    rule_report (book, RULE_STAT_09, &proof,
                 "%u header errors are counted, %u of %u such packets were dropped", errors,
                 s->dropped_headers, s->bad_headers);
}

static void
forget_ip_errors (RuleStatistics *s, const SimRecord *record)
{
  const int64_t *c = record->column;

  s->in_header_errors = (uint32_t)c[IP_STATS_IN_HEADER_ERRORS];
  s->in_truncated = (uint32_t)c[IP_STATS_IN_TRUNCATED];
  s->in_discards = (uint32_t)c[IP_STATS_IN_DISCARDS];
  s->out_discards = (uint32_t)c[IP_STATS_OUT_DISCARDS];
  s->out_no_routes = (uint32_t)c[IP_STATS_OUT_NO_ROUTES];
  s->bad_headers = s->dropped_headers = s->no_room = 0;
}

/* STAT-10: a segment with a wrong TCP header is indicated, or counted. */
static void
judge_tcp_errors (RuleBook *book, RuleStatistics *s, const SimRecord *record)
{
  uint32_t errors = since (s->in_errors, record->column[TCP_STATS_IN_ERRORS]);

  if ((s->bad_checksums > 0 || errors > 0)
      && !rule_test (book, RULE_STAT_10, errors == s->dropped_checksums))
    rule_report (book, RULE_STAT_10,
                 &(RuleProof){ .subject = subject_of (book, s), .at = { book->at } },
                 "%u segments with errors are counted, %u of %u were dropped", errors,
                 s->dropped_checksums, s->bad_checksums);
}

static void
judge_ip (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  unsigned family = family_of (record);
  RuleStatistics *s = statistics_of_actor (book, record->actor_id, family);
  RuleProof proof = { .subject = subject_of (book, s), .at = { book->at } };

  if (c[IP_STATS_IS_SET]) {
    judge_reset (book, s, record, 0);
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
  if (!c[IP_STATS_IS_SET])
    judge_ip_errors (book, s, record);
  forget_ip_errors (s, record);
  s->in_receives = (uint64_t)c[IP_STATS_IN_RECEIVES];
  s->out_requests = (uint64_t)c[IP_STATS_OUT_REQUESTS];
}

/* Connections of |s| that the target has in ESTABLISHED or CLOSE-WAIT. */
static uint32_t
count_established (RuleBook *book, const RuleStatistics *s)
{
  uint32_t count = 0;

  for (uint32_t slot = 0; slot < book->contexts.table.n_slots; slot++) {
    const RuleContext *context = rule_table_at (&book->contexts.table, slot, NULL);
    if (context == NULL || !context->is_made || !context->is_live || context->layer != RULE_TCP
        || statistics_of (book, context) != s)
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
    rule_report (book, RULE_STAT_12,
                 &(RuleProof){ .subject = subject_of (book, s), .at = { book->at } },
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
  RuleStatistics *s = statistics_of_actor (book, record->actor_id, family);
  RuleProof proof = { .subject = subject_of (book, s), .at = { book->at } };

  uint32_t established = count_established (book, s);
  if (!rule_test (book, RULE_STAT_13, c[TCP_STATS_ESTABLISHED] == established))
    rule_report (book, RULE_STAT_13, &proof,
                 "CurrentlyEstablished of IPv%u is %d and %u connections are", VERSION_OF (family),
                 (int)c[TCP_STATS_ESTABLISHED], established);
  if (c[TCP_STATS_IS_SET]) {
    judge_reset (book, s, record, TCP_STATS_ESTABLISHED);
    s->processed[BY_TCP] = s->passed_up[BY_TCP] = 0;
    s->told_segments = s->told_resets = NOT_KNOWN;
  } else {
    judge_received (book, s, BY_TCP, s->in_segments, (uint64_t)c[TCP_STATS_IN_SEGMENTS], family);
    judge_sent (book, s, record, family);
    uint64_t received = (uint64_t)c[TCP_STATS_IN_SEGMENTS] - s->in_segments;
    uint32_t errors = since (s->in_errors, c[TCP_STATS_IN_ERRORS]);
    if (!rule_test (book, RULE_STAT_11, errors <= received))
      rule_report (book, RULE_STAT_11, &proof, "%u segments of IPv%u were wrong and fewer came",
                   errors, VERSION_OF (family));
  }
  if (!c[TCP_STATS_IS_SET]) {
    judge_tcp_errors (book, s, record);
    book->totals.told_in += (uint64_t)c[TCP_STATS_IN_SEGMENTS];
    book->totals.told_out += (uint64_t)c[TCP_STATS_OUT_SEGMENTS];
  }
  s->in_errors = (uint32_t)c[TCP_STATS_IN_ERRORS];
  s->bad_checksums = s->dropped_checksums = 0;
  s->in_segments = (uint64_t)c[TCP_STATS_IN_SEGMENTS];
  s->out_segments = (uint64_t)c[TCP_STATS_OUT_SEGMENTS];
  s->out_resets = (uint64_t)c[TCP_STATS_OUT_RESETS];
  s->retransmitted = (uint64_t)c[TCP_STATS_RETRANSMITTED];
}

/* STAT-05: the host adds what the targets have told to its own. */
static void
judge_total (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  bool holds =
      (uint64_t)c[STATS_TOTAL_TOTAL_IN] - (uint64_t)c[STATS_TOTAL_OWN_IN] == book->totals.told_in
      && (uint64_t)c[STATS_TOTAL_TOTAL_OUT] - (uint64_t)c[STATS_TOTAL_OWN_OUT]
             == book->totals.told_out;

  if (!rule_test (book, RULE_STAT_05, holds))
    rule_report (book, RULE_STAT_05, &(RuleProof){ .subject = 1, .at = { book->at } },
                 "the host has %" G_GUINT64_FORMAT " segments in all, %" G_GUINT64_FORMAT
                 " of its own, and was told of %" G_GUINT64_FORMAT,
                 (uint64_t)c[STATS_TOTAL_TOTAL_IN], (uint64_t)c[STATS_TOTAL_OWN_IN],
                 book->totals.told_in);
  book->totals = (RuleTotals){ 0 };
}

/* The host asks anew: IPv4 comes first. */
static void
begin_query (RuleBook *book, const RuleCrossing *x)
{
  if (x->layer == 0 && x->arg0 == OID_IP4_OFFLOAD_STATS)
    book->totals = (RuleTotals){ 0 };
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_OID), RULE_DOWN_CALL, RULE_AT_BEGIN, begin_query },
};

static const RuleRecordHook records[] = {
  { TRACE_TARGET_FRAME, note_frame },     { TRACE_STATS_TOTAL, judge_total },
  { TRACE_TARGET_SEGMENT, note_segment }, { TRACE_WIRE_SEND, note_sent },
  { TRACE_CONFIG, note_configuration },   { TRACE_IP_STATS, judge_ip },
  { TRACE_TCP_STATS, judge_tcp },
};

const RuleFamily rule_family_stat = {
  "STAT", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), NULL
};
