#include "lab/situation.h"

#include <string.h>

#include "lab/columns.h"
#include "lab/data_situation.h"
#include "lab/objects.h"
#include "models/ndis/block_list.h"
#include "models/ndis/oid.h"
#include "models/ndis/types.h"
#include "models/rules/crossing.h"
#include "models/tcp/segment.h"
#include "sim/assert.h"

static const LabSituationInfo infos[LAB_N_SITUATIONS] = {
#define SITUATION(id, name, means, seen) [LAB_SITUATION_##id] = { name, means, seen },
#include "lab/situations.def"
#undef SITUATION
};

/* Frames from the peers. */
#define FROM_PEERS 1
/* TARGET_SEGMENT's verdict. */
#define PROCESSED 0

typedef struct Connection {
  bool is_live;      /* the target has processed its segments since it went down */
  bool is_asked_for; /* the target has asked for its upload */
  bool is_gone;      /* the target has freed its context */
  bool is_invalid;   /* the target has asked for its upload because it is */
  int64_t op;        /* of its initiate */
  int64_t object;    /* 0: it was never offloaded */
} Connection;

/* Operations that leave an object where it is. */
typedef enum Request { REQUEST_UPDATE, REQUEST_QUERY, REQUEST_INVALIDATE, N_REQUESTS } Request;

typedef struct Outstanding {
  uint32_t n[N_REQUESTS];
} Outstanding;

struct LabSituations {
  const WorldConfig *config;
  LabSituationSet wanted;
  LabObjects *objects; /* NULL: nothing is wanted */
  LabMeeting meeting[LAB_N_SITUATIONS];
  Connection *connection;
  GHashTable *outstanding;      /* offload object to Outstanding, once it was named */
  GHashTable *completing;       /* ops whose initiate the target has begun to complete */
  int64_t n_requests;           /* sends and receives that the target has */
  uint32_t n_invalid;           /* connections that the target wants to give back as invalid */
  uint32_t n_power_downs;       /* set_power events under way that power down */
  LabDataSituations *data_path; /* NULL: none of its situations is wanted */
};

const LabSituationInfo *
lab_situation_info (LabSituation situation)
{
  SIM_ASSERT (situation < LAB_N_SITUATIONS);
  return &infos[situation];
}

bool
lab_situation_find (const char *name, LabSituation *ret_situation)
{
  for (LabSituation situation = 0; situation < LAB_N_SITUATIONS; situation++)
    if (strcmp (infos[situation].name, name) == 0) {
      *ret_situation = situation;
      return true;
    }
  return false;
}

static void
meet (LabSituations *s, LabSituation situation, const SimRecord *record, uint32_t connection)
{
  LabMeeting *meeting = &s->meeting[situation];

  if ((s->wanted & LAB_SITUATION_BIT (situation)) == 0)
    return;
  if (meeting->count++ > 0)
    return;
  meeting->first = *record;
  meeting->connection = connection;
}

static void
meet_on_data_path (void *data, LabSituation situation, const SimRecord *record, uint32_t connection)
{
  meet (data, situation, record, connection);
}

static uint32_t
connection_of (const LabSituations *s, int64_t object)
{
  return lab_objects_connection (s->objects, object);
}

/* Connections on their way down, or up. */
static uint32_t
n_owned (const LabSituations *s, TraceOwner owner)
{
  return s->objects->n_owned[owner];
}

static TraceOwner
owner_of (const LabSituations *s, uint32_t connection)
{
  return (TraceOwner)s->objects->owner[connection];
}

static void
on_owner (LabSituations *s, const SimRecord *record)
{
  Connection *c = &s->connection[record->column[OWNER_CONNECTION]];
  int64_t owner = record->column[OWNER_OWNER];

  if (owner == OWNER_GOING_DOWN) {
    c->is_live = false;
    c->op = record->column[OWNER_OP];
  }
  if (owner != OWNER_HOST)
    return;
  c->is_asked_for = false;
  s->n_invalid -= c->is_invalid;
  c->is_invalid = false;
}

