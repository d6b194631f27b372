#include "models/ndis/crossing.h"

#include <glib.h>

#include "models/ndis/records.h"

/* Lanes and halves */

NdisLane *
ndis_lane (Ndis *ndis)
{
  if (ndis->registering != NULL)
    return &ndis->lanes[SIM_LEVEL_PASSIVE];
  SimCpu *cpu = ndis_cpu (ndis);
  return &ndis->lanes[sim_cpu_index (cpu) * SIM_N_LEVELS + sim_cpu_level (cpu)];
}

void
ndis_half_begin (Ndis *ndis, NdisLane *lane, NdisHalf *half, const int64_t arg[2], uint32_t object)
{
  uint32_t place = (uint32_t)(lane - ndis->lanes);

  half->id = ++ndis->crossings;
  half->outer = lane->inner;
  lane->inner = half;
  TRACE (ndis_trace (ndis), ndis->config.actor_id, CALL_BEGIN, (int64_t)half->id, half->call,
         half->outer != NULL ? (int64_t)half->outer->id : 0, place / SIM_N_LEVELS,
         place % SIM_N_LEVELS, half->layer, half->op, object, arg[0], arg[1]);
}

void
ndis_half_end (Ndis *ndis, NdisLane *lane, const NdisHalf *half)
{
  SIM_ASSERT (lane->inner == half);
  lane->inner = half->outer;
  lane->last_result = half->result;
  TRACE (ndis_trace (ndis), ndis->config.actor_id, CALL_END, (int64_t)half->id, half->call,
         half->layer, half->op, half->result.status, half->result.bytes_consumed);
}

/* Sides */

NdisLayer *
ndis_crossing_caller (const NdisCrossing *crossing)
{
  return crossing->is_down ? crossing->binding->layer : crossing->binding->adapter->layer;
}

NdisLayer *
ndis_crossing_callee (const NdisCrossing *crossing)
{
  return crossing->is_down ? crossing->binding->adapter->layer : crossing->binding->layer;
}

NdisHolder
ndis_holder_of_layer (const Ndis *ndis, uint32_t layer)
{
  if (layer == 0)
    return NDIS_HOLDER_HOST;
  return layer >= ndis->first_target ? NDIS_HOLDER_TARGET : NDIS_HOLDER_IM;
}

static NdisHolder
holder_of (const NdisCrossing *crossing, const NdisLayer *layer)
{
  return ndis_holder_of_layer (crossing->ndis, layer->index);
}

/* What is handed over */

static bool
buffers_are_held (const NET_BUFFER_LIST *chain, NdisHolder holder)
{
  for (const NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    if (nbl->holder != holder)
      return false;
  return true;
}

/* A tree goes up by its root, from who holds it. */
static bool
load_is_the_callers (const NdisCrossing *crossing)
{
  NdisHolder holder = holder_of (crossing, ndis_crossing_caller (crossing));

  switch (crossing->verb->load) {
  case NDIS_LOAD_TREE:
    if (crossing->is_down)
      block_list_assert_holder (crossing->tree, holder);
    return crossing->tree->model.holder == holder
           && (crossing->is_down || crossing->tree->model.is_root);
  case NDIS_LOAD_BUFFERS:
    return buffers_are_held (crossing->buffers, holder);
  case NDIS_LOAD_BLOCK:
  case NDIS_LOAD_NONE:
    return true;
  }
  SIM_UNREACHABLE ();
}

/* The data of a tree goes with it: down with an initiate; up with a terminate, and with an initiate
 * that failed (of one that succeeded, the send data stays below). */
static void
pass_tree_data (const NdisCrossing *crossing, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list,
                NdisHolder holder)
{
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (list);
  bool is_initiate = crossing->verb->latency == LATENCY_OFFLOAD;

  if (list->model.has_state && delegated != NULL)
    ndis_nbl_chain_set_holder (delegated->BufferedData, holder);
  if (crossing->is_down || !is_initiate || list->Status != NDIS_STATUS_SUCCESS)
    ndis_nbl_chain_set_holder (list->NetBufferListChain, holder);
}

/* BLK-12: what a driver has left in Scratch is for nobody after it. */
#define SCRIBBLE UINT64_C (0x5c5c5c5c5c5c5c5c)

static void
pass_tree (const NdisCrossing *crossing, NdisHolder holder)
{
  LatencyClass latency = crossing->verb->latency;
  bool has_data = latency == LATENCY_OFFLOAD || (latency == LATENCY_UPLOAD && !crossing->is_down);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (crossing->tree);

  while ((list = block_walk_next (&walk)) != NULL) {
    list->model.holder = holder;
    list->Scratch[0] = list->Scratch[1] = SCRIBBLE;
    if (has_data && list->NdisOffloadHandle != NULL
        && block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_TCP)
      pass_tree_data (crossing, list, holder);
  }
}

static void
pass_load (const NdisCrossing *crossing, NdisHolder holder)
{
  switch (crossing->verb->load) {
  case NDIS_LOAD_TREE:
    pass_tree (crossing, holder);
    break;
  case NDIS_LOAD_BLOCK:
    block_tree_set_holder (crossing->tree, holder);
    break;
  case NDIS_LOAD_BUFFERS:
    ndis_nbl_chain_set_holder (crossing->buffers, holder);
    break;
  case NDIS_LOAD_NONE:
    break;
  }
}

/* Prepares the tree for the way down: from which binding it comes, no status yet, the handles of
 * what is new. */
static void
mark_tree (const NdisCrossing *crossing)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (crossing->tree);

  crossing->tree->model.is_root = true;
  while ((list = block_walk_next (&walk)) != NULL) {
    NDIS_OFFLOAD_HANDLE *handle = list->NdisOffloadHandle;
    list->SourceHandle = crossing->binding->adapter->layer->index;
    list->Status = NDIS_STATUS_NOT_WRITTEN;
    if (crossing->verb->latency == LATENCY_OFFLOAD && handle != NULL
        && handle->MiniportOffloadContext == 0)
      handle->NdisReserved = crossing->binding;
  }
}

