/*
 * A stack under the contract of the chimney's upper edge: a target and the drivers above it, between
 * a fake host and a wire whose far end the test holds.
 *
 * Use         contract_open (stack), then the steps of target_bench.h on |c->b|; contract_close
 *             holds the whole trace against what every stack must keep.
 * Owns        A test owns its Contract until contract_close.
 */
#pragma once

#include "tests/target/target_bench.h"

#include "models/im/drivers.h"
#include "models/rules/rule_book.h"

#define CONTRACT_DRIVERS_MAX 8
#define CONTRACT_VLAN 7

/* What is held against the contract: a target made as |configure| says (NULL: as it is), under
 * |n_kinds| drivers, the topmost first. */
typedef struct ContractStack {
  const char *name;
  void (*configure) (TargetConfig *config);
  const ImKind *kind[CONTRACT_DRIVERS_MAX];
  uint32_t n_kinds;
} ContractStack;

typedef struct Contract {
  const ContractStack *stack;
  TargetBench *b;
  ImDriver *im[CONTRACT_DRIVERS_MAX];
  GArray *log; /* SimRecord: all of the run */
  RuleBook *rules;
  bool is_tagged; /* a driver puts everything into a VLAN */
} Contract;

/* Cycles of a crossing through a driver, so that each takes its time. */
static inline SimDist *
contract_cost (void)
{
  return sim_dist_new_constant (200);
}

static inline void
contract_note (void *data, const SimRecord *record)
{
  Contract *c = data;
  g_array_append_vals (c->log, record, 1);
}

static inline bool
contract_has (const ContractStack *stack, const char *kind)
{
  for (uint32_t i = 0; i < stack->n_kinds; i++)
    if (g_strcmp0 (stack->kind[i]->name, kind) == 0)
      return true;
  return false;
}

/* What each kind needs; the others take no notice of it. */
static inline ImConfig
contract_driver (const ImKind *kind, uint32_t layer)
{
  static const char *const names[] = { "im1", "im2", "im3", "im4", "im5", "im6", "im7", "im8" };

  return (ImConfig){ .driver = kind->name,
                     .name = names[layer - 1],
                     .permits_offload = true,
                     .queue_depth = layer % 2 == 0 ? 2 : 0,
                     .vlan_id = CONTRACT_VLAN,
                     .connections_max = 1000,
                     .actor_id = 20 + layer,
                     .layer = layer };
}

static inline Contract *
contract_open (const ContractStack *stack)
{
  Contract *c = g_new0 (Contract, 1);
  TargetConfig config = target_bench_config ();
  NdisDriver drivers[CONTRACT_DRIVERS_MAX];

  if (stack->configure != NULL)
    stack->configure (&config);
  c->stack = stack;
  c->is_tagged = contract_has (stack, "vlan");
  c->b = target_bench_open (&config);
  c->log = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_add_reader (sim_trace (c->b->bench->sim), contract_note, c, NULL, 0);
  c->rules = rule_book_new (c->b->bench->sim, NULL);
  for (uint32_t i = 0; i < stack->n_kinds; i++) {
    ImConfig driver = contract_driver (stack->kind[i], i + 1);
    c->im[i] = im_driver_new (c->b->bench->ndis, &driver);
    drivers[i] = im_driver_as_ndis (c->im[i]);
  }
  target_bench_start (c->b, drivers, stack->n_kinds);
  return c;
}

/* Steps of the host */

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST Node;

static inline void
update_step (Bench *bench, void *tree)
{
  NdisUpdateOffload (bench->host.binding, tree);
}

static inline void
query_step (Bench *bench, void *tree)
{
  NdisQueryOffloadState (bench->host.binding, tree);
}

static inline void
invalidate_step (Bench *bench, void *tree)
{
  NdisInvalidateOffload (bench->host.binding, tree);
}

static inline void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static inline void
return_step (Bench *bench, void *list)
{
  NdisOffloadTcpReceiveReturn (bench->host.binding, list);
}

static inline Node
node_of (Contract *c, OFFLOAD_STATE_TYPE type, uint32_t object, bool with_state)
{
  return ndis_block_list_new (c->b->bench->ndis, type, with_state,
                              target_bench_handle (c->b, object),
                              ndis_next_op_id (c->b->bench->ndis));
}

static inline NDIS_TOKEN
context_of (Contract *c, uint32_t object)
{
  return target_bench_handle (c->b, object)->MiniportOffloadContext;
}

/* What the host has heard of |call|, so often. */
static inline unsigned
heard (const Contract *c, NdisCall call)
{
  unsigned n = 0;
  while (host_heard (c->b, call, n) != NULL)
    n++;
  return n;
}

static inline void
put (Contract *c, NET_BUFFER_LIST *list)
{
  ndis_nbl_put (c->b->bench->ndis, list);
}