static void
on_live (LabSituations *s, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[CONTEXT_LIVE_CONNECTION];

  if (connection >= s->config->n_connections)
    return;
  s->connection[connection].is_live = true;
  s->connection[connection].is_gone = false;
  s->connection[connection].object = record->column[CONTEXT_LIVE_OBJECT];
}

static void
on_free (LabSituations *s, const SimRecord *record)
{
  uint32_t connection = connection_of (s, record->column[CONTEXT_FREE_OBJECT]);

  if (connection != UINT32_MAX)
    s->connection[connection].is_gone = true;
}

static void
on_arrival (LabSituations *s, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[WIRE_ARRIVE_CONNECTION];
  int64_t flags = record->column[WIRE_ARRIVE_FLAGS];

  if (record->column[WIRE_ARRIVE_DIRECTION] != FROM_PEERS)
    return;
  bool is_address = record->column[WIRE_ARRIVE_WHAT] == TCP_FRAME_ARP_REPLY
                    || record->column[WIRE_ARRIVE_WHAT] == TCP_FRAME_ADVERTISEMENT;
  if (is_address && n_owned (s, OWNER_GOING_DOWN) > 0)
    meet (s, LAB_SITUATION_ADDRESS_CHANGE_DURING_INITIATE, record, UINT32_MAX);
  if (connection >= s->config->n_connections)
    return;
  const Connection *c = &s->connection[connection];
  if (owner_of (s, connection) == OWNER_GOING_DOWN && (flags & TCP_RST))
    meet (s,
          c->is_live ? LAB_SITUATION_RST_AFTER_CONTEXT_LIVE : LAB_SITUATION_RST_BEFORE_CONTEXT_LIVE,
          record, connection);
  if (owner_of (s, connection) == OWNER_GOING_DOWN && (flags & TCP_FIN))
    meet (s, LAB_SITUATION_FIN_DURING_INITIATE, record, connection);
  if (owner_of (s, connection) != OWNER_GOING_UP)
    return;
  if (flags & TCP_RST)
    meet (s, LAB_SITUATION_RST_DURING_TERMINATE, record, connection);
  if (flags & TCP_FIN)
    meet (s, LAB_SITUATION_FIN_DURING_TERMINATE, record, connection);
  if (record->column[WIRE_ARRIVE_PAYLOAD] > 0)
    meet (s, LAB_SITUATION_SEGMENT_DURING_TERMINATE, record, connection);
}

static void
on_target_segment (LabSituations *s, const SimRecord *record)
{
  uint32_t connection = (uint32_t)record->column[TARGET_SEGMENT_CONNECTION];
  bool is_data = record->column[TARGET_SEGMENT_PAYLOAD] > 0
                 && record->column[TARGET_SEGMENT_VERDICT] == PROCESSED;

  if (!is_data || connection >= s->config->n_connections)
    return;
  const Connection *c = &s->connection[connection];
  if (owner_of (s, connection) == OWNER_GOING_DOWN
      && !g_hash_table_contains (s->completing, GSIZE_TO_POINTER ((gsize)c->op)))
    meet (s, LAB_SITUATION_SEGMENT_BEFORE_INITIATE_COMPLETE, record, connection);
}

static void
on_status (LabSituations *s, const SimRecord *call)
{
  if (n_owned (s, OWNER_GOING_DOWN) == 0)
    return;
  if (call->column[CALL_BEGIN_ARG0] == NDIS_STATUS_UPLOAD_ALL)
    meet (s, LAB_SITUATION_UPLOAD_ALL_WITH_INITIATES_IN_FLIGHT, call, UINT32_MAX);
  if (call->column[CALL_BEGIN_ARG0] == NDIS_STATUS_OFFLOAD_PAUSE)
    meet (s, LAB_SITUATION_PAUSE_WITH_INITIATES_IN_FLIGHT, call, UINT32_MAX);
}