static void
convert_load (const NdisCrossing *crossing)
{
  NdisLoad load = crossing->verb->load;

  if (load != NDIS_LOAD_TREE && load != NDIS_LOAD_BLOCK)
    return;
  if (crossing->is_down) {
    mark_tree (crossing);
    ndis_block_list_as_miniport ((PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST)crossing->tree);
  } else {
    ndis_block_list_as_protocol (crossing->tree);
  }
}

/* Costs */

static int64_t
draw (NdisCrossing *crossing, const SimDist *dist, unsigned which, uint64_t n)
{
  if (dist == NULL)
    return 0;
  uint64_t subject = (uint64_t)crossing->verb->call << 16
                     | (uint64_t)ndis_crossing_caller (crossing)->index << 8 | which;
  return sim_dist_draw (dist, crossing->ndis->stream, subject, n);
}

static void
charge (NdisCrossing *crossing, SimCpu *cpu)
{
  Ndis *ndis = crossing->ndis;
  const NdisCosts *costs = &ndis->config.costs;
  uint32_t layer = ndis_crossing_caller (crossing)->index;
  uint64_t n = ndis->drawn[crossing->verb->call * ndis->n_layers + layer]++;
  int64_t cycles = draw (crossing, costs->dispatch, 0, n);

  if (crossing->verb->load == NDIS_LOAD_BUFFERS && crossing->count > 1)
    cycles += draw (crossing, costs->per_nbl, 1, n) * (crossing->count - 1);
  else if (crossing->verb->load != NDIS_LOAD_BUFFERS)
    cycles += draw (crossing, costs->convert, 2, n) * crossing->count;
  sim_cpu_charge (cpu, ACCOUNT (PART_NDIS, crossing->verb->way), sim_cycles (cycles));
}

/* The way of a crossing */

NdisCrossing *
ndis_crossing_new (const NdisVerb *verb, NDIS_BINDING_HANDLE binding)
{
  SIM_ASSERT (binding != NULL);
  SIM_ASSERT (binding->adapter != NULL);

  NdisCrossing *crossing = sim_pool_take (binding->ndis->crossing_pool);
  crossing->ndis = binding->ndis;
  crossing->verb = verb;
  crossing->binding = binding;
  crossing->is_down = trace_call_is_down (verb->call);
  crossing->connection = UINT32_MAX;
  return crossing;
}

static void
begin_half (NdisCrossing *crossing, NdisHalf *half, NdisCall call, const NdisLayer *layer)
{
  crossing->lane = ndis_lane (crossing->ndis);
  half->call = call;
  half->layer = layer->index;
  half->op = crossing->op;
  ndis_half_begin (crossing->ndis, crossing->lane, half, crossing->arg, crossing->object);
  if (layer->n_below > 1 || crossing->context != 0)
    ndis_record_way (crossing, half);
}

/* The Ndis half has ended. */
static void
finish (NdisCrossing *crossing)
{
  NdisHalf *outer = crossing->ndis_half.outer;

  ndis_half_end (crossing->ndis, crossing->lane, &crossing->ndis_half);
  if (crossing->is_tail && outer != NULL && crossing->verb->returns != NDIS_RETURNS_NOTHING)
    outer->result = crossing->ndis_half.result;
  sim_pool_put (crossing->ndis->crossing_pool, crossing);
}

