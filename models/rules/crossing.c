#include "models/rules/crossing.h"

#include <glib.h>

#include "models/ndis/block_list.h"

#define STATE_OP(verb, name, complete)                                  \
  [NDIS_CALL_Ndis##name] = { verb, RULE_DOWN_CALL },                    \
  [NDIS_CALL_NdisM##name##Complete] = { verb, RULE_UP_CALL },           \
  [NDIS_CALL_Protocol##complete##Complete] = { verb, RULE_UP_HANDLER }, \
  [NDIS_CALL_Miniport##complete] = { verb, RULE_DOWN_HANDLER }

#define DATA_OP(verb, name)                                            \
  [NDIS_CALL_NdisOffloadTcp##name] = { verb, RULE_DOWN_CALL },         \
  [NDIS_CALL_MiniportTcpOffload##name] = { verb, RULE_DOWN_HANDLER },  \
  [NDIS_CALL_NdisTcpOffload##name##Complete] = { verb, RULE_UP_CALL }, \
  [NDIS_CALL_ProtocolTcpOffload##name##Complete] = { verb, RULE_UP_HANDLER }

static const struct {
  uint8_t verb;
  uint8_t station;
} calls[NDIS_N_CALLS] = {
  STATE_OP (RULE_INITIATE, InitiateOffload, InitiateOffload),
  STATE_OP (RULE_TERMINATE, TerminateOffload, TerminateOffload),
  STATE_OP (RULE_UPDATE, UpdateOffload, UpdateOffload),
  STATE_OP (RULE_QUERY, QueryOffloadState, QueryOffload),
  STATE_OP (RULE_INVALIDATE, InvalidateOffload, InvalidateOffload),
  DATA_OP (RULE_SEND, Send),
  DATA_OP (RULE_RECEIVE, Receive),
  DATA_OP (RULE_DISCONNECT, Disconnect),
  DATA_OP (RULE_FORWARD, Forward),
  [NDIS_CALL_NdisOffloadTcpReceiveReturn] = { RULE_RETURN, RULE_DOWN_CALL },
  [NDIS_CALL_MiniportTcpOffloadReceiveReturn] = { RULE_RETURN, RULE_DOWN_HANDLER },
  [NDIS_CALL_NdisTcpOffloadReceiveHandler] = { RULE_INDICATE, RULE_UP_CALL },
  [NDIS_CALL_ProtocolTcpOffloadReceiveIndicate] = { RULE_INDICATE, RULE_UP_HANDLER },
  [NDIS_CALL_NdisTcpOffloadEventHandler] = { RULE_EVENT, RULE_UP_CALL },
  [NDIS_CALL_ProtocolTcpOffloadEvent] = { RULE_EVENT, RULE_UP_HANDLER },
  [NDIS_CALL_NdisMOffloadEventIndicate] = { RULE_NEIGHBOR_EVENT, RULE_UP_CALL },
  [NDIS_CALL_ProtocolIndicateOffloadEvent] = { RULE_NEIGHBOR_EVENT, RULE_UP_HANDLER },
  [NDIS_CALL_NdisMIndicateStatusEx] = { RULE_STATUS, RULE_UP_CALL },
  [NDIS_CALL_ProtocolStatusEx] = { RULE_STATUS, RULE_UP_HANDLER },
  [NDIS_CALL_NdisOidRequest] = { RULE_OID, RULE_DOWN_CALL },
  [NDIS_CALL_MiniportOidRequest] = { RULE_OID, RULE_DOWN_HANDLER },
  [NDIS_CALL_NdisMOidRequestComplete] = { RULE_OID, RULE_UP_CALL },
  [NDIS_CALL_ProtocolOidRequestComplete] = { RULE_OID, RULE_UP_HANDLER },
  [NDIS_CALL_NdisSendNetBufferLists] = { RULE_FRAME_SEND, RULE_DOWN_CALL },
  [NDIS_CALL_MiniportSendNetBufferLists] = { RULE_FRAME_SEND, RULE_DOWN_HANDLER },
  [NDIS_CALL_NdisMSendNetBufferListsComplete] = { RULE_FRAME_SEND, RULE_UP_CALL },
  [NDIS_CALL_ProtocolSendNetBufferListsComplete] = { RULE_FRAME_SEND, RULE_UP_HANDLER },
  [NDIS_CALL_NdisMIndicateReceiveNetBufferLists] = { RULE_FRAME_RECEIVE, RULE_UP_CALL },
  [NDIS_CALL_ProtocolReceiveNetBufferLists] = { RULE_FRAME_RECEIVE, RULE_UP_HANDLER },
  [NDIS_CALL_NdisReturnNetBufferLists] = { RULE_FRAME_RETURN, RULE_DOWN_CALL },
  [NDIS_CALL_MiniportReturnNetBufferLists] = { RULE_FRAME_RETURN, RULE_DOWN_HANDLER },
};

RuleVerb
rule_call_verb (NdisCall call)
{
  SIM_ASSERT (call < NDIS_N_CALLS);
  return (RuleVerb)calls[call].verb;
}

RuleStation
rule_call_station (NdisCall call)
{
  SIM_ASSERT (call < NDIS_N_CALLS);
  return (RuleStation)calls[call].station;
}

RuleLayer
rule_type_layer (int64_t type)
{
  if (type >= NeighborOffloadConstState && type <= NeighborOffloadState)
    return RULE_NEIGHBOR;
  if (type >= Ip4OffloadConstState && type <= Ip6OffloadState)
    return RULE_PATH;
  if ((type >= TcpOffloadConstState && type <= TcpOffloadDelegatedState) || type == TcpOffloadState)
    return RULE_TCP;
  return RULE_NO_LAYER;
}

void
rule_crossings_init (RuleCrossings *crossings)
{
  *crossings = (RuleCrossings){ 0 };
  rule_table_init (&crossings->open, sizeof (RuleCrossing));
}

void
rule_crossings_clear (RuleCrossings *crossings)
{
  rule_table_clear (&crossings->open);
  g_free (crossings->nodes);
  g_free (crossings->states);
  g_free (crossings->nbls);
  *crossings = (RuleCrossings){ 0 };
}

/* Branches */

enum { R_LAYER, R_ABOVE, R_IS_TARGET };
G_STATIC_ASSERT (R_IS_TARGET + 1 == TRACE_N_BRANCH);

void
rule_crossings_on_branch (RuleCrossings *crossings, const SimRecord *record)
{
  const int64_t *c = record->column;

  if (c[R_LAYER] < 1 || c[R_LAYER] >= RULE_LAYERS_MAX)
    return;
  crossings->has_branches = true;
  crossings->above[c[R_LAYER]] = (uint8_t)c[R_ABOVE];
  if (c[R_IS_TARGET] != 0 && crossings->target_layer == 0)
    crossings->target_layer = (uint8_t)c[R_LAYER];
}

unsigned
rule_layer_above (const RuleCrossings *crossings, unsigned layer)
{
  if (layer == 0 || layer >= RULE_LAYERS_MAX)
    return 0;
  return crossings->has_branches ? crossings->above[layer] : layer - 1;
}

/* The layer below; of several the one that a way record does not name. */
static unsigned
layer_below (const RuleCrossings *crossings, unsigned layer)
{
  for (unsigned below = layer + 1; crossings->has_branches && below < RULE_LAYERS_MAX; below++)
    if (crossings->above[below] == layer)
      return below;
  return layer + 1;
}

static unsigned
edge_of (const RuleCrossings *crossings, unsigned driver)
{
  return crossings->has_branches ? MIN (driver, crossings->target_layer) : driver;
}

static void
set_edge (const RuleCrossings *crossings, RuleCrossing *x, unsigned driver)
{
  x->driver = (uint8_t)driver;
  x->edge = (uint8_t)edge_of (crossings, driver);
  x->edge_above = (uint8_t)edge_of (crossings, rule_layer_above (crossings, driver));
}

enum { W_CROSSING, W_DRIVER, W_CONTEXT };
G_STATIC_ASSERT (W_CONTEXT + 1 == TRACE_N_WAY);

static void
attach_way (RuleCrossings *crossings, const int64_t *c)
{
  RuleCrossing *x = &crossings->assembling;

  set_edge (crossings, x, (unsigned)c[W_DRIVER]);
  x->context = c[W_CONTEXT];
}

/* The columns of a call-begin record, in the order of kinds.def. */
enum { B_CROSSING, B_CALL, B_PARENT, B_CPU, B_LEVEL, B_LAYER, B_OP, B_OBJECT, B_ARG0, B_ARG1 };
G_STATIC_ASSERT (B_ARG1 + 1 == TRACE_N_CALL_BEGIN);

void
rule_crossings_begin (RuleCrossings *crossings, const SimRecord *record, uint64_t at)
{
  const int64_t *c = record->column;
  RuleCrossing *x = &crossings->assembling;

  SIM_ASSERT (c[B_CALL] > 0);
  SIM_ASSERT (c[B_CALL] < NDIS_N_CALLS);
  *x = (RuleCrossing){ .at = at, .when = record->when };
  x->id = (uint32_t)c[B_CROSSING];
  x->parent = (uint32_t)c[B_PARENT];
  x->cpu = (uint32_t)c[B_CPU];
  x->op = (uint32_t)c[B_OP];
  x->object = (uint32_t)c[B_OBJECT];
  x->arg0 = c[B_ARG0];
  x->arg1 = c[B_ARG1];
  x->call = (uint8_t)c[B_CALL];
  x->level = (uint8_t)c[B_LEVEL];
  x->layer = (uint8_t)c[B_LAYER];
  x->verb = calls[x->call].verb;
  x->station = calls[x->call].station;
  bool edge_below = x->station == RULE_DOWN_CALL || x->station == RULE_UP_HANDLER;
  if (!crossings->has_branches)
    crossings->target_layer = MAX (crossings->target_layer, x->layer);
  set_edge (crossings, x, edge_below ? layer_below (crossings, x->layer) : x->layer);
}

#define GROW(array, room, used)                                 \
  do {                                                          \
    if ((used) == (room)) {                                     \
      (room) = (room) == 0 ? 16 : 2 * (room);                   \
      (array) = g_realloc_n ((array), (room), sizeof *(array)); \
    }                                                           \
  } while (0)

enum {
  N_CROSSING,
  N_OP,
  N_INDEX,
  N_PARENT,
  N_ROLE,
  N_TYPE,
  N_OBJECT,
  N_CONTEXT,
  N_STATUS,
  N_FLAGS,
  N_CHAIN_NBL,
  N_CHAIN_COUNT,
  N_CHAIN_BYTES,
  N_SOURCE_HANDLE,
  N_IM_RESERVED,
  N_PROTOCOL_RESERVED
};
G_STATIC_ASSERT (N_PROTOCOL_RESERVED + 1 == TRACE_N_NODE);

static void
attach_node (RuleCrossings *crossings, const int64_t *c, uint64_t at)
{
  RuleCrossing *x = &crossings->assembling;

  GROW (crossings->nodes, crossings->nodes_room, x->n_nodes);
  crossings->nodes[x->n_nodes++] = (RuleNode){
    .at = at,
    .index = (uint32_t)c[N_INDEX],
    .parent = (int32_t)c[N_PARENT],
    .object = (uint32_t)c[N_OBJECT],
    .revision = NDIS_REVISION_1,
    .type = (int16_t)c[N_TYPE],
    .layer = (int8_t)(c[N_ROLE] == RULE_PLACEHOLDER ? RULE_NO_LAYER : rule_type_layer (c[N_TYPE])),
    .role = (uint8_t)c[N_ROLE],
    .has_state = (c[N_FLAGS] & 1) != 0,
    .state = -1,
    .delegated = -1,
    .cached = -1,
    .status = c[N_STATUS],
    .context = c[N_CONTEXT],
    .source_handle = c[N_SOURCE_HANDLE],
    .im_reserved = c[N_IM_RESERVED],
    .protocol_reserved = c[N_PROTOCOL_RESERVED],
    .chain_nbl = (uint32_t)c[N_CHAIN_NBL],
    .chain_count = (uint32_t)c[N_CHAIN_COUNT],
    .chain_bytes = c[N_CHAIN_BYTES],
  };
}

enum {
  L_CROSSING,
  L_NBL,
  L_INDEX,
  L_OBJECT,
  L_BYTES,
  L_STATUS,
  L_TRANSFERRED,
  L_FLAGS,
  L_BUFFERS,
  L_STREAM,
  L_OFFSET
};
G_STATIC_ASSERT (L_OFFSET + 1 == TRACE_N_NBL);

/* Data that goes with a connection follows its node. */
static void
count_data (RuleNode *node, const RuleCrossing *x, bool is_buffered)
{
  if (node->n_sends + node->n_buffered == 0)
    node->first_nbl = x->n_nbls;
  if (is_buffered)
    node->n_buffered++;
  else
    node->n_sends++;
}

static void
attach_nbl (RuleCrossings *crossings, const int64_t *c, uint64_t at)
{
  RuleCrossing *x = &crossings->assembling;

  if (x->n_nodes > 0)
    count_data (&crossings->nodes[x->n_nodes - 1], x, (c[L_FLAGS] & RULE_NBL_BUFFERED) != 0);
  GROW (crossings->nbls, crossings->nbls_room, x->n_nbls);
  crossings->nbls[x->n_nbls++] = (RuleNbl){
    .at = at,
    .id = (uint32_t)c[L_NBL],
    .object = (uint32_t)c[L_OBJECT],
    .bytes = c[L_BYTES],
    .transferred = c[L_TRANSFERRED],
    .status = c[L_STATUS],
    .stream = c[L_STREAM],
    .offset = c[L_OFFSET],
    .buffers = (uint32_t)c[L_BUFFERS],
    .flags = (uint32_t)c[L_FLAGS],
  };
}

static int32_t *
place_of (RuleNode *node, uint16_t kind)
{
  switch (kind) {
  case TRACE_TCP_DELEGATED:
    return &node->delegated;
  case TRACE_TCP_CACHED:
    return &node->cached;
  default:
    return &node->state;
  }
}

/* A state record names its node by index; nodes come in order, so it is nearly always the last. */
static void
attach_state (RuleCrossings *crossings, const SimRecord *record, uint64_t at)
{
  RuleCrossing *x = &crossings->assembling;

  GROW (crossings->states, crossings->states_room, x->n_states);
  RuleNodeState *state = &crossings->states[x->n_states];
  state->at = at;
  state->kind = record->kind;
  for (unsigned i = 0; i < record->n_columns; i++)
    state->column[i] = record->column[i];
  for (uint32_t i = x->n_nodes; i-- > 0;)
    if (crossings->nodes[i].index == (uint32_t)record->column[1]) {
      *place_of (&crossings->nodes[i], record->kind) = (int32_t)x->n_states;
      break;
    }
  x->n_states++;
}

enum { H_CROSSING, H_INDEX, H_OBJECT, H_REVISION, H_PORT };
G_STATIC_ASSERT (H_PORT + 1 == TRACE_N_NODE_HEADER);

/* It is of the last node. */
static void
attach_header (RuleCrossings *crossings, const int64_t *c)
{
  const RuleCrossing *x = &crossings->assembling;

  if (x->n_nodes == 0)
    return;
  RuleNode *node = &crossings->nodes[x->n_nodes - 1];
  node->revision = (int16_t)c[H_REVISION];
  node->port = (uint32_t)c[H_PORT];
}

bool
rule_crossings_attach (RuleCrossings *crossings, const SimRecord *record, uint64_t at)
{
  if (crossings->assembling.id == 0 || crossings->assembling.id != (uint32_t)record->column[0])
    return false;
  switch (record->kind) {
  case TRACE_NODE:
    attach_node (crossings, record->column, at);
    return true;
  case TRACE_NODE_HEADER:
    attach_header (crossings, record->column);
    return true;
  case TRACE_WAY:
    attach_way (crossings, record->column);
    return true;
  case TRACE_NBL:
    attach_nbl (crossings, record->column, at);
    return true;
  case TRACE_TCP_STATE:
  case TRACE_TCP_DELEGATED:
  case TRACE_TCP_CACHED:
  case TRACE_PATH_STATE:
  case TRACE_NEIGHBOR_STATE:
    attach_state (crossings, record, at);
    return true;
  default:
    return false;
  }
}

RuleCrossing *
rule_crossings_assembled (RuleCrossings *crossings)
{
  RuleCrossing *made = &crossings->assembling;

  if (made->id == 0)
    return NULL;
  RuleCrossing *x = rule_table_need (&crossings->open, made->id);
  *x = *made;
  made->id = 0;
  x->nodes = crossings->nodes;
  x->states = crossings->states;
  x->nbls = crossings->nbls;
  RuleCrossing *parent = rule_crossing_find (crossings, x->parent);
  if (parent != NULL) {
    parent->n_children++;
    parent->n_open_children++;
    parent->child_call = x->call;
  }
  return x;
}

enum { E_CROSSING, E_CALL, E_LAYER, E_OP, E_STATUS, E_VALUE };
G_STATIC_ASSERT (E_VALUE + 1 == TRACE_N_CALL_END);

RuleCrossing *
rule_crossings_end (RuleCrossings *crossings, const SimRecord *record, uint64_t at)
{
  RuleCrossing *x = rule_crossing_find (crossings, (uint32_t)record->column[E_CROSSING]);

  if (x == NULL)
    return NULL;
  x->end_at = at;
  x->status = record->column[E_STATUS];
  x->value = record->column[E_VALUE];
  x->nodes = NULL;
  x->states = NULL;
  x->nbls = NULL;
  x->n_nodes = x->n_states = x->n_nbls = 0;
  RuleCrossing *parent = rule_crossing_find (crossings, x->parent);
  if (parent != NULL) {
    parent->n_open_children--;
    parent->child_status = x->status;
    parent->child_value = x->value;
  }
  return x;
}

void
rule_crossings_forget (RuleCrossings *crossings, uint32_t id)
{
  rule_table_remove (&crossings->open, id);
}

RuleCrossing *
rule_crossing_find (const RuleCrossings *crossings, uint32_t id)
{
  return id == 0 ? NULL : rule_table_find (&crossings->open, id);
}

const RuleCrossing *
rule_crossing_around (const RuleCrossings *crossings, const RuleCrossing *crossing, uint32_t verbs,
                      RuleStation station)
{
  const RuleCrossing *x = rule_crossing_find (crossings, crossing->parent);

  while (x != NULL && !(x->station == station && (RULE_SET (x->verb) & verbs) != 0))
    x = rule_crossing_find (crossings, x->parent);
  return x;
}