static void
on_initiate_complete (LabSituations *s, const SimRecord *call)
{
  g_hash_table_add (s->completing, GSIZE_TO_POINTER ((gsize)call->column[CALL_BEGIN_OP]));
  if (s->n_power_downs > 0)
    meet (s, LAB_SITUATION_INITIATE_COMPLETES_DURING_POWER_DOWN, call, UINT32_MAX);
}

static void
on_retrieve (LabSituations *s, const SimRecord *call, uint32_t connection)
{
  if (call->column[CALL_BEGIN_ARG0] != TcpIndicateRetrieve || connection == UINT32_MAX)
    return;
  s->connection[connection].is_asked_for = true;
  if (owner_of (s, connection) == OWNER_GOING_UP)
    meet (s, LAB_SITUATION_UPLOAD_ASKED_DURING_TERMINATE, call, connection);
  if (call->column[CALL_BEGIN_ARG1] == InvalidState && !s->connection[connection].is_invalid) {
    s->connection[connection].is_invalid = true;
    s->n_invalid++;
  }
  if (call->column[CALL_BEGIN_ARG1] == HardwareFailure)
    meet (s, LAB_SITUATION_HARDWARE_FAILURE_TOLD, call, connection);
}

/* Calls that an intermediate driver makes of its own accord: not inside one that it is given. */
static void
on_driver_call (LabSituations *s, const SimRecord *call)
{
  if (call->column[CALL_BEGIN_LAYER] == 0 || call->column[CALL_BEGIN_PARENT] != 0)
    return;
  switch ((int)call->column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_NdisMInitiateOffloadComplete:
    meet (s, LAB_SITUATION_DRIVER_REFUSES_INITIATE, call, UINT32_MAX);
    return;
  case NDIS_CALL_NdisTcpOffloadSendComplete:
    meet (s, LAB_SITUATION_DRIVER_REFUSES_SEND, call, UINT32_MAX);
    return;
  case NDIS_CALL_NdisMIndicateStatusEx:
    if (call->column[CALL_BEGIN_ARG0] != NDIS_STATUS_OFFLOAD_PAUSE)
      return;
    if (n_owned (s, OWNER_GOING_DOWN) > 0)
      meet (s, LAB_SITUATION_FAIL_OVER_DURING_INITIATE, call, UINT32_MAX);
    if (n_owned (s, OWNER_GOING_UP) > 0)
      meet (s, LAB_SITUATION_FAIL_OVER_DURING_TERMINATE, call, UINT32_MAX);
    return;
  default:
    return;
  }
}

/* Calls by the target and calls that reach it. */
static void
on_call (LabSituations *s, const SimRecord *call)
{
  if (!lab_objects_at_target (s->objects, call)) {
    on_driver_call (s, call);
    return;
  }
  uint32_t connection = connection_of (s, call->column[CALL_BEGIN_OBJECT]);
  switch ((int)call->column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_MiniportTcpOffloadReceive:
    s->n_requests += call->column[CALL_BEGIN_ARG0];
    return;
  case NDIS_CALL_NdisTcpOffloadSendComplete:
  case NDIS_CALL_NdisTcpOffloadReceiveComplete:
    s->n_requests -= call->column[CALL_BEGIN_ARG0];
    return;
  case NDIS_CALL_MiniportOidRequest:
    if (s->n_power_downs > 0 && call->column[CALL_BEGIN_ARG0] >= OID_IP4_OFFLOAD_STATS
        && call->column[CALL_BEGIN_ARG0] <= OID_TCP6_OFFLOAD_STATS)
      meet (s, LAB_SITUATION_STATISTICS_DURING_POWER_DOWN, call, UINT32_MAX);
    return;
  case NDIS_CALL_MiniportDevicePnPEventNotify:
    if (s->n_requests > 0)
      meet (s, LAB_SITUATION_REQUESTS_OUTSTANDING_AT_REMOVAL, call, UINT32_MAX);
    return;
  case NDIS_CALL_NdisMInitiateOffloadComplete:
    on_initiate_complete (s, call);
    return;
  case NDIS_CALL_NdisMIndicateStatusEx:
    on_status (s, call);
    return;
  case NDIS_CALL_NdisTcpOffloadEventHandler:
    on_retrieve (s, call, connection);
    return;
  case NDIS_CALL_MiniportTcpOffloadReceiveReturn:
    if (connection != UINT32_MAX && s->connection[connection].is_gone)
      meet (s, LAB_SITUATION_BUFFER_RETURNED_AFTER_CONTEXT_GONE, call, connection);
    return;
  case NDIS_CALL_MiniportTcpOffloadSend:
    s->n_requests += call->column[CALL_BEGIN_ARG0];
    if (connection != UINT32_MAX && s->connection[connection].is_asked_for)
      meet (s, LAB_SITUATION_SEND_DURING_UPLOAD_REQUEST, call, connection);
    return;
  default:
    return;
  }
}

