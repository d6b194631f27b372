/* TREE-14, STATE-08, STATE-21 to 23, TCPV-09, IVLAN-05, VLAN-03, SEND-23: the headers of what the
 * target sends are those of the objects it is linked to.
 *
 * Objects change while segments wait before the wire.  A segment is in order if there was an instant
 * since which it may have waited and at which its connection, the path of that and the neighbor of
 * that showed what it shows.  Those of a connection leave by one wire in the order in which they
 * were made: each was made since what the one before it shows began.  A frame whose IP version is
 * not recorded is not judged. */
#include "models/rules/families.h"

#include <string.h>

#include "models/tcp/segment.h"

#define TAG_CFI 0x1000
#define TAG_VLAN 0x0fff
#define TAG_PRIORITY(tag) ((tag) >> 13 & 7)
#define ECN_BITS 2
#define N_LAYERS 3

/* Segments of a connection that may stand before the wire when an update is complete; and none
 * stands there for longer than RULE_QUEUED_PS. */
#define QUEUED_MAX 1024

/* When a segment may have been made. */
typedef struct Window {
  SimTime from, to;
} Window;

/* What a segment shows of one layer. */
typedef struct Layer {
  const RuleObject *object; /* as the connection is linked now; NULL: not known */
  const RuleEra *shown;     /* the newest that fits; NULL: none does */
  bool is_unclear;          /* an object that it may show is not known */
  uint8_t priorities;       /* a bit for each that a connection may have had */
  Window made;              /* the segment was, if one fits */
} Layer;

/* A segment of the target, and what it should look like. */
typedef struct Headers {
  const RuleBook *book;
  const RuleFlow *flow;
  const int64_t *frame;  /* columns of WIRE_SEND */
  SimTime floor;         /* it was made since then */
  Layer layer[N_LAYERS]; /* by RuleLayer */
} Headers;

static bool
shows_connection (const int64_t *frame, const RuleLook *look)
{
  bool has_label = frame[WIRE_SEND_IP_VERSION] == 6;

  return frame[WIRE_SEND_HOP_LIMIT] == look->value[RULE_LOOK_HOP_LIMIT]
         && frame[WIRE_SEND_TOS] >> ECN_BITS == look->value[RULE_LOOK_TOS] >> ECN_BITS
         && (!has_label || frame[WIRE_SEND_FLOW_LABEL] == look->value[RULE_LOOK_FLOW_LABEL]);
}

static bool
shows_path (const int64_t *frame, const RuleLook *look)
{
  return frame[WIRE_SEND_SOURCE] == look->value[RULE_LOOK_SOURCE]
         && frame[WIRE_SEND_DESTINATION] == look->value[RULE_LOOK_DESTINATION];
}

static bool
shows_neighbor (const int64_t *frame, const RuleLook *look)
{
  return frame[WIRE_SEND_DESTINATION_MAC] == look->value[RULE_LOOK_DESTINATION_MAC];
}

static bool
shows (unsigned layer, const int64_t *frame, const RuleLook *look)
{
  switch (layer) {
  case RULE_NEIGHBOR:
    return shows_neighbor (frame, look);
  case RULE_PATH:
    return shows_path (frame, look);
  default:
    return shows_connection (frame, look);
  }
}

/* |object| was as in |era| at some time of |window|. */
static void
fit (Headers *headers, unsigned layer, const RuleEra *era, Window window)
{
  Layer *ret = &headers->layer[layer];

  if (layer == RULE_TCP)
    ret->priorities |= (uint8_t)(1U << (era->look.value[RULE_LOOK_PRIORITY] & 7));
  if (!shows (layer, headers->frame, &era->look))
    return;
  if (ret->shown == NULL) {
    ret->shown = era;
    ret->made = window;
  }
  ret->made.from = sim_time_min (ret->made.from, window.from);
  ret->made.to = sim_time_max (ret->made.to, window.to);
}

/* Goes from |object|, in layer |at|, down to |layer|, through what was linked to what in |window|. */
static void
walk (Headers *headers, unsigned layer, unsigned at, const RuleObject *object, Window window)
{
  const RuleObjects *objects = &headers->book->objects;
  Layer *ret = &headers->layer[layer];

  if (object == NULL || !object->era.is_known) {
    ret->is_unclear = true;
    return;
  }
  if (at == layer && ret->object == NULL)
    ret->object = object;
  for (const RuleEra *era = &object->era; era != NULL; era = rule_era_older (&objects->eras, era)) {
    Window in = { sim_time_max (window.from, era->since), sim_time_min (window.to, era->until) };
    if (sim_time_before (in.to, in.from) || sim_time_before (in.to, headers->floor)
        || (at == layer && sim_time_before (in.from, headers->flow->made_since[layer])))
      continue;
    if (at == layer)
      fit (headers, layer, era, in);
    else
      walk (headers, layer, at - 1, rule_object_find (objects, era->parent, object->edge), in);
  }
}

