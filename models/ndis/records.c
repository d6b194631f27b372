#include "models/ndis/records.h"

#define RECORD(crossing, KIND, ...) \
  TRACE (ndis_trace ((crossing)->ndis), (crossing)->ndis->config.actor_id, KIND, __VA_ARGS__)

/* Measuring */

static void
measure_tree (NdisCrossing *crossing)
{
  uint32_t objects = 0;
  uint32_t connections = 0;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (crossing->tree);

  crossing->count = 0;
  while ((list = block_walk_next (&walk)) != NULL) {
    crossing->count++;
    if (list->NdisOffloadHandle == NULL)
      continue;
    crossing->object = objects++ == 0 ? list->model.object_id : 0;
    if (list->model.connection_id != UINT32_MAX)
      crossing->connection = connections++ == 0 ? list->model.connection_id : UINT32_MAX;
  }
  crossing->arg[0] = crossing->count;
}

static void
measure_buffers (NdisCrossing *crossing)
{
  crossing->op = crossing->buffers->id;
  crossing->object = crossing->buffers->object_id;
  crossing->connection = crossing->buffers->connection_id;
  crossing->count = ndis_nbl_chain_count (crossing->buffers);
  crossing->arg[0] = crossing->count;
  crossing->arg[1] = ndis_nbl_chain_bytes (crossing->buffers);
}

void
ndis_measure_load (NdisCrossing *crossing, bool is_the_callers)
{
  switch (crossing->verb->load) {
  case NDIS_LOAD_TREE:
  case NDIS_LOAD_BLOCK:
    crossing->op = crossing->tree->model.op_id;
    if (is_the_callers)
      measure_tree (crossing);
    break;
  case NDIS_LOAD_BUFFERS:
    measure_buffers (crossing);
    break;
  case NDIS_LOAD_NONE:
    break;
  }
  if (crossing->verb->measure != NULL)
    crossing->verb->measure (crossing);
}

/* Buffer lists */

enum {
  NBL_NO_PUSH = 1,
  NBL_PREFILLED = 2,
  NBL_ZERO_LENGTH = 4,
  NBL_FRAME = 8,
  NBL_BUFFERED = 16,
};

static int64_t
flags_of (const NET_BUFFER_LIST *nbl, uint32_t bytes)
{
  return (nbl->TcpReceiveNoPush ? NBL_NO_PUSH : 0)
         | (nbl->TcpReceiveBytesTransferred > 0 ? NBL_PREFILLED : 0)
         | (bytes == 0 ? NBL_ZERO_LENGTH : 0) | (nbl->counts_as_frame ? NBL_FRAME : 0);
}

static int64_t
buffers_of (const NET_BUFFER_LIST *nbl)
{
  int64_t buffers = 0;

  for (const NET_BUFFER *buffer = nbl->FirstNetBuffer; buffer != NULL; buffer = buffer->Next)
    buffers++;
  return buffers;
}

/* The data from the data start on; of a list advanced past all its data, and of a receive that was
 * posted with data in it, what it held from the beginning. */
static TcpRange
content_of (const NET_BUFFER_LIST *nbl)
{
  TcpRange range = ndis_nbl_range (nbl, 0, 1);

  return range.bytes > 0 && nbl->TcpReceiveBytesTransferred == 0
             ? range
             : nbl->FirstNetBuffer->MdlChain->content;
}

static void
record_buffer (const NdisCrossing *crossing, int64_t id, int64_t index, int64_t object,
               const NET_BUFFER_LIST *nbl, int64_t flags)
{
  uint32_t bytes = ndis_nbl_bytes (nbl);
  TcpRange content = content_of (nbl);

  RECORD (crossing, NBL, id, nbl->id, index, object, bytes, nbl->Status,
          crossing->is_down ? nbl->TcpReceiveBytesTransferred : nbl->TcpOffloadBytesTransferred,
          flags | flags_of (nbl, bytes), buffers_of (nbl),
          content.bytes > 0 ? (int64_t)content.stream_id : -1,
          content.bytes > 0 ? (int64_t)content.offset : -1);
}