static void
on_call_end (LabSituations *s, const SimRecord *record)
{
  if (record->column[CALL_END_CALL] != NDIS_CALL_ProtocolTcpOffloadReceiveIndicate
      || record->column[CALL_END_LAYER] != 0)
    return;
  if (record->column[CALL_END_STATUS] == NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED)
    meet (s, LAB_SITUATION_REFUSED_INDICATION, record, UINT32_MAX);
  if (record->column[CALL_END_STATUS] == NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED)
    meet (s, LAB_SITUATION_PARTLY_ACCEPTED_INDICATION, record, UINT32_MAX);
}

static Outstanding *
outstanding_of (const LabSituations *s, int64_t object)
{
  Outstanding *of = g_hash_table_lookup (s->outstanding, GSIZE_TO_POINTER ((gsize)object));

  if (of == NULL) {
    of = g_new0 (Outstanding, 1);
    g_hash_table_insert (s->outstanding, GSIZE_TO_POINTER ((gsize)object), of);
  }
  return of;
}

/* |request| reaches the target while |of| have not completed.  Where there is no situation the host
 * may not ask (UPD-04, UPD-06). */
static void
meet_overlaps (LabSituations *s, const SimRecord *record, Request request, const Outstanding *of)
{
  static const LabSituation overlap[N_REQUESTS][N_REQUESTS] = {
    [REQUEST_UPDATE] = { LAB_N_SITUATIONS, LAB_SITUATION_UPDATE_DURING_QUERY, LAB_N_SITUATIONS },
    [REQUEST_QUERY] = { LAB_SITUATION_QUERY_DURING_UPDATE, LAB_SITUATION_QUERY_DURING_QUERY,
                        LAB_SITUATION_QUERY_DURING_INVALIDATE },
    [REQUEST_INVALIDATE] = { LAB_SITUATION_INVALIDATE_DURING_UPDATE,
                             LAB_SITUATION_INVALIDATE_DURING_QUERY,
                             LAB_SITUATION_INVALIDATE_DURING_INVALIDATE },
  };

  for (Request other = 0; other < N_REQUESTS; other++)
    if (of->n[other] > 0 && overlap[request][other] != LAB_N_SITUATIONS)
      meet (s, overlap[request][other], record, connection_of (s, record->column[NODE_OBJECT]));
}

static void
on_update (LabSituations *s, const SimRecord *record, bool is_down)
{
  bool is_path =
      block_list_layer ((OFFLOAD_STATE_TYPE)record->column[NODE_TYPE]) == OFFLOAD_LAYER_PATH;

  if (is_down && is_path && s->n_invalid > 0)
    meet (s, LAB_SITUATION_RELINK_MEETS_INVALID_STATE, record, UINT32_MAX);
  if (!is_down && record->column[NODE_STATUS] == NDIS_STATUS_FAILURE)
    meet (s, LAB_SITUATION_UPDATE_REFUSED, record, connection_of (s, record->column[NODE_OBJECT]));
}

