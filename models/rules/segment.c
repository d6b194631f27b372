/* FRAG-01, IPOPT-01, SYN-01, URG-02 to URG-04, VLAN-04, TIMER-03: segments that the target is not to process like any
 * other, and the state that it does not keep. */
#include "models/rules/families.h"

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

/* Values of a target-segment record's |verdict|. */
enum { PROCESSED, RAW, DROPPED };

#define TAG_VLAN 0x0fff
#define FROM_PEER 1

static RuleObject *
object_of (const RuleBook *book, int64_t context_id)
{
  const RuleContext *context = rule_context_find (&book->contexts, context_id);

  return context == NULL
             ? NULL
             : rule_object_find (&book->objects, context->object, book->crossings.target_layer);
}

/* The target serves the connection: it is not on its way up, nor has it ended. */
static bool
is_served (const RuleObject *object)
{
  bool is_here = object->phase == RULE_OBJECT_LIVE || object->phase == RULE_OBJECT_INITIATING;

  return is_here && !object->terminate_handled && !object->aborted && !object->abortive
         && !object->upload_asked && !object->failed && !object->corrupted;
}

static void
note_unusual (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[UNUSUAL_CONNECTION]);

  if (flow == NULL)
    return;
  flow->unusual = (RuleUnusual){
    .is_next = true,
    .is_fragment =
        c[UNUSUAL_FRAGMENT_OFFSET] > 0 || (c[UNUSUAL_ODDITIES] & TCP_IP_MORE_FRAGMENTS) != 0,
    .is_forwarded = c[UNUSUAL_FORWARDED] != 0,
    .seq = (uint32_t)c[UNUSUAL_SEQ],
    .ack = (uint32_t)c[UNUSUAL_ACK],
    .flags = c[UNUSUAL_FLAGS],
    .oddities = c[UNUSUAL_ODDITIES],
    .vlan_tag = c[UNUSUAL_VLAN_TAG],
    .at = book->at,
  };
}

/* Fragments, and datagrams with options */

/* What arrives for an offloaded connection and is none of the target's puts the rules to the test. */
static void
note_arrival (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_ARRIVE_CONNECTION]);
  bool is_fragment = (c[WIRE_ARRIVE_ODDITIES] & TCP_IP_MORE_FRAGMENTS) != 0;
  bool has_options = (c[WIRE_ARRIVE_ODDITIES] & TCP_IP_HAS_OPTIONS) != 0;

  if (c[WIRE_ARRIVE_DIRECTION] != FROM_PEER || flow == NULL || flow->object == 0)
    return;
  if (is_fragment)
    rule_test (book, RULE_FRAG_01, true);
  if (has_options)
    rule_test (book, RULE_IPOPT_01, true);
  if ((c[WIRE_ARRIVE_ODDITIES] & ~(TCP_IP_DONT_FRAGMENT | TCP_VLAN_TAGGED)) != 0)
    flow->urgent.is_unclear = true;
}

static void
judge_unfit (RuleBook *book, const RuleUnusual *unusual, const RuleProof *proof, bool is_processed)
{
  if (unusual->is_forwarded || !is_processed)
    return;
  if (unusual->is_fragment && !rule_test (book, RULE_FRAG_01, false))
    rule_report (book, RULE_FRAG_01, proof, "the target processes a fragment of object %u",
                 proof->object);
  if ((unusual->oddities & TCP_IP_HAS_OPTIONS) != 0 && !rule_test (book, RULE_IPOPT_01, false))
    rule_report (book, RULE_IPOPT_01, proof,
                 "the target processes a datagram with options of object %u", proof->object);
}

/* VLANs */

/* True if |neighbor| is known, and its VLAN takes a segment like this. */
static bool
takes (const RuleObject *neighbor, const RuleUnusual *unusual)
{
  bool is_tagged = unusual->is_next && (unusual->oddities & TCP_VLAN_TAGGED) != 0;
  uint16_t vlan = is_tagged ? (uint16_t)(unusual->vlan_tag & TAG_VLAN) : 0;

  return neighbor->vlan_id == 0 || (is_tagged && vlan == neighbor->vlan_id);
}