static inline NDIS_OID_REQUEST
ask_with (Contract *c, NDIS_OID_REQUEST request, int64_t us)
{
  unsigned before = heard (c, NDIS_CALL_ProtocolOidRequestComplete);

  request.status = NDIS_STATUS_PENDING;
  request.id = ndis_next_op_id (c->b->bench->ndis);
  target_bench_do (c->b, oid_step, &request, us);
  assert_int_equal (heard (c, NDIS_CALL_ProtocolOidRequestComplete), before + 1);
  return request;
}

static inline NDIS_OID_REQUEST
ask (Contract *c, NDIS_OID Oid)
{
  return ask_with (c, (NDIS_OID_REQUEST){ .Oid = Oid }, 500);
}

/* The chimney is asked about and switched on, before anything is offloaded. */
static inline void
contract_enable (Contract *c)
{
  NDIS_OID_REQUEST set = { .Oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, .is_set = true };
  NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS *parameters = &set.data.parameters;

  assert_int_equal (ask (c, OID_TCP_TASK_OFFLOAD).status, NDIS_STATUS_SUCCESS);
  *parameters = (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){
    .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                .Revision = NDIS_REVISION_1,
                .Size = sizeof *parameters },
    .Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
    .TicksPerSecond = 1000,
    .TcpAckFrequency = 2,
    .TcpDelayedAckTicks = 20,
    .TcpMaximumRetransmissions = 5,
    .TcpDoubtReachabilityRetransmissions = 3,
    .TcpSwsPreventionTicks = 50,
    .TcpDuplicateAckThreshold = 3,
    .TcpPushTicks = 50,
  };
  assert_int_equal (ask_with (c, set, 500).status, NDIS_STATUS_SUCCESS);
  target_bench_forget (c->b);
}

/* The wire's far end */

static inline void
contract_peer_sends (Contract *c, uint32_t connection, PeerSegment s, int64_t us)
{
  TcpSegment segment = peer_segment (connection, s);

  if (c->is_tagged) {
    segment.oddities |= TCP_VLAN_TAGGED;
    segment.vlan_tag = CONTRACT_VLAN;
  }
  wire_send (c->b->wire, WIRE_END_PEERS, SIDE_PEER, &segment);
  target_bench_wait (c->b, us);
}

static inline void
contract_data (Contract *c, uint32_t connection, uint32_t offset, uint32_t bytes, int64_t us)
{
  contract_peer_sends (c, connection,
                       (PeerSegment){ RCV_NXT + offset, SND_UNA, TCP_ACK | TCP_PSH, bytes }, us);
}

static inline void
contract_ack (Contract *c, uint32_t connection, uint32_t bytes, int64_t us)
{
  contract_peer_sends (c, connection, (PeerSegment){ RCV_NXT, SND_UNA + bytes, TCP_ACK, 0 }, us);
}

/* What the trace says */

typedef struct ContractCall {
  NdisCall down, up;
} ContractCall;

static const ContractCall contract_operations[] = {
  { NDIS_CALL_MiniportInitiateOffload, NDIS_CALL_NdisMInitiateOffloadComplete },
  { NDIS_CALL_MiniportTerminateOffload, NDIS_CALL_NdisMTerminateOffloadComplete },
  { NDIS_CALL_MiniportUpdateOffload, NDIS_CALL_NdisMUpdateOffloadComplete },
  { NDIS_CALL_MiniportQueryOffload, NDIS_CALL_NdisMQueryOffloadStateComplete },
  { NDIS_CALL_MiniportInvalidateOffload, NDIS_CALL_NdisMInvalidateOffloadComplete },
};

static const ContractCall contract_requests[] = {
  { NDIS_CALL_MiniportTcpOffloadSend, NDIS_CALL_NdisTcpOffloadSendComplete },
  { NDIS_CALL_MiniportTcpOffloadReceive, NDIS_CALL_NdisTcpOffloadReceiveComplete },
  { NDIS_CALL_MiniportTcpOffloadDisconnect, NDIS_CALL_NdisTcpOffloadDisconnectComplete },
  { NDIS_CALL_MiniportTcpOffloadForward, NDIS_CALL_NdisTcpOffloadForwardComplete },
};

enum { BEGIN_CROSSING, BEGIN_CALL, BEGIN_LAYER = 5, BEGIN_OP };
enum { NBL_CROSSING, NBL_ID, NBL_OBJECT = 3 };
enum { NODE_OBJECT = 6, NODE_CHAIN = 10 };

static inline const SimRecord *
contract_at (const Contract *c, guint index)
{
  return index < c->log->len ? &g_array_index (c->log, SimRecord, index) : NULL;
}

/* The next record of |kind| from |*index| on whose columns |column| and |other| have these values. */
static inline const SimRecord *
contract_next (const Contract *c, guint *index, TraceKind kind, int column, int64_t value)
{
  const SimRecord *record;

  for (; (record = contract_at (c, *index)) != NULL; ++*index)
    if (record->kind == kind && record->column[column] == value) {
      ++*index;
      return record;
    }
  return NULL;
}

static inline const SimRecord *
contract_end (const Contract *c, const SimRecord *begin)
{
  guint index = 0;
  return contract_next (c, &index, TRACE_CALL_END, 0, begin->column[BEGIN_CROSSING]);
}