/* A node of such a request, on its way down or up. */
static void
on_request (LabSituations *s, const SimRecord *record, Request request, bool is_down)
{
  if (record->column[NODE_ROLE] == RULE_PLACEHOLDER)
    return;
  if (request == REQUEST_UPDATE)
    on_update (s, record, is_down);
  Outstanding *of = outstanding_of (s, record->column[NODE_OBJECT]);
  if (is_down)
    meet_overlaps (s, record, request, of);
  if (is_down)
    of->n[request]++;
  else if (of->n[request] > 0)
    of->n[request]--;
}

static void
on_initiate_node (LabSituations *s, const SimRecord *record)
{
  int64_t status = record->column[NODE_STATUS];
  uint32_t connection = connection_of (s, record->column[NODE_OBJECT]);

  if (status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS)
    meet (s, LAB_SITUATION_PARTIAL_OFFLOAD, record, connection);
  else if (status != NDIS_STATUS_SUCCESS && status != NDIS_STATUS_NOT_WRITTEN)
    meet (s, LAB_SITUATION_INITIATE_REFUSED, record, connection);
}

static void
on_node (LabSituations *s, const SimRecord *record)
{
  if (!lab_objects_of_target_call (s->objects, record->column[NODE_CROSSING]))
    return;
  switch ((int)s->objects->call.column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_NdisMInitiateOffloadComplete:
    on_initiate_node (s, record);
    return;
  case NDIS_CALL_MiniportUpdateOffload:
    on_request (s, record, REQUEST_UPDATE, true);
    return;
  case NDIS_CALL_NdisMUpdateOffloadComplete:
    on_request (s, record, REQUEST_UPDATE, false);
    return;
  case NDIS_CALL_MiniportQueryOffload:
    on_request (s, record, REQUEST_QUERY, true);
    return;
  case NDIS_CALL_NdisMQueryOffloadStateComplete:
    on_request (s, record, REQUEST_QUERY, false);
    return;
  case NDIS_CALL_MiniportInvalidateOffload:
    on_request (s, record, REQUEST_INVALIDATE, true);
    return;
  case NDIS_CALL_NdisMInvalidateOffloadComplete:
    on_request (s, record, REQUEST_INVALIDATE, false);
    return;
  default:
    return;
  }
}

static void
on_tcp_state (LabSituations *s, const SimRecord *record)
{
  RuleVerb verb = rule_call_verb ((NdisCall)s->objects->call.column[CALL_BEGIN_CALL]);

  if ((verb != RULE_INITIATE && verb != RULE_TERMINATE)
      || !lab_objects_of_target_call (s->objects, record->column[TCP_STATE_CROSSING]))
    return;
  uint32_t connection = connection_of (s, record->column[TCP_STATE_OBJECT]);
  if (record->column[TCP_STATE_BUFFERED_BYTES] > 0)
    meet (s, LAB_SITUATION_DATA_BUFFERED_AT_HANDOVER, record, connection);
  if (record->column[TCP_STATE_SND_UNA] != record->column[TCP_STATE_SND_MAX])
    meet (s, LAB_SITUATION_UNACKED_DATA_AT_HANDOVER, record, connection);
}

static void
on_link (LabSituations *s, const SimRecord *record)
{
  if (record->column[LINK_UP] != 0)
    return;
  if (n_owned (s, OWNER_GOING_DOWN) > 0)
    meet (s, LAB_SITUATION_LINK_LOSS_DURING_INITIATE, record, UINT32_MAX);
  if (n_owned (s, OWNER_GOING_UP) > 0)
    meet (s, LAB_SITUATION_LINK_LOSS_DURING_TERMINATE, record, UINT32_MAX);
}