static void
record_buffers (const NdisCrossing *crossing, const NdisHalf *half)
{
  int64_t index = 0;

  for (const NET_BUFFER_LIST *nbl = crossing->buffers; nbl != NULL; nbl = nbl->Next)
    record_buffer (crossing, (int64_t)half->id, index++, nbl->object_id, nbl, 0);
}

/* Trees */

static int64_t
id_of (const NET_BUFFER_LIST *nbl)
{
  return nbl != NULL ? nbl->id : 0;
}

/* What a node is: 0 placeholder, 1 linker or reference, 2 new. */
static int64_t
role_of (const NdisCrossing *crossing, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const NDIS_OFFLOAD_HANDLE *handle = list->NdisOffloadHandle;

  if (handle == NULL)
    return 0;
  if (crossing->verb->latency != LATENCY_OFFLOAD)
    return 1;
  /* On the way up its context has been written. */
  bool is_new = crossing->is_down ? handle->MiniportOffloadContext == 0 : list->model.has_state;
  return is_new ? 2 : 1;
}

/* Where an initiate has succeeded the send data is the target's and may be gone. */
static bool
was_taken (const NdisCrossing *crossing, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  return crossing->verb->latency == LATENCY_OFFLOAD && !crossing->is_down
         && list->Status == NDIS_STATUS_SUCCESS;
}

static void
record_node (const NdisCrossing *crossing, int64_t id, int64_t index, int64_t parent,
             const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const NDIS_OFFLOAD_HANDLE *handle = list->NdisOffloadHandle;
  const NET_BUFFER_LIST *chain = was_taken (crossing, list) ? NULL : list->NetBufferListChain;

  RECORD (crossing, NODE, id, crossing->op, index, parent, role_of (crossing, list),
          list->Header.Type, list->model.object_id,
          handle != NULL ? (int64_t)handle->MiniportOffloadContext : 0, list->Status,
          list->model.has_state, id_of (chain), ndis_nbl_chain_count (chain),
          ndis_nbl_chain_bytes (chain), (int64_t)list->SourceHandle, (int64_t)list->ImReserved[0],
          (int64_t)list->ProtocolReserved[0]);
  if (list->Header.Revision != NDIS_REVISION_1 || list->PortNumber != 0)
    RECORD (crossing, NODE_HEADER, id, index, list->model.object_id, list->Header.Revision,
            list->PortNumber);
}

static void
record_tcp_cached (const NdisCrossing *crossing, int64_t id, int64_t index,
                   const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list,
                   const TCP_OFFLOAD_STATE_CACHED *cached)
{
  RECORD (crossing, TCP_CACHED, id, index, list->model.object_id, cached->Flags,
          cached->InitialRcvWnd, cached->RcvIndicationSize, cached->KaProbeCount, cached->KaTimeout,
          cached->KaInterval, cached->MaxRT, cached->FlowLabel, cached->TtlOrHopLimit,
          cached->TosOrTrafficClass, cached->UserPriority);
}

/* The last four columns: an initiate and a terminate carry data, a query counts it. */
static void
record_tcp_state (const NdisCrossing *crossing, int64_t id, int64_t index,
                  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const TCP_OFFLOAD_STATE_DELEGATED *state = block_list_delegated_state (list);
  const TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (list);
  bool is_query = crossing->verb->latency == LATENCY_QUERY;
  bool has_data = !is_query && list->NetBufferListChain != NULL; /* SDATA-03 */

  if (cached != NULL)
    record_tcp_cached (crossing, id, index, list, cached);
  if (state == NULL)
    return;
  RECORD (crossing, TCP_STATE, id, index, list->model.object_id, state->State, state->SndUna,
          state->SndNxt, state->SndMax, state->RcvNxt, state->RcvWnd,
          cached != NULL ? cached->InitialRcvWnd : 0,
          is_query ? state->ReceiveBacklogSize : ndis_nbl_chain_bytes (state->BufferedData),
          has_data ? id_of (state->SendDataHead) : 0, has_data ? id_of (state->SendDataTail) : 0);
  RECORD (crossing, TCP_DELEGATED, id, index, list->model.object_id,
          is_query ? state->SendBacklogSize : 0, state->Retransmit.Count,
          (int32_t)state->Retransmit.TimeoutDelta, state->KeepAlive.ProbeCount,
          (int32_t)state->KeepAlive.TimeoutDelta, state->SndWnd, state->SndWndProbeCount,
          state->DupAckCount, state->TotalRT, state->TsRecent, state->TsRecentAge, state->TsTime,
          state->Flags);
}