static bool
is_judged (const Layer *layer)
{
  return layer->object != NULL && (layer->shown != NULL || !layer->is_unclear);
}

/* What the segment shows of |layer|, or should. */
static const RuleLook *
look_of (const Layer *layer)
{
  return layer->shown != NULL ? &layer->shown->look : &layer->object->era.look;
}

static void
judge_tree (RuleBook *book, const Headers *headers, unsigned layer)
{
  static const char *const parts[] = { "MAC header", "IP addresses", "hop limit, class or label" };
  const RuleObject *object = headers->layer[layer].object;
  RuleProof proof = { .object = object->id, .at = { object->era.at, book->at } };

  if (!rule_test (book, RULE_TREE_14, headers->layer[layer].shown != NULL))
    rule_report (book, RULE_TREE_14, &proof, "a segment's %s is not that of object %u",
                 parts[layer], object->id);
}

static void
judge_connection (RuleBook *book, const Headers *headers)
{
  const RuleObject *object = headers->layer[RULE_TCP].object;
  const int64_t *frame = headers->frame;
  const RuleLook *now = look_of (&headers->layer[RULE_TCP]);
  RuleProof proof = { .object = object->id, .at = { object->era.at, book->at } };
  bool has_label = frame[WIRE_SEND_IP_VERSION] == 6;

  if (has_label
      && !rule_test (book, RULE_STATE_21,
                     frame[WIRE_SEND_FLOW_LABEL] == now->value[RULE_LOOK_FLOW_LABEL]))
    rule_report (book, RULE_STATE_21, &proof, "a segment has flow label %d, FlowLabel is %d",
                 (int)frame[WIRE_SEND_FLOW_LABEL], (int)now->value[RULE_LOOK_FLOW_LABEL]);
  if (!rule_test (book, RULE_STATE_22,
                  frame[WIRE_SEND_HOP_LIMIT] == now->value[RULE_LOOK_HOP_LIMIT]
                      && frame[WIRE_SEND_TOS] >> ECN_BITS == now->value[RULE_LOOK_TOS] >> ECN_BITS))
    rule_report (book, RULE_STATE_22, &proof,
                 "a segment has hop limit %d and class %d, the host said %d and %d",
                 (int)frame[WIRE_SEND_HOP_LIMIT], (int)frame[WIRE_SEND_TOS],
                 (int)now->value[RULE_LOOK_HOP_LIMIT], (int)now->value[RULE_LOOK_TOS]);
  if (object->era.older != 0
      && !rule_test (book, RULE_TCPV_09, headers->layer[RULE_TCP].shown != NULL))
    rule_report (book, RULE_TCPV_09, &proof, "a segment does not have what an update has changed");
}

/* The table of VLAN-03; a target that has never shown a priority does without. */
static void
judge_tag (RuleBook *book, const Headers *headers)
{
  const RuleObject *neighbor = headers->layer[RULE_NEIGHBOR].object;
  const RuleObject *object = headers->layer[RULE_TCP].object;
  unsigned priorities = headers->layer[RULE_TCP].priorities;
  const int64_t *frame = headers->frame;
  bool is_tagged = (frame[WIRE_SEND_ODDITIES] & TCP_VLAN_TAGGED) != 0;
  int64_t tag = frame[WIRE_SEND_VLAN_TAG];
  int64_t priority = object->era.look.value[RULE_LOOK_PRIORITY];
  int64_t vlan = look_of (&headers->layer[RULE_NEIGHBOR])->value[RULE_LOOK_VLAN];
  int64_t shown = is_tagged ? TAG_PRIORITY (tag) : 0;
  bool is_priority = (priorities >> shown & 1) != 0;
  RuleProof proof = { .object = object->id, .at = { neighbor->era.at, object->era.at, book->at } };

  book->adapter.has_priorities = book->adapter.has_priorities || shown != 0;
  if (!rule_test (book, RULE_IVLAN_05, (is_tagged ? tag & TAG_VLAN : 0) == vlan))
    rule_report (book, RULE_IVLAN_05, &proof, "a frame is sent in VLAN %d by way of VLAN %d",
                 is_tagged ? (int)(tag & TAG_VLAN) : 0, (int)vlan);
  if (!rule_test (book, RULE_STATE_23, !book->adapter.has_priorities || is_priority))
    rule_report (book, RULE_STATE_23, &proof, "a frame has priority %d, UserPriority is %d",
                 (int)shown, (int)priority);
  bool fits = is_tagged ? (tag & TAG_CFI) == 0 && (vlan != 0 || (priorities & ~1U) != 0)
                        : vlan == 0 && (is_priority || !book->adapter.has_priorities);
  if (!rule_test (book, RULE_VLAN_03, fits))
    rule_report (book, RULE_VLAN_03, &proof, "a frame %s, VlanId is %d and UserPriority %d",
                 is_tagged ? "is tagged" : "has no tag", (int)vlan, (int)priority);
}