static void
on_upload (LabSituations *s, const SimRecord *record, ConnectionSet set)
{
  for (uint32_t id = set.first; id <= set.last; id++)
    if (s->connection[id].object != 0
        && outstanding_of (s, s->connection[id].object)->n[REQUEST_UPDATE] > 0)
      meet (s, LAB_SITUATION_UPLOAD_DURING_UPDATE, record, id);
}

static void
on_timeline (LabSituations *s, const SimRecord *record)
{
  const TimelineEvent *event = &s->config->event[record->column[TIMELINE_EVENT]];

  if (event->verb == TIMELINE_UPLOAD && record->column[TIMELINE_PHASE] == 0)
    on_upload (s, record, event->target);
  if (event->verb != TIMELINE_SET_POWER || event->power == 0)
    return;
  if (record->column[TIMELINE_PHASE] == 0)
    s->n_power_downs++;
  else
    s->n_power_downs--;
}

static void
read_record (void *data, const SimRecord *record)
{
  static void (*const handlers[TRACE_N_KINDS]) (LabSituations *, const SimRecord *) = {
    [TRACE_OWNER] = on_owner,
    [TRACE_CONTEXT_LIVE] = on_live,
    [TRACE_CONTEXT_FREE] = on_free,
    [TRACE_WIRE_ARRIVE] = on_arrival,
    [TRACE_TARGET_SEGMENT] = on_target_segment,
    [TRACE_CALL_BEGIN] = on_call,
    [TRACE_CALL_END] = on_call_end,
    [TRACE_NODE] = on_node,
    [TRACE_TCP_STATE] = on_tcp_state,
    [TRACE_LINK] = on_link,
    [TRACE_TIMELINE] = on_timeline,
  };

  SIM_ASSERT (handlers[record->kind] != NULL);
  handlers[record->kind](data, record);
}

#define BIT(id) LAB_SITUATION_BIT (LAB_SITUATION_##id)
#define REQUESTS                                                                            \
  (BIT (UPLOAD_DURING_UPDATE) | BIT (QUERY_DURING_QUERY) | BIT (RELINK_MEETS_INVALID_STATE) \
   | BIT (UPDATE_REFUSED) | BIT (UPDATE_DURING_QUERY) | BIT (QUERY_DURING_UPDATE)           \
   | BIT (QUERY_DURING_INVALIDATE) | BIT (INVALIDATE_DURING_UPDATE)                         \
   | BIT (INVALIDATE_DURING_QUERY) | BIT (INVALIDATE_DURING_INVALIDATE))