static NdisResult
documented_result (const NdisCrossing *crossing)
{
  switch (crossing->verb->returns) {
  case NDIS_RETURNS_NOTHING:
    break;
  case NDIS_RETURNS_PENDING:
    return (NdisResult){ .status = NDIS_STATUS_PENDING };
  case NDIS_RETURNS_SUCCESS:
    return (NdisResult){ .status = NDIS_STATUS_SUCCESS };
  case NDIS_RETURNS_RESULT:
    return crossing->handler_half.result;
  }
  return (NdisResult){ .status = NDIS_STATUS_SUCCESS };
}

static void
end_handler_half (NdisCrossing *crossing)
{
  ndis_half_end (crossing->ndis, crossing->lane, &crossing->handler_half);
  crossing->was_heard = true;
  if (crossing->verb->after != NULL)
    crossing->verb->after (crossing);
}

static void
handler_ended (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  NdisCrossing *crossing = args->self;

  end_handler_half (crossing);
  crossing->ndis_half.result = documented_result (crossing);
  finish (crossing);
}

static void
begin_handler (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  NdisCrossing *crossing = args->self;
  NdisLayer *callee = ndis_crossing_callee (crossing);

  SIM_ASSERT (crossing->ndis->then.run == NULL);
  begin_half (crossing, &crossing->handler_half, crossing->verb->handler, callee);
  ndis_record_load (crossing, &crossing->handler_half);
  ndis_record_stage (crossing, callee->index, true);
  pass_load (crossing, holder_of (crossing, callee));
  if (crossing->verb->load == NDIS_LOAD_TREE && callee->index == 0)
    crossing->tree->model.is_root = false;
  crossing->handler_half.result = crossing->verb->run (crossing);
  SIM_ASSERT (crossing->ndis->then.run == NULL);
}

static void
nobody_called (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  finish (args->self);
}

/* Only the Ndis half takes place. */
static void
end_unheard (NdisCrossing *crossing, SimCpu *cpu, NdisResult result)
{
  crossing->ndis_half.result = result;
  sim_cpu_then (cpu, nobody_called, &(SimStepArgs){ .self = crossing });
}

static void
begin_ndis (SimCpu *cpu, const SimStepArgs *args)
{
  NdisCrossing *crossing = args->self;
  NdisLayer *caller = ndis_crossing_caller (crossing);
  bool is_the_callers = load_is_the_callers (crossing);

  ndis_measure_load (crossing, is_the_callers);
  begin_half (crossing, &crossing->ndis_half, crossing->verb->call, caller);
  charge (crossing, cpu);
  if (!is_the_callers) {
    end_unheard (crossing, cpu, (NdisResult){ .status = NDIS_STATUS_INVALID_STATE });
    return;
  }
  if (!crossing->is_down)
    ndis_record_load (crossing, &crossing->ndis_half);
  ndis_record_stage (crossing, caller->index, false);
  pass_load (crossing, NDIS_HOLDER_NDIS);
  if (crossing->verb->admit != NULL && !crossing->verb->admit (crossing)) {
    end_unheard (crossing, cpu, documented_result (crossing));
    return;
  }
  convert_load (crossing);
  sim_cpu_call (cpu, begin_handler, args, handler_ended, args);
}

void
ndis_cross (NdisCrossing *crossing)
{
  Ndis *ndis = crossing->ndis;
  SimStepFn then = ndis->then.run;

  crossing->is_tail = then == NULL;
  ndis->then.run = NULL;
  sim_cpu_call (ndis_cpu (ndis), begin_ndis, &(SimStepArgs){ .self = crossing }, then,
                &ndis->then.args);
}

/* Crossings of NDIS's own */

static void
own_handler_ended (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  NdisCrossing *crossing = args->self;

  end_handler_half (crossing);
  sim_pool_put (crossing->ndis->crossing_pool, crossing);
}

static void
begin_own (SimCpu *cpu, const SimStepArgs *args)
{
  NdisCrossing *crossing = args->self;

  ndis_measure_load (crossing, true);
  charge (crossing, cpu);
  sim_cpu_call (cpu, begin_handler, args, own_handler_ended, args);
}

void
ndis_cross_later (NdisCrossing *crossing)
{
  SimCpu *cpu = ndis_cpu (crossing->ndis);

  ndis_cross_on (crossing, cpu, sim_cpu_level (cpu));
}

void
ndis_cross_on (NdisCrossing *crossing, SimCpu *cpu, SimLevel level)
{
  sim_work_init (&crossing->work, level, begin_own, (SimStepArgs){ .self = crossing });
  sim_cpu_queue (cpu, &crossing->work);
}