static void
record_path_state (const NdisCrossing *crossing, int64_t id, int64_t index,
                   const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const PATH_OFFLOAD_STATE_CONST *constant = block_list_const_state (list);
  const PATH_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (list);

  RECORD (crossing, PATH_STATE, id, index, list->model.object_id,
          constant != NULL ? constant->SourceAddress : 0,
          constant != NULL ? constant->DestinationAddress : 0,
          cached != NULL ? cached->PathMtu : 0);
}

static void
record_neighbor_state (const NdisCrossing *crossing, int64_t id, int64_t index,
                       const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const NEIGHBOR_OFFLOAD_STATE_CONST *constant = block_list_const_state (list);
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (list);
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (list);

  RECORD (crossing, NEIGHBOR_STATE, id, index, list->model.object_id,
          constant != NULL ? constant->DlSourceAddress : 0,
          cached != NULL ? cached->DlDestinationAddress : 0,
          constant != NULL ? constant->VlanId : 0,
          cached != NULL ? cached->HostReachabilityDelta : 0,
          delegated != NULL ? delegated->NicReachabilityDelta : 0);
}

static void
record_state (const NdisCrossing *crossing, int64_t id, int64_t index,
              const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  switch (block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type)) {
  case OFFLOAD_LAYER_NEIGHBOR:
    record_neighbor_state (crossing, id, index, list);
    break;
  case OFFLOAD_LAYER_PATH:
    record_path_state (crossing, id, index, list);
    break;
  case OFFLOAD_LAYER_TCP:
    record_tcp_state (crossing, id, index, list);
    break;
  case OFFLOAD_N_LAYERS:
    SIM_UNREACHABLE ();
  }
}

/* State is worth a record where it has just been written: by the host for an initiate or an update,
 * by the target for a terminate, a query or an event. */
static bool
carries_state (const NdisCrossing *crossing)
{
  LatencyClass latency = crossing->verb->latency;

  if (crossing->verb->load == NDIS_LOAD_BLOCK)
    return true;
  return crossing->is_down ? latency == LATENCY_OFFLOAD || latency == LATENCY_UPDATE
                           : latency == LATENCY_UPLOAD || latency == LATENCY_QUERY;
}

/* An initiate takes data down, and brings it back if it fails; a terminate brings it up. */
static bool
carries_data (const NdisCrossing *crossing, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  LatencyClass latency = crossing->verb->latency;

  return block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_TCP
         && ((latency == LATENCY_OFFLOAD && !was_taken (crossing, list))
             || (latency == LATENCY_UPLOAD && !crossing->is_down));
}

/* The send data of a TCP node, then its buffered receive data; each counted from 0. */
static void
record_data (const NdisCrossing *crossing, int64_t id, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  const TCP_OFFLOAD_STATE_DELEGATED *state =
      list->model.has_state ? block_list_delegated_state (list) : NULL;
  int64_t object = list->model.object_id;
  int64_t index = 0;

  for (const NET_BUFFER_LIST *nbl = list->NetBufferListChain; nbl != NULL; nbl = nbl->Next)
    record_buffer (crossing, id, index++, object, nbl, 0);
  index = 0;
  for (const NET_BUFFER_LIST *nbl = state != NULL ? state->BufferedData : NULL; nbl != NULL;
       nbl = nbl->Next)
    record_buffer (crossing, id, index++, object, nbl, NBL_BUFFERED);
}

