#include "lab/coverage.h"

#include <string.h>

#include "lab/columns.h"
#include "lab/objects.h"
#include "lab/run.h"
#include "models/ndis/oid.h"
#include "models/rules/crossing.h"
#include "models/tcp/offload_state.h"
#include "sim/assert.h"

/* An offload object, of any kind, by its id. */
typedef struct Object {
  uint8_t owner;       /* LabOwner */
  uint8_t outstanding; /* bits 1 << operation, as the target sees them */
} Object;

struct LabCoverage {
  uint64_t *count[LAB_N_COVERAGE_TABLES];
  /* of the run it watches */
  const LabObjects *objects;        /* of the situations */
  GArray *states;                   /* of Object */
  uint8_t *tcp_state;               /* of the target's ends, by connection */
  SimTime *handed_at;               /* when it came back to the host last, by connection */
  LabPower power[WORLD_LAYERS_MAX]; /* of the targets, by layer */
  int64_t asked[WORLD_LAYERS_MAX];  /* crossing of the set-power under way there; 0: none */
  LabSituations *situations;
};

LabCoverage *
lab_coverage_new (void)
{
  LabCoverage *coverage = g_new0 (LabCoverage, 1);

  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    coverage->count[table] = g_new0 (uint64_t, lab_coverage_places (table));
  return coverage;
}

/* Ends what a watch has. */
static void
forget_run (LabCoverage *coverage)
{
  g_clear_pointer (&coverage->states, g_array_unref);
  g_clear_pointer (&coverage->tcp_state, g_free);
  g_clear_pointer (&coverage->handed_at, g_free);
  g_clear_pointer (&coverage->situations, lab_situations_free);
}

void
lab_coverage_free (LabCoverage *coverage)
{
  if (coverage == NULL)
    return;
  forget_run (coverage);
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    g_free (coverage->count[table]);
  g_free (coverage);
}

uint64_t
lab_coverage_count (const LabCoverage *coverage, LabCoverageTable table, uint32_t place)
{
  SIM_ASSERT (place < lab_coverage_places (table));
  return coverage->count[table][place];
}