/* The |n|-th completion |up| of operation |op| by the driver in |layer|. */
static inline const SimRecord *
contract_completion (const Contract *c, NdisCall up, int64_t layer, int64_t op, unsigned n)
{
  const SimRecord *begin;
  guint index = 0;

  while ((begin = contract_next (c, &index, TRACE_CALL_BEGIN, BEGIN_CALL, up)) != NULL)
    if (begin->column[BEGIN_LAYER] == layer && begin->column[BEGIN_OP] == op && n-- == 0)
      return begin;
  return NULL;
}

/* The |n|-th crossing |call| of the driver in |layer| that carries buffer list |id|. */
static inline const SimRecord *
contract_carrier (const Contract *c, NdisCall call, int64_t layer, int64_t id, unsigned n)
{
  const SimRecord *begin, *nbl;
  guint index = 0;

  while ((begin = contract_next (c, &index, TRACE_CALL_BEGIN, BEGIN_CALL, call)) != NULL) {
    guint inner = index;
    while ((nbl = contract_next (c, &inner, TRACE_NBL, NBL_CROSSING, begin->column[0])) != NULL)
      if (begin->column[BEGIN_LAYER] == layer && nbl->column[NBL_ID] == id && n-- == 0)
        return begin;
  }
  return NULL;
}

/* The driver that makes |down| completes it once, after the call has returned. */
static inline void
contract_check_operations (const Contract *c, ContractCall calls)
{
  const SimRecord *down;
  guint index = 0;

  while ((down = contract_next (c, &index, TRACE_CALL_BEGIN, BEGIN_CALL, calls.down)) != NULL) {
    int64_t layer = down->column[BEGIN_LAYER], op = down->column[BEGIN_OP];
    const SimRecord *up = contract_completion (c, calls.up, layer, op, 0);
    assert_non_null (up);
    assert_true (contract_end (c, down)->number < up->number);
    assert_null (contract_completion (c, calls.up, layer, op, 1));
  }
}

/* A send that a terminate brings back needs no completion. */
static inline bool
contract_came_back (const Contract *c, const SimRecord *nbl)
{
  const SimRecord *node;
  guint index = 0;

  while ((node = contract_next (c, &index, TRACE_NODE, NODE_OBJECT, nbl->column[NBL_OBJECT]))
         != NULL)
    if (node->column[NODE_CHAIN] != 0 && node->number > nbl->number)
      return true;
  return false;
}

static inline void
contract_check_request (const Contract *c, ContractCall calls, const SimRecord *down,
                        const SimRecord *nbl)
{
  int64_t layer = down->column[BEGIN_LAYER], id = nbl->column[NBL_ID];
  const SimRecord *up = contract_carrier (c, calls.up, layer, id, 0);

  if (up == NULL) {
    assert_int_equal (calls.down, NDIS_CALL_MiniportTcpOffloadSend);
    assert_true (contract_came_back (c, nbl));
    return;
  }
  assert_true (contract_end (c, down)->number < up->number);
  assert_null (contract_carrier (c, calls.up, layer, id, 1));
}

static inline void
contract_check_requests (const Contract *c, ContractCall calls)
{
  const SimRecord *down, *nbl;
  guint index = 0;

  while ((down = contract_next (c, &index, TRACE_CALL_BEGIN, BEGIN_CALL, calls.down)) != NULL) {
    guint inner = index;
    while ((nbl = contract_next (c, &inner, TRACE_NBL, NBL_CROSSING, down->column[0])) != NULL)
      contract_check_request (c, calls, down, nbl);
  }
}

/* The fake host keeps to no rule that is the host's alone. */
static inline void
contract_check_rules (Contract *c)
{
  rule_book_finish (c->rules, true);
  for (uint32_t i = 0; i < rule_book_n_violations (c->rules); i++) {
    const RuleViolation *violation = rule_book_violation (c->rules, i);
    const RuleInfo *info = rule_info (violation->rule);
    if (strstr (info->binds, "host") == NULL && violation->severity == RULE_VIOLATION)
      fail_msg ("%s: rule %s: %s", c->stack->name, info->id, violation->text);
  }
}

static inline void
contract_check (Contract *c)
{
  for (size_t i = 0; i < G_N_ELEMENTS (contract_operations); i++)
    contract_check_operations (c, contract_operations[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (contract_requests); i++)
    contract_check_requests (c, contract_requests[i]);
  for (uint32_t i = 0; i < c->stack->n_kinds; i++) {
    assert_int_equal (im_driver_stats (c->im[i]).calls, 0);
    assert_int_equal (im_driver_stats (c->im[i]).waiting, 0);
  }
  contract_check_rules (c);
}

static inline void
contract_close (Contract *c)
{
  contract_check (c);
  rule_book_free (c->rules);
  for (uint32_t i = 0; i < c->stack->n_kinds; i++)
    im_driver_free (c->im[i]);
  target_bench_free (c->b);
  g_array_free (c->log, TRUE);
  g_free (c);
}