/* A path that is linked to another neighbor may go by either for a while. */
static void
judge_vlan (RuleBook *book, const RuleObject *object, const RuleUnusual *unusual, int64_t verdict,
            const RuleProof *proof)
{
  const RuleObject *path = rule_object_find (&book->objects, object->parent, object->edge);
  uint32_t n_known = 0;
  uint32_t n_taking = 0;

  if (path == NULL || unusual->is_forwarded)
    return;
  for (const RuleEra *era = &path->era; era != NULL;
       era = rule_era_older (&book->objects.eras, era)) {
    const RuleObject *neighbor = rule_object_find (&book->objects, era->parent, path->edge);
    if (neighbor == NULL || !neighbor->vlan_is_known)
      continue;
    n_known++;
    n_taking += takes (neighbor, unusual);
  }
  if (n_known == 0)
    return;
  bool holds = verdict == DROPPED ? n_taking < n_known : n_taking > 0;
  if (!rule_test (book, RULE_VLAN_04, holds))
    rule_report (book, RULE_VLAN_04, proof, "a segment of object %u is %s: its VLAN is %s",
                 object->id, verdict == DROPPED ? "dropped" : "taken",
                 verdict == DROPPED ? "its neighbor's" : "another one");
}

/* Urgent data */

static uint32_t
next_expected (const RuleObject *object, const RuleFlow *flow)
{
  return flow->received.is_known ? flow->received.rcv_nxt : object->rcv_nxt;
}

/* No reading of the header makes it anything but valid: in order, within the window, acknowledging what is sent. */
static bool
is_valid (const RuleObject *object, const RuleFlow *flow, const RuleUnusual *unusual)
{
  const RuleFlowSide *side = &flow->side[0];
  uint32_t snd_una = flow->received.is_known ? flow->received.snd_una : object->snd_una;

  if ((unusual->flags & (TCP_ACK | TCP_SYN | TCP_RST)) != TCP_ACK || flow->timestamps > 0
      || unusual->seq != next_expected (object, flow) || !flow->window_known
      || !tcp_seq_before (unusual->seq, flow->window_end))
    return false;
  return unusual->ack == snd_una
         || (side->base_known && tcp_seq_before (snd_una, unusual->ack)
             && tcp_seq_at_or_before (unusual->ack, side->base + (uint32_t)side->sent_end));
}

/* The target has met urgent data. */
static void
begin_holding (RuleBook *book, const RuleObject *object, RuleFlow *flow, SimTime when)
{
  uint32_t next = next_expected (object, flow);

  flow->urgent =
      (RuleUrgent){ .is_held = true,
                    .at = book->at,
                    .when = when,
                    .limit = tcp_seq_before (next, flow->unusual.seq) ? flow->unusual.seq : next };
}

static void
judge_urgent (RuleBook *book, const RuleObject *object, RuleFlow *flow, const SimRecord *record)
{
  bool is_raw = record->column[TARGET_SEGMENT_VERDICT] == RAW;

  if ((flow->unusual.flags & TCP_URG) == 0 || flow->urgent.is_held || !is_served (object)
      || record->column[TARGET_SEGMENT_VERDICT] == DROPPED)
    return;
  if (is_valid (object, flow, &flow->unusual) && !rule_test (book, RULE_URG_02, is_raw))
    rule_report (book, RULE_URG_02,
                 &(RuleProof){ .object = object->id, .at = { flow->unusual.at, book->at } },
                 "the target processes urgent data of object %u", object->id);
  if (is_raw)
    begin_holding (book, object, flow, record->when);
}