/* Which situations need a kind of record. */
static const struct {
  uint16_t kind;
  LabSituationSet of;
} needs[] = {
  { TRACE_OWNER, LAB_ALL_SITUATIONS },
  { TRACE_CONTEXT_LIVE, LAB_ALL_SITUATIONS },
  { TRACE_CONTEXT_FREE, BIT (BUFFER_RETURNED_AFTER_CONTEXT_GONE) },
  { TRACE_WIRE_ARRIVE, BIT (RST_BEFORE_CONTEXT_LIVE) | BIT (RST_AFTER_CONTEXT_LIVE)
                           | BIT (FIN_DURING_INITIATE) | BIT (RST_DURING_TERMINATE)
                           | BIT (FIN_DURING_TERMINATE) | BIT (SEGMENT_DURING_TERMINATE)
                           | BIT (ADDRESS_CHANGE_DURING_INITIATE) },
  { TRACE_TARGET_SEGMENT, BIT (SEGMENT_BEFORE_INITIATE_COMPLETE) },
  { TRACE_CALL_BEGIN,
    BIT (SEGMENT_BEFORE_INITIATE_COMPLETE) | BIT (INITIATE_REFUSED) | BIT (PARTIAL_OFFLOAD)
        | BIT (INITIATE_COMPLETES_DURING_POWER_DOWN) | BIT (UPLOAD_ALL_WITH_INITIATES_IN_FLIGHT)
        | BIT (PAUSE_WITH_INITIATES_IN_FLIGHT) | BIT (DATA_BUFFERED_AT_HANDOVER)
        | BIT (UNACKED_DATA_AT_HANDOVER) | BIT (SEND_DURING_UPLOAD_REQUEST)
        | BIT (UPLOAD_ASKED_DURING_TERMINATE) | BIT (BUFFER_RETURNED_AFTER_CONTEXT_GONE)
        | BIT (HARDWARE_FAILURE_TOLD) | BIT (REQUESTS_OUTSTANDING_AT_REMOVAL)
        | BIT (STATISTICS_DURING_POWER_DOWN) | BIT (FAIL_OVER_DURING_INITIATE)
        | BIT (FAIL_OVER_DURING_TERMINATE) | BIT (DRIVER_REFUSES_INITIATE)
        | BIT (DRIVER_REFUSES_SEND) | REQUESTS },
  { TRACE_CALL_END, BIT (REFUSED_INDICATION) | BIT (PARTLY_ACCEPTED_INDICATION) },
  { TRACE_NODE, BIT (INITIATE_REFUSED) | BIT (PARTIAL_OFFLOAD) | REQUESTS },
  { TRACE_TCP_STATE, BIT (DATA_BUFFERED_AT_HANDOVER) | BIT (UNACKED_DATA_AT_HANDOVER) },
  { TRACE_LINK, BIT (LINK_LOSS_DURING_INITIATE) | BIT (LINK_LOSS_DURING_TERMINATE) },
  { TRACE_TIMELINE, BIT (UPLOAD_DURING_UPDATE) | BIT (INITIATE_COMPLETES_DURING_POWER_DOWN)
                        | BIT (STATISTICS_DURING_POWER_DOWN) },
};

LabSituations *
lab_situations_new (SimTrace *trace, const WorldConfig *config, LabSituationSet wanted)
{
  LabSituations *s = g_new0 (LabSituations, 1);
  uint16_t kinds[G_N_ELEMENTS (needs)];
  size_t n = 0;

  s->config = config;
  s->wanted = wanted;
  s->connection = g_new0 (Connection, MAX (config->n_connections, 1));
  s->outstanding = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  s->completing = g_hash_table_new (NULL, NULL);
  if (wanted != 0)
    s->objects = lab_objects_new (trace, config);
  if (wanted & LAB_DATA_SITUATIONS)
    s->data_path = lab_data_situations_new (trace, s->objects, meet_on_data_path, s);
  wanted &= ~LAB_DATA_SITUATIONS;
  for (size_t i = 0; i < G_N_ELEMENTS (needs); i++)
    if (needs[i].of & wanted)
      kinds[n++] = needs[i].kind;
  if (n > 0)
    sim_trace_add_reader (trace, read_record, s, kinds, n);
  return s;
}

void
lab_situations_free (LabSituations *situations)
{
  if (situations == NULL)
    return;
  lab_data_situations_free (situations->data_path);
  lab_objects_free (situations->objects);
  g_hash_table_unref (situations->outstanding);
  g_hash_table_unref (situations->completing);
  g_free (situations->connection);
  g_free (situations);
}

const LabObjects *
lab_situations_objects (const LabSituations *situations)
{
  return situations->objects;
}

LabSituationSet
lab_situations_wanted (const LabSituations *situations)
{
  return situations->wanted;
}

const LabMeeting *
lab_situations_meeting (const LabSituations *situations, LabSituation situation)
{
  SIM_ASSERT (situation < LAB_N_SITUATIONS);
  return &situations->meeting[situation];
}

LabSituationSet
lab_situations_missed (const LabSituations *situations)
{
  LabSituationSet missed = 0;

  for (LabSituation situation = 0; situation < LAB_N_SITUATIONS; situation++)
    if (situations->meeting[situation].count == 0)
      missed |= LAB_SITUATION_BIT (situation);
  return missed & situations->wanted;
}
