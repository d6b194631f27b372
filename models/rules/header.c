/* TREE-14, STATE-08, STATE-21 to 23, TCPV-09, IVLAN-05, VLAN-03, SEND-23: the headers of what the
 * target sends are those of the objects it is linked to.
 *
 * Segments of a connection leave in the order in which they were made: one that shows an object as
 * it was before an update is in order until one has shown it as it is, or too many have not.  A frame whose IP version is
 * not recorded is not judged. */
#include "models/rules/families.h"

#include "models/tcp/segment.h"

#define TAG_CFI 0x1000
#define TAG_VLAN 0x0fff
#define TAG_PRIORITY(tag) ((tag) >> 13 & 7)
#define ECN_BITS 2
#define N_LAYERS 3

/* Segments of a connection that may stand before the wire when an update is complete. */
#define QUEUED_MAX 1024
#define QUEUED_PS (2 * SIM_PS_PER_S) /* and for so long */

/* A segment of the target, and what it should look like. */
typedef struct Headers {
  const int64_t *frame; /* columns of WIRE_SEND */
  SimTime when;
  RuleFlow *flow;
  const RuleObject *object[N_LAYERS]; /* by RuleLayer; NULL: not known, or not to be judged */
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

/* How |object| is to be shown: as it is, or was; NULL: neither fits.  Two changes at once are not
 * followed: |ret_unclear|. */
static const RuleLook *
look_of (Headers *headers, unsigned layer, const RuleObject *object, bool *ret_unclear)
{
  RuleFlow *flow = headers->flow;
  bool is_same = flow->looked_at[layer] == object->id && flow->looks[layer] <= object->looks;
  uint32_t seen = is_same ? flow->looks[layer] : 0;

  if (shows (layer, headers->frame, &object->look)) {
    flow->looked_at[layer] = object->id;
    flow->looks[layer] = object->looks;
    flow->outdated[layer] = 0;
    return &object->look;
  }
  *ret_unclear = object->looks > seen + 1;
  if (seen == object->looks || !shows (layer, headers->frame, &object->look_before))
    return NULL;
  flow->outdated[layer] += object->look_is_settled;
  bool is_late = object->look_is_settled
                 && sim_time_diff (headers->when, object->look_settled_when).ps > QUEUED_PS;
  return flow->outdated[layer] <= QUEUED_MAX && !is_late ? &object->look_before : NULL;
}

/* A path's neighbors: the two it was linked to, the one it is, the one it will be; a segment goes
 * by none that stands before the one of the segment before. */
static const RuleObject *
neighbor_shown (const RuleBook *book, const Headers *headers, const RuleObject *path)
{
  const uint32_t ids[] = { path->parent_earlier, path->parent_before, path->parent,
                           path->parent_next };
  const RuleObject *last = NULL;
  size_t first = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i] != 0 && ids[i] == headers->flow->looked_at[RULE_NEIGHBOR])
      first = i;
  for (size_t i = first; i < G_N_ELEMENTS (ids); i++) {
    const RuleObject *neighbor = rule_object_find (&book->objects, ids[i], path->edge);
    if (neighbor == NULL || !neighbor->look_is_known)
      continue;
    if (ids[i] == path->parent || last == NULL)
      last = neighbor;
    if (shows_neighbor (headers->frame, &neighbor->look)
        || shows_neighbor (headers->frame, &neighbor->look_before))
      return neighbor;
  }
  return last;
}

static void
judge_tree (RuleBook *book, const Headers *headers, unsigned layer, const RuleLook *look)
{
  static const char *const parts[] = { "MAC header", "IP addresses", "hop limit, class or label" };
  const RuleObject *object = headers->object[layer];
  RuleProof proof = { .object = object->id, .at = { object->look_at, book->at } };

  if (!rule_test (book, RULE_TREE_14, look != NULL))
    rule_report (book, RULE_TREE_14, &proof, "a segment's %s is not that of object %u",
                 parts[layer], object->id);
}

static void
judge_connection (RuleBook *book, const Headers *headers, const RuleLook *look)
{
  const RuleObject *object = headers->object[RULE_TCP];
  const int64_t *frame = headers->frame;
  const RuleLook *now = look != NULL ? look : &object->look;
  RuleProof proof = { .object = object->id, .at = { object->look_at, book->at } };
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
  if (object->looks > 0 && !rule_test (book, RULE_TCPV_09, look != NULL))
    rule_report (book, RULE_TCPV_09, &proof, "a segment does not have what an update has changed");
}