/* What comes behind urgent data is kept as well. */
static void
judge_behind (RuleBook *book, const RuleObject *object, RuleFlow *flow, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleUrgent *urgent = &flow->urgent;

  if (!urgent->is_held || c[TARGET_SEGMENT_PAYLOAD] == 0 || object->phase == RULE_OBJECT_TERMINATING
      || object->phase == RULE_OBJECT_ENDED)
    return;
  if (!rule_test (book, RULE_URG_03, c[TARGET_SEGMENT_VERDICT] != PROCESSED))
    rule_report (book, RULE_URG_03,
                 &(RuleProof){ .object = object->id, .at = { urgent->at, book->at } },
                 "the target processes data of object %u behind urgent data", object->id);
  if (!flow->side[FROM_PEER].base_known || c[TARGET_SEGMENT_VERDICT] != RAW
      || (flow->unusual.is_next && flow->unusual.is_forwarded)) {
    urgent->is_unclear = true;
    return;
  }
  if (urgent->n_held < RULE_HELD_MAX)
    urgent->offset[urgent->n_held++] =
        rule_flow_offset (&flow->side[FROM_PEER], (uint32_t)c[TARGET_SEGMENT_SEQ]);
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleObject *object = object_of (book, c[TARGET_SEGMENT_CONTEXT]);
  /* The segment may be of an earlier connection between the same ports. */
  RuleFlow *flow = object == NULL ? NULL : rule_flow_of_object (book, object->id);
  int64_t verdict = c[TARGET_SEGMENT_VERDICT];

  if (object == NULL || flow == NULL)
    return;
  RuleProof proof = { .object = object->id, .at = { flow->unusual.at, book->at } };
  if (flow->unusual.is_next) {
    judge_unfit (book, &flow->unusual, &proof, verdict == PROCESSED);
    judge_urgent (book, object, flow, record);
  }
  if ((c[TARGET_SEGMENT_FLAGS] & TCP_SYN) != 0 && flow->target_state == TcpConnectionTimeWait
      && !rule_test (book, RULE_SYN_01, verdict != PROCESSED))
    rule_report (book, RULE_SYN_01, &proof, "the target processes a SYN for object %u in TIME_WAIT",
                 object->id);
  judge_vlan (book, object, &flow->unusual, verdict, &proof);
  judge_behind (book, object, flow, record);
  flow->unusual = (RuleUnusual){ 0 };
}

/* Nothing is acknowledged from the urgent data on. */
static void
judge_ack (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  const RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[WIRE_SEND_CONNECTION]);

  if (flow == NULL || !flow->urgent.is_held || c[WIRE_SEND_SENDER] != SIDE_TARGET
      || (c[WIRE_SEND_FLAGS] & (TCP_ACK | TCP_RST)) != TCP_ACK)
    return;
  if (!rule_test (book, RULE_URG_03,
                  tcp_seq_at_or_before ((uint32_t)c[WIRE_SEND_ACK], flow->urgent.limit)))
    rule_report (book, RULE_URG_03,
                 &(RuleProof){ .object = flow->object, .at = { flow->urgent.at, book->at } },
                 "the target acknowledges what is behind the urgent data of object %u",
                 flow->object);
}

/* Asked for once. */
static void
judge_retrieve (RuleBook *book, const RuleCrossing *x)
{
  const RuleObject *object = rule_object_at (book, x->object, x);

  if (object == NULL || !rule_is_target (book, x) || x->arg0 != TcpIndicateRetrieve
      || x->arg1 != ReceivedUrgentData)
    return;
  bool is_second = object->upload_asked && object->upload_reason == ReceivedUrgentData;
  if (!rule_test (book, RULE_URG_02, !is_second))
    rule_report (book, RULE_URG_02,
                 &(RuleProof){ .object = x->object, .at = { object->upload_asked_at, x->at } },
                 "the upload of object %u is asked for twice because of urgent data", x->object);
}

/* A segment with data, held or behind it, goes up: when the terminate has begun, in order, once. */
static void
judge_passed_up (RuleBook *book, RuleFlow *flow, const RuleObject *object, const RuleNbl *nbl,
                 const RuleCrossing *x)
{
  RuleUrgent *urgent = &flow->urgent;
  RuleProof proof = { .object = object->id, .at = { urgent->at, x->at, nbl->at } };

  for (uint32_t i = 0; i < urgent->n_held; i++) {
    if (urgent->offset[i] != (uint64_t)nbl->offset || i < urgent->n_up)
      continue;
    bool is_late = object->terminate_handled || object->phase == RULE_OBJECT_ENDED;
    if (!rule_test (book, RULE_URG_04, is_late && i == urgent->n_up))
      rule_report (book, RULE_URG_04, &proof, "%s",
                   is_late ? "what was held with urgent data goes up out of order"
                           : "urgent data, or what follows it, goes up before the terminate");
    urgent->n_up = i + 1;
    return;
  }
}

static void
judge_frames (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nbls; i++) {
    const RuleNbl *nbl = &x->nbls[i];
    RuleFlow *flow = nbl->stream < 0 || nbl->bytes == 0
                         ? NULL
                         : rule_flow_find (&book->flows, (uint32_t)(nbl->stream >> 1));
    if (flow == NULL || (nbl->stream & 1) != FROM_PEER || !flow->urgent.is_held
        || flow->urgent.is_unclear || !rule_is_target (book, x))
      continue;
    const RuleObject *object =
        rule_object_find (&book->objects, flow->object, book->crossings.target_layer);
    if (object != NULL)
      judge_passed_up (book, flow, object, nbl, x);
  }
}