static void
record_tree (const NdisCrossing *crossing, const NdisHalf *half)
{
  bool with_state = carries_state (crossing);
  bool with_data = sim_trace_wants (ndis_trace (crossing->ndis), TRACE_NBL);
  int64_t at_level[OFFLOAD_N_LAYERS] = { 0 };
  int64_t index = 0;
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (crossing->tree);

  for (; (list = block_walk_next (&walk)) != NULL; index++) {
    at_level[walk.level] = index;
    int64_t parent = walk.level > 0 ? at_level[walk.level - 1] : -1;
    record_node (crossing, (int64_t)half->id, index, parent, list);
    if (with_state && list->model.has_state)
      record_state (crossing, (int64_t)half->id, index, list);
    if (with_data && carries_data (crossing, list))
      record_data (crossing, (int64_t)half->id, list);
  }
}

void
ndis_record_load (const NdisCrossing *crossing, const NdisHalf *half)
{
  switch (crossing->verb->load) {
  case NDIS_LOAD_TREE:
  case NDIS_LOAD_BLOCK:
    if (sim_trace_wants (ndis_trace (crossing->ndis), TRACE_NODE))
      record_tree (crossing, half);
    break;
  case NDIS_LOAD_BUFFERS:
    if (sim_trace_wants (ndis_trace (crossing->ndis), TRACE_NBL))
      record_buffers (crossing, half);
    break;
  case NDIS_LOAD_NONE:
    break;
  }
}

void
ndis_record_way (const NdisCrossing *crossing, const NdisHalf *half)
{
  RECORD (crossing, WAY, (int64_t)half->id, crossing->binding->adapter->layer->index,
          (int64_t)crossing->context);
}

/* Stages */

static int64_t
stage_with (const NdisCrossing *crossing, uint32_t layer)
{
  if (layer == 0)
    return STAGE_HOST_UP;
  if (layer >= crossing->ndis->first_target)
    return STAGE_MINIPORT;
  return STAGE_OF_IM (crossing->is_down ? STAGE_IM_DOWN : STAGE_IM_UP, layer);
}

/* Calls that bring an application's data further: sends and frames on their way down, received data
 * and frames on their way up. */
static bool
moves_payload (NdisCall call)
{
  static const NdisCall calls[] = {
    NDIS_CALL_NdisOffloadTcpSend,
    NDIS_CALL_NdisSendNetBufferLists,
    NDIS_CALL_NdisTcpOffloadReceiveHandler,
    NDIS_CALL_NdisTcpOffloadReceiveComplete,
    NDIS_CALL_NdisMIndicateReceiveNetBufferLists,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    if (calls[i] == call)
      return true;
  return false;
}

/* A stage for the request of each connection whose data is here. */
static void
record_payload_stage (const NdisCrossing *crossing, int64_t stage)
{
  uint32_t last = UINT32_MAX;

  for (const NET_BUFFER_LIST *nbl = crossing->buffers; nbl != NULL; nbl = nbl->Next) {
    uint32_t connection = nbl->frame != NULL ? nbl->frame->connection_id : nbl->connection_id;
    bool is_empty = nbl->frame != NULL && nbl->frame->payload.bytes == 0;
    if (is_empty || connection == UINT32_MAX || connection == last)
      continue;
    RECORD (crossing, STAGE, LATENCY_REQUEST, connection, stage, connection);
    last = connection;
  }
}

void
ndis_record_stage (const NdisCrossing *crossing, uint32_t layer, bool is_handler)
{
  int64_t in_ndis = crossing->is_down ? STAGE_NDIS_DOWN : STAGE_NDIS_UP;
  int64_t stage = is_handler ? stage_with (crossing, layer) : in_ndis;

  if (crossing->verb->latency != N_LATENCIES)
    RECORD (crossing, STAGE, crossing->verb->latency, crossing->op, stage, crossing->connection);
  else if (sim_trace_wants (ndis_trace (crossing->ndis), TRACE_STAGE)
           && moves_payload (crossing->verb->call))
    record_payload_stage (crossing, stage);
}