/* Counts the place with the coordinates |at|. */
static void
reach (LabCoverage *coverage, LabCoverageTable table, const uint32_t *at)
{
  const LabCoverageInfo *info = lab_coverage_info (table);
  uint32_t place = 0;

  for (uint32_t i = 0; i < info->n_axes; i++) {
    if (at[i] >= info->axis[i].n)
      return; /* a value that nothing documents: the rules say so */
    place = place * info->axis[i].n + at[i];
  }
  coverage->count[table][place]++;
}
#define REACH(coverage, table, ...) \
  reach (coverage, LAB_COVERAGE_##table, (const uint32_t[]){ __VA_ARGS__ })

static Object *
object (LabCoverage *coverage, int64_t id)
{
  if ((guint)id >= coverage->states->len)
    g_array_set_size (coverage->states, (guint)id + 1);
  return &g_array_index (coverage->states, Object, id);
}

/* The TCP state of the target's end of an object's connection; TCP_N_STATES: it has none. */
static uint32_t
state_of (const LabCoverage *coverage, int64_t id)
{
  uint32_t connection = lab_objects_connection (coverage->objects, id);
  return connection != UINT32_MAX ? coverage->tcp_state[connection] : TCP_N_STATES;
}

/* Calls */

/* The data call that |call| is, at the target; LAB_N_DATA_CALLS: none. */
static LabDataCall
data_call (const SimRecord *call)
{
  int64_t arg0 = call->column[CALL_BEGIN_ARG0];

  switch ((int)call->column[CALL_BEGIN_CALL]) {
  case NDIS_CALL_MiniportTcpOffloadSend:
    return LAB_DATA_SEND;
  case NDIS_CALL_MiniportTcpOffloadReceive:
    return LAB_DATA_RECEIVE;
  case NDIS_CALL_MiniportTcpOffloadDisconnect:
    return arg0 == TCP_DISCONNECT_ABORTIVE_CLOSE ? LAB_DATA_ABORT : LAB_DATA_CLOSE;
  case NDIS_CALL_MiniportTcpOffloadForward:
    return LAB_DATA_FORWARD;
  case NDIS_CALL_NdisTcpOffloadSendComplete:
    return LAB_DATA_SEND_COMPLETE;
  case NDIS_CALL_NdisTcpOffloadReceiveComplete:
    return LAB_DATA_RECEIVE_COMPLETE;
  case NDIS_CALL_NdisTcpOffloadDisconnectComplete:
    return LAB_DATA_DISCONNECT_COMPLETE;
  case NDIS_CALL_NdisTcpOffloadForwardComplete:
    return LAB_DATA_FORWARD_COMPLETE;
  case NDIS_CALL_NdisTcpOffloadReceiveHandler:
    return LAB_DATA_INDICATE;
  case NDIS_CALL_NdisTcpOffloadEventHandler:
    return (LabDataCall)(LAB_DATA_EVENT_BACKLOG + arg0);
  default:
    return LAB_N_DATA_CALLS;
  }
}
_Static_assert(LAB_DATA_EVENT_ABORT - LAB_DATA_EVENT_BACKLOG == (int)TcpIndicateAbort,
               "events are in the order of TCP_OFFLOAD_EVENT_TYPE");

static LabPower *
power_at (LabCoverage *coverage, const SimRecord *call)
{
  return &coverage->power[call->column[CALL_BEGIN_LAYER]];
}

/* The target at |layer| has not gone to sleep after all. */
static void
stay_awake (LabCoverage *coverage, int64_t layer)
{
  coverage->asked[layer] = 0;
  if (coverage->power[layer] == LAB_POWER_FALLING)
    coverage->power[layer] = LAB_POWER_ON;
}

/* A call at the target; one that completes set-power while the device is where it was has failed. */
static void
on_set_power (LabCoverage *coverage, const SimRecord *call)
{
  int64_t layer = call->column[CALL_BEGIN_LAYER];

  if (call->column[CALL_BEGIN_ARG0] != OID_PNP_SET_POWER)
    return;
  if (call->column[CALL_BEGIN_CALL] == NDIS_CALL_NdisMOidRequestComplete)
    stay_awake (coverage, layer);
  if (call->column[CALL_BEGIN_CALL] != NDIS_CALL_MiniportOidRequest
      || *power_at (coverage, call) != LAB_POWER_ON)
    return;
  *power_at (coverage, call) = LAB_POWER_FALLING;
  coverage->asked[layer] = call->column[CALL_BEGIN_CROSSING];
}

static void
on_call (LabCoverage *coverage, const SimRecord *call)
{
  if (call->column[CALL_BEGIN_CALL] == NDIS_CALL_NdisOidRequest
      && call->column[CALL_BEGIN_LAYER] == 0)
    REACH (coverage, OIDS, (uint32_t)call->column[CALL_BEGIN_ARG0],
           (uint32_t)call->column[CALL_BEGIN_ARG1]);
  if (!lab_objects_at_target (coverage->objects, call))
    return;
  int64_t id = call->column[CALL_BEGIN_OBJECT];
  LabDataCall data = data_call (call);
  if (data != LAB_N_DATA_CALLS && id > 0) {
    REACH (coverage, CALLS, data, state_of (coverage, id));
    REACH (coverage, POWER, data, *power_at (coverage, call));
  }
  if (data == LAB_DATA_EVENT_RETRIEVE)
    REACH (coverage, REASONS, (uint32_t)call->column[CALL_BEGIN_ARG1]);
  if (call->column[CALL_BEGIN_CALL] == NDIS_CALL_NdisMIndicateStatusEx)
    REACH (coverage, INDICATIONS, (uint32_t)call->column[CALL_BEGIN_ARG0]);
  on_set_power (coverage, call);
}

/* A set-power that is refused changes nothing. */
static void
on_call_end (LabCoverage *coverage, const SimRecord *end)
{
  int64_t layer = end->column[CALL_END_LAYER], status = end->column[CALL_END_STATUS];

  if (end->column[CALL_END_CALL] != NDIS_CALL_MiniportOidRequest
      || end->column[CALL_END_CROSSING] != coverage->asked[layer])
    return;
  if (status != NDIS_STATUS_SUCCESS && status != NDIS_STATUS_PENDING)
    stay_awake (coverage, layer);
}

/* Trees */

/* The kind of object of a node; RULE_NO_LAYER: none. */
static RuleLayer
layer_of_node (const SimRecord *node)
{
  return node->column[NODE_ROLE] == RULE_PLACEHOLDER ? RULE_NO_LAYER
                                                     : rule_type_layer (node->column[NODE_TYPE]);
}

/* An operation leaves the host, or comes back to it: that decides who owns the object. */
static void
on_edge_node (LabCoverage *coverage, const SimRecord *node, RuleVerb verb, RuleStation station)
{
  Object *o = object (coverage, node->column[NODE_OBJECT]);
  int64_t status = node->column[NODE_STATUS];
  bool is_offloaded =
      status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS;

  if (verb == RULE_INITIATE && station == RULE_DOWN_HANDLER)
    o->owner = LAB_OWNER_DOWN;
  else if (verb == RULE_INITIATE && station == RULE_UP_CALL)
    o->owner = is_offloaded ? LAB_OWNER_TARGET : LAB_OWNER_HOST;
  else if (verb == RULE_TERMINATE && station == RULE_DOWN_HANDLER)
    o->owner = LAB_OWNER_UP;
  else if (verb == RULE_TERMINATE && station == RULE_UP_CALL)
    o->owner = LAB_OWNER_HOST;
}

static void
on_target_node (LabCoverage *coverage, const SimRecord *node, RuleVerb verb, RuleStation station)
{
  Object *o = object (coverage, node->column[NODE_OBJECT]);
  uint32_t operation = verb - RULE_INITIATE, kind = (uint32_t)layer_of_node (node);

  if (station == RULE_DOWN_HANDLER) {
    REACH (coverage, OPERATIONS, operation, kind, o->owner,
           *power_at (coverage, &coverage->objects->call));
    for (uint32_t other = 0; other <= RULE_INVALIDATE - RULE_INITIATE; other++)
      if (o->outstanding >> other & 1)
        REACH (coverage, OVERLAPS, operation, other, kind);
    o->outstanding |= (uint8_t)(1 << operation);
  } else {
    REACH (coverage, RESULTS, operation, kind, (uint32_t)node->column[NODE_STATUS]);
    o->outstanding &= (uint8_t) ~(1 << operation);
  }
}

static void
on_node (LabCoverage *coverage, const SimRecord *node)
{
  const SimRecord *call_begin = &coverage->objects->call;
  NdisCall call = (NdisCall)call_begin->column[CALL_BEGIN_CALL];
  RuleVerb verb = rule_call_verb (call);
  RuleStation station = rule_call_station (call);
  bool is_of_call = node->column[NODE_CROSSING] == call_begin->column[CALL_BEGIN_CROSSING];

  if (!is_of_call || (RULE_SET (verb) & RULE_SET_STATE) == 0 || node->column[NODE_OBJECT] <= 0
      || layer_of_node (node) == RULE_NO_LAYER)
    return;
  if (verb == RULE_INITIATE && node->column[NODE_ROLE] != RULE_NEW)
    return; /* it is there already */
  if (station != RULE_DOWN_HANDLER && station != RULE_UP_CALL)
    return;
  if (call_begin->column[CALL_BEGIN_LAYER] == 1)
    on_edge_node (coverage, node, verb, station);
  if (lab_objects_at_target (coverage->objects, call_begin))
    on_target_node (coverage, node, verb, station);
}

/* The rest */

static void
on_owner (LabCoverage *coverage, const SimRecord *record)
{
  if (record->column[OWNER_OWNER] == OWNER_HOST)
    coverage->handed_at[record->column[OWNER_CONNECTION]] = record->when;
}

/* The states that an end takes over with the connection are no transitions. */
static void
on_tcp_state (LabCoverage *coverage, const SimRecord *record)
{
  int64_t connection = record->column[CONNECTION_STATE_CONNECTION];
  uint32_t side = (uint32_t)record->column[CONNECTION_STATE_SIDE];
  uint32_t from = (uint32_t)record->column[CONNECTION_STATE_FROM];
  uint32_t to = (uint32_t)record->column[CONNECTION_STATE_TO];
  bool is_taken_over = side == SIDE_HOST
                           ? sim_time_equal (coverage->handed_at[connection], record->when)
                           : side == SIDE_TARGET && from == TcpConnectionClosed;

  if (side == SIDE_TARGET)
    coverage->tcp_state[connection] = (uint8_t)to;
  if (!is_taken_over)
    REACH (coverage, TRANSITIONS, side, from, to);
}

static void
on_power (LabCoverage *coverage, const SimRecord *record)
{
  coverage->power[record->column[POWER_PART]] =
      record->column[POWER_TO] == 0 ? LAB_POWER_ON : LAB_POWER_OFF;
}

static void
read_record (void *data, const SimRecord *record)
{
  static void (*const handlers[TRACE_N_KINDS]) (LabCoverage *, const SimRecord *) = {
    [TRACE_OWNER] = on_owner,
    [TRACE_CALL_BEGIN] = on_call,
    [TRACE_CALL_END] = on_call_end,
    [TRACE_NODE] = on_node,
    [TRACE_CONNECTION_STATE] = on_tcp_state,
    [TRACE_POWER] = on_power,
  };
  handlers[record->kind](data, record);
}

void
lab_coverage_watch (LabCoverage *coverage, SimTrace *trace, const WorldConfig *config)
{
  static const uint16_t kinds[] = { TRACE_OWNER, TRACE_CALL_BEGIN, TRACE_CALL_END,
                                    TRACE_NODE,  TRACE_POWER,      TRACE_CONNECTION_STATE };

  forget_run (coverage);
  coverage->states = g_array_new (FALSE, TRUE, sizeof (Object));
  coverage->tcp_state = g_new0 (uint8_t, MAX (config->n_connections, 1));
  coverage->handed_at = g_new (SimTime, MAX (config->n_connections, 1));
  for (uint32_t i = 0; i < config->n_connections; i++)
    coverage->handed_at[i] = SIM_TIME_NEVER;
  for (uint32_t layer = 0; layer < WORLD_LAYERS_MAX; layer++) {
    coverage->power[layer] = LAB_POWER_ON;
    coverage->asked[layer] = 0;
  }
  memset (coverage->tcp_state, TcpConnectionEstablished, config->n_connections);
  coverage->situations = lab_situations_new (trace, config, LAB_ALL_SITUATIONS);
  coverage->objects = lab_situations_objects (coverage->situations);
  sim_trace_add_reader (trace, read_record, coverage, kinds, G_N_ELEMENTS (kinds));
}

void
lab_coverage_take (LabCoverage *coverage, const LabRun *run)
{
  size_t n;
  const SimChoice *taken = sim_choices_taken (sim_choices (world_sim (run->world)), &n);

  for (size_t i = 0; i < n; i++)
    REACH (coverage, CHOICES, taken[i].site);
  for (RuleId rule = 0; run->rules != NULL && rule < RULE_N; rule++)
    coverage->count[LAB_COVERAGE_RULES][rule] += rule_book_tested (run->rules, rule);
  for (LabSituation s = 0; s < LAB_N_SITUATIONS; s++)
    coverage->count[LAB_COVERAGE_SITUATIONS][s] +=
        lab_situations_meeting (coverage->situations, s)->count;
  forget_run (coverage);
}

/* Sums over processes */

void
lab_coverage_pack (const LabCoverage *coverage, GByteArray *bytes)
{
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    g_byte_array_append (bytes, (const guint8 *)coverage->count[table],
                         (guint)(lab_coverage_places (table) * sizeof (uint64_t)));
}

void
lab_coverage_add (LabCoverage *coverage, const guint8 *bytes, size_t n_bytes)
{
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++)
    for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
      uint64_t count;
      SIM_ASSERT (n_bytes >= sizeof count);
      memcpy (&count, bytes, sizeof count);
      coverage->count[table][place] += count;
      bytes += sizeof count;
      n_bytes -= sizeof count;
    }
  SIM_ASSERT (n_bytes == 0);
}