/* TIME_WAIT */

/* The target gives a connection in TIME_WAIT up, and does not wait until it has closed. */
static void
judge_state (RuleBook *book, const SimRecord *record)
{
  const int64_t *c = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)c[CONNECTION_STATE_CONNECTION]);
  const RuleObject *object =
      flow == NULL ? NULL
                   : rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (object == NULL || c[CONNECTION_STATE_SIDE] != SIDE_TARGET || flow->time_wait_at == 0
      || c[CONNECTION_STATE_TO] == TcpConnectionTimeWait)
    return;
  if (!rule_test (book, RULE_TIMER_03, !is_served (object)))
    rule_report (book, RULE_TIMER_03,
                 &(RuleProof){ .object = object->id, .at = { flow->time_wait_at, book->at } },
                 "object %u was in TIME_WAIT and its upload was not asked for", object->id);
}

/* The host may have reasons of its own to fetch it.  But where the disconnect is told, what the target had to tell
 * before has been told. */
static void
judge_terminate (RuleBook *book, const RuleCrossing *x)
{
  for (uint32_t i = 0; i < x->n_nodes; i++) {
    const RuleObject *object = rule_object_at (book, x->nodes[i].object, x);
    const RuleFlow *flow = rule_flow_of_object (book, x->nodes[i].object);
    if (object == NULL || flow == NULL || flow->object != object->id || flow->time_wait_at == 0
        || !rule_is_target (book, x) || object->disconnected_at <= flow->time_wait_at)
      continue;
    if (!rule_test (book, RULE_TIMER_03, !is_served (object)))
      rule_report (book, RULE_TIMER_03,
                   &(RuleProof){ .object = object->id, .at = { flow->time_wait_at, x->at } },
                   "object %u is in TIME_WAIT and its upload was not asked for", object->id);
  }
}

static void
judge_left_over (RuleBook *book, const RuleObject *object, const RuleFlow *flow)
{
  if (flow->time_wait_at != 0 && rule_is_overdue (book, flow->time_wait_when, SIM_DURATION_ZERO)
      && !rule_test (book, RULE_TIMER_03, !is_served (object)))
    rule_report (book, RULE_TIMER_03,
                 &(RuleProof){ .object = object->id, .at = { flow->time_wait_at } },
                 "object %u is in TIME_WAIT and its upload was not asked for", object->id);
  if (flow->urgent.is_held && rule_is_overdue (book, flow->urgent.when, SIM_DURATION_ZERO)
      && !rule_test (book, RULE_URG_02, !is_served (object)))
    rule_report (book, RULE_URG_02, &(RuleProof){ .object = object->id, .at = { flow->urgent.at } },
                 "urgent data has come for object %u and its upload was not asked for", object->id);
}

static void
judge_end (RuleBook *book)
{
  for (uint32_t slot = 0; slot < book->objects.table.n_slots; slot++) {
    const RuleObject *object = rule_table_at (&book->objects.table, slot, NULL);
    if (object == NULL || object->layer != RULE_TCP || object->phase != RULE_OBJECT_LIVE
        || object->edge != book->crossings.target_layer)
      continue;
    const RuleFlow *flow = rule_flow_of_object (book, object->id);
    if (flow != NULL && flow->object == object->id)
      judge_left_over (book, object, flow);
  }
}

static const RuleCallHook calls[] = {
  { RULE_SET (RULE_TERMINATE), RULE_DOWN_HANDLER, RULE_AT_BEGIN, judge_terminate },
  { RULE_SET (RULE_EVENT), RULE_UP_CALL, RULE_AT_BEGIN, judge_retrieve },
  { RULE_SET (RULE_FRAME_RECEIVE), RULE_UP_CALL, RULE_AT_BEGIN, judge_frames },
};

static const RuleRecordHook records[] = {
  { TRACE_UNUSUAL, note_unusual },         { TRACE_WIRE_ARRIVE, note_arrival },
  { TRACE_TARGET_SEGMENT, judge_segment }, { TRACE_WIRE_SEND, judge_ack },
  { TRACE_CONNECTION_STATE, judge_state },
};

const RuleFamily rule_family_segment = {
  "SEGMENT", calls, G_N_ELEMENTS (calls), records, G_N_ELEMENTS (records), judge_end
};