static void
judge_source_mac (RuleBook *book, const Headers *headers)
{
  const RuleObject *neighbor = headers->layer[RULE_NEIGHBOR].object;
  int64_t mac = look_of (&headers->layer[RULE_NEIGHBOR])->value[RULE_LOOK_SOURCE_MAC];
  RuleProof proof = { .object = neighbor->id, .at = { neighbor->era.at, book->at } };

  if (mac != 0 && !rule_test (book, RULE_STATE_08, headers->frame[WIRE_SEND_SOURCE_MAC] == mac))
    rule_report (book, RULE_STATE_08, &proof, "a frame is sent from MAC %d, DlSourceAddress is %d",
                 (int)headers->frame[WIRE_SEND_SOURCE_MAC], (int)mac);
}

static void
judge_fragment (RuleBook *book, const int64_t *frame)
{
  int64_t bits = frame[WIRE_SEND_ODDITIES] & (TCP_IP_DONT_FRAGMENT | TCP_IP_MORE_FRAGMENTS);
  RuleProof proof = { .connection_plus_1 = (uint32_t)frame[WIRE_SEND_CONNECTION] + 1,
                      .at = { book->at } };

  if (frame[WIRE_SEND_IP_VERSION] == 4
      && !rule_test (book, RULE_SEND_23, bits == TCP_IP_DONT_FRAGMENT))
    rule_report (book, RULE_SEND_23, &proof, "the target sends a datagram %s",
                 (bits & TCP_IP_MORE_FRAGMENTS) != 0 ? "in fragments"
                                                     : "without the Don't Fragment bit");
}

/* From when on the next segment of |flow| may have been made. */
static SimTime
made_since (const RuleFlow *flow, const SimRecord *record)
{
  SimTime since = { record->when.ps - RULE_QUEUED_PS };

  if (flow->outdated >= QUEUED_MAX)
    return record->when;
  for (unsigned layer = 0; layer < N_LAYERS; layer++)
    since = sim_time_max (since, flow->made_since[layer]);
  return since;
}

/* What the segment shows, layer by layer: where one fits, the next is looked at as it was then.
 * Gives when it may have been made. */
static Window
gather (RuleBook *book, Headers *headers)
{
  const RuleObject *object =
      rule_object_find (&book->objects, headers->flow->object, book->crossings.target_layer);
  Window window = { SIM_TIME_ZERO, SIM_TIME_NEVER };

  for (unsigned layer = N_LAYERS; layer-- > 0;) {
    walk (headers, layer, RULE_TCP, object, window);
    if (headers->layer[layer].shown != NULL)
      window = headers->layer[layer].made;
  }
  return window;
}

/* The segments after this one were made as it was, or later. */
static void
note_made (RuleFlow *flow, const Headers *headers, bool is_outdated)
{
  flow->outdated = is_outdated ? flow->outdated + 1 : 0;
  for (unsigned layer = 0; layer < N_LAYERS; layer++) {
    const Layer *seen = &headers->layer[layer];
    if (seen->shown == NULL || !sim_time_before (flow->made_since[layer], seen->made.from))
      continue;
    flow->made_since[layer] = seen->made.from;
    flow->outdated = 0;
  }
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *frame = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)frame[WIRE_SEND_CONNECTION]);

  if (flow == NULL || frame[WIRE_SEND_SENDER] != SIDE_TARGET || frame[WIRE_SEND_IP_VERSION] == 0)
    return;
  judge_fragment (book, frame);
  if (flow->target_wire != record->actor_id)
    memset (flow->made_since, 0, sizeof flow->made_since);
  Headers headers = {
    .book = book, .frame = frame, .flow = flow, .floor = made_since (flow, record)
  };
  Window made = gather (book, &headers);
  note_made (flow, &headers, sim_time_before (made.to, record->when));
  for (unsigned layer = 0; layer < N_LAYERS; layer++)
    if (is_judged (&headers.layer[layer]))
      judge_tree (book, &headers, layer);
  if (is_judged (&headers.layer[RULE_TCP]))
    judge_connection (book, &headers);
  if (!is_judged (&headers.layer[RULE_NEIGHBOR]))
    return;
  judge_source_mac (book, &headers);
  if (is_judged (&headers.layer[RULE_TCP]))
    judge_tag (book, &headers);
}

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_segment },
};

const RuleFamily rule_family_header = { "HEADER", NULL, 0, records, G_N_ELEMENTS (records), NULL };