/* The table of VLAN-03; a target that has never shown a priority does without. */
static void
judge_tag (RuleBook *book, const Headers *headers)
{
  const RuleObject *neighbor = headers->object[RULE_NEIGHBOR];
  const RuleObject *object = headers->object[RULE_TCP];
  const int64_t *frame = headers->frame;
  bool is_tagged = (frame[WIRE_SEND_ODDITIES] & TCP_VLAN_TAGGED) != 0;
  int64_t tag = frame[WIRE_SEND_VLAN_TAG];
  int64_t vlan = neighbor->look.value[RULE_LOOK_VLAN];
  int64_t priority = object->look.value[RULE_LOOK_PRIORITY];
  int64_t before = object->look_before.value[RULE_LOOK_PRIORITY];
  int64_t shown = is_tagged ? TAG_PRIORITY (tag) : 0;
  RuleProof proof = { .object = object->id,
                      .at = { neighbor->look_at, object->look_at, book->at } };

  book->adapter.has_priorities = book->adapter.has_priorities || shown != 0;
  if (!rule_test (book, RULE_IVLAN_05, (is_tagged ? tag & TAG_VLAN : 0) == vlan))
    rule_report (book, RULE_IVLAN_05, &proof, "a frame is sent in VLAN %d by way of VLAN %d",
                 is_tagged ? (int)(tag & TAG_VLAN) : 0, (int)vlan);
  if (!rule_test (book, RULE_STATE_23,
                  !book->adapter.has_priorities || shown == priority || shown == before))
    rule_report (book, RULE_STATE_23, &proof, "a frame has priority %d, UserPriority is %d",
                 (int)shown, (int)priority);
  bool fits =
      is_tagged
          ? (tag & TAG_CFI) == 0 && (vlan != 0 || priority != 0 || before != 0)
          : vlan == 0 && (shown == priority || shown == before || !book->adapter.has_priorities);
  if (!rule_test (book, RULE_VLAN_03, fits))
    rule_report (book, RULE_VLAN_03, &proof, "a frame %s, VlanId is %d and UserPriority %d",
                 is_tagged ? "is tagged" : "has no tag", (int)vlan, (int)priority);
}

static void
judge_source_mac (RuleBook *book, const Headers *headers)
{
  const RuleObject *neighbor = headers->object[RULE_NEIGHBOR];
  int64_t mac = neighbor->look.value[RULE_LOOK_SOURCE_MAC];
  RuleProof proof = { .object = neighbor->id, .at = { neighbor->look_at, book->at } };

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

/* The objects of the connection, as far as they and their looks are known. */
static Headers
gather (RuleBook *book, RuleFlow *flow, const SimRecord *record)
{
  Headers headers = { .frame = record->column, .when = record->when, .flow = flow };
  const RuleObject *object =
      rule_object_find (&book->objects, flow->object, book->crossings.target_layer);

  if (object == NULL || !object->look_is_known)
    return headers;
  headers.object[RULE_TCP] = object;
  const RuleObject *path = rule_object_find (&book->objects, object->parent, object->edge);
  if (path == NULL || !path->look_is_known)
    return headers;
  headers.object[RULE_PATH] = path;
  headers.object[RULE_NEIGHBOR] = neighbor_shown (book, &headers, path);
  return headers;
}

static void
judge_segment (RuleBook *book, const SimRecord *record)
{
  const int64_t *frame = record->column;
  RuleFlow *flow = rule_flow_find (&book->flows, (uint32_t)frame[WIRE_SEND_CONNECTION]);

  if (flow == NULL || frame[WIRE_SEND_SENDER] != SIDE_TARGET || frame[WIRE_SEND_IP_VERSION] == 0)
    return;
  judge_fragment (book, frame);
  Headers headers = gather (book, flow, record);
  const RuleLook *look[N_LAYERS] = { NULL };
  for (unsigned layer = 0; layer < N_LAYERS; layer++) {
    bool is_unclear = false;
    if (headers.object[layer] == NULL)
      continue;
    look[layer] = look_of (&headers, layer, headers.object[layer], &is_unclear);
    if (is_unclear)
      headers.object[layer] = NULL;
    else
      judge_tree (book, &headers, layer, look[layer]);
  }
  if (headers.object[RULE_TCP] != NULL)
    judge_connection (book, &headers, look[RULE_TCP]);
  if (headers.object[RULE_NEIGHBOR] == NULL)
    return;
  judge_source_mac (book, &headers);
  if (headers.object[RULE_TCP] != NULL)
    judge_tag (book, &headers);
}

static const RuleRecordHook records[] = {
  { TRACE_WIRE_SEND, judge_segment },
};

const RuleFamily rule_family_header = { "HEADER", NULL, 0, records, G_N_ELEMENTS (records), NULL };
