#include "models/im/operations.h"

#include "models/im/driver.h"
#include "models/im/drivers.h"
#include "models/im/refuse.h"

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST ProtocolTree;
typedef PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST MiniportTree;

static const struct {
  NdisCall down;
  NdisCall up;
  void (*pass) (NDIS_BINDING_HANDLE binding, ProtocolTree tree);
  void (*complete) (NDIS_MINIPORT_HANDLE adapter, MiniportTree tree);
} operations[] = {
#define OPERATION(request, down_, up_, pass_, complete_) \
  [request] = { NDIS_CALL_##down_, NDIS_CALL_##up_, pass_, complete_ }
  OPERATION (IM_INITIATE, MiniportInitiateOffload, ProtocolInitiateOffloadComplete,
             NdisInitiateOffload, NdisMInitiateOffloadComplete),
  OPERATION (IM_TERMINATE, MiniportTerminateOffload, ProtocolTerminateOffloadComplete,
             NdisTerminateOffload, NdisMTerminateOffloadComplete),
  OPERATION (IM_UPDATE, MiniportUpdateOffload, ProtocolUpdateOffloadComplete, NdisUpdateOffload,
             NdisMUpdateOffloadComplete),
  OPERATION (IM_QUERY, MiniportQueryOffload, ProtocolQueryOffloadComplete, NdisQueryOffloadState,
             NdisMQueryOffloadStateComplete),
  OPERATION (IM_INVALIDATE, MiniportInvalidateOffload, ProtocolInvalidateOffloadComplete,
             NdisInvalidateOffload, NdisMInvalidateOffloadComplete),
#undef OPERATION
};

/* Down */

/* The entry of a node: a new one for a new offload, else the one its context names. */
static ImEntry *
entry_for (ImDriver *im, const ImCall *call, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  NDIS_TOKEN context = *list->MiniportOffloadContext;

  if (call->request == IM_INITIATE && context == 0)
    return im_entry_new (im, list->NdisOffloadHandle, call->port);
  return im_entry_of_token (im, context);
}

/* The context of the first node that has one; 0: all of the tree is new. */
static NDIS_TOKEN
first_context (MiniportTree root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL)
    if (!block_list_is_placeholder (list) && *list->MiniportOffloadContext != 0)
      return *list->MiniportOffloadContext;
  return 0;
}

uint32_t
im_tree_port (const ImDriver *im, MiniportTree root)
{
  NDIS_TOKEN context = im->n_ports > 1 ? first_context (root) : 0;

  return context != 0 ? im_entry_of_token (im, context)->port : im->active;
}

/* Puts the driver's own handles into the tree; gives the number of nodes. */
static uint32_t
claim_tree (ImDriver *im, const ImCall *call, MiniportTree root)
{
  uint32_t nodes = 0;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  for (; (list = block_walk_next (&walk)) != NULL; nodes++) {
    block_list_assert_holder (list, NDIS_HOLDER_IM);
    if (!block_list_is_placeholder (list))
      list->NdisOffloadHandle = &entry_for (im, call, list)->handle;
  }
  return nodes;
}

ImCall *
im_operation_take (ImDriver *im, ImRequest request, MiniportTree root, uint32_t *ret_nodes)
{
  ImCall *call = im_call_new (im, request, root->model.object_id);

  call->port = im_tree_port (im, root);
  call->count = 1;
  *ret_nodes = claim_tree (im, call, root);
  im_call_save (im, call, root);
  return call;
}

NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
im_initiate_lacks (ImDriver *im, MiniportTree root)
{
  uint32_t entries = sim_pool_out (im->entries.pool);
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL) {
    if (block_list_is_placeholder (list) || *list->MiniportOffloadContext != 0)
      continue;
    if (im_allocation_fails (im, list->model.object_id, entries++, im->config.entries_max))
      return list;
  }
  return NULL;
}

void
im_operation_down (ImDriver *im, ImRequest request, MiniportTree root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *lacking =
      request == IM_INITIATE ? im_initiate_lacks (im, root) : NULL;
  uint32_t nodes;

  if (lacking != NULL) {
    im_charge (im, operations[request].down, WAY_STATE, 0);
    im_refuse_tree (im, root, lacking, NDIS_STATUS_RESOURCES);
    return;
  }
  ImCall *call = im_operation_take (im, request, root, &nodes);

  im_charge (im, operations[request].down, WAY_STATE, nodes);
  im_queue_submit (im, call);
}

void
im_operation_pass (ImDriver *im, ImCall *call)
{
  NDIS_BINDING_HANDLE binding = im->port[call->port].binding;

  operations[call->request].pass (binding, ndis_block_list_as_protocol (call->tree));
}

/* Up */

/* A target that forgot the status of a node may still have offloaded it. */
static bool
was_offloaded (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, const ImEntry *entry)
{
  return list->Status == NDIS_STATUS_SUCCESS || list->Status == NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS
         || (list->Status == NDIS_STATUS_NOT_WRITTEN && entry->handle.MiniportOffloadContext != 0);
}

/* An entry lives from its initiate on if that succeeds, until a terminate does. */
static void
settle_initiate (ImDriver *im, ImEntry *entry, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  if (entry->is_offloaded)
    return;
  if (was_offloaded (list, entry)) {
    entry->is_offloaded = true;
    entry->upper->MiniportOffloadContext = im_entry_token (im, entry);
  } else {
    im_entry_free (im, entry);
  }
}

static const TCP_OFFLOAD_STATE_DELEGATED *
tcp_state_of (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  bool is_tcp = block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_TCP;

  return is_tcp && list->model.has_state ? block_list_delegated_state (list) : NULL;
}

/* Sends come back with a terminate without a completion of their own. */
static void
settle_terminate (ImDriver *im, ImEntry *entry, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  uint32_t object_id = entry->handle.object_id;
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = tcp_state_of (list);

  if (im->kind->uploaded != NULL && delegated != NULL)
    im->kind->uploaded (im, entry->port, delegated->BufferedData);
  im_queue_finish (im, im_call_pop (im, list->NetBufferListChain));
  if (list->NetBufferListChain != NULL && im_misbehaves (im, IM_DEFECT_LOSES_SEND_DATA, object_id))
    list->NetBufferListChain = NULL;
  if (list->Status == NDIS_STATUS_SUCCESS
      && !im_misbehaves (im, IM_DEFECT_KEEPS_OFFLOAD_ENTRY, object_id))
    im_entry_free (im, entry);
}

static void
settle_node (ImDriver *im, ImRequest request, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  ImEntry *entry = im_entry_of_handle (list->NdisOffloadHandle);

  list->NdisOffloadHandle = entry->upper;
  if (request == IM_INITIATE)
    settle_initiate (im, entry, list);
  else if (request == IM_TERMINATE)
    settle_terminate (im, entry, list);
}

/* Puts the upper handles back into the tree; gives the number of nodes. */
static uint32_t
settle_tree (ImDriver *im, ImRequest request, MiniportTree root)
{
  uint32_t nodes = 0;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  for (; (list = block_walk_next (&walk)) != NULL; nodes++) {
    block_list_assert_holder (list, NDIS_HOLDER_IM);
    if (list->NdisOffloadHandle != NULL)
      settle_node (im, request, list);
  }
  return nodes;
}

void
im_operation_settled (ImDriver *im, ImCall *call)
{
  im_queue_finish (im, call);
  if (im->kind->settled != NULL)
    im->kind->settled (im);
}

/* NdisMXxxComplete has returned. */
static void
operation_completed (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  im_operation_settled (args->self, args->object);
}

static void
operation_up (ImDriver *im, ImRequest request, ProtocolTree tree)
{
  MiniportTree root = block_list_miniport_view (tree);
  ImCall *call = im_call_of_token (im, root->ImReserved[0]);
  uint32_t nodes = settle_tree (im, request, root);

  im_call_restore (call, root, !im_misbehaves (im, IM_DEFECT_KEEPS_SOURCE_HANDLE, call->object_id));
  im_charge (im, operations[request].up, WAY_STATE, nodes);
  if (request == IM_TERMINATE && im_refusals_precede (im, call, root))
    return;
  ndis_then (im->ndis, operation_completed, (SimStepArgs){ .self = im, .object = call });
  operations[request].complete (im->adapter, ndis_block_list_as_miniport (tree));
}

void
im_operation_finish (ImDriver *im, ImRequest request, MiniportTree root)
{
  operations[request].complete (im->adapter, root);
}

/* The entry points */

#define ENTRY_POINTS(name, request)                                                           \
  static void name##_down (NDIS_HANDLE MiniportAdapterContext, MiniportTree OffloadBlockList) \
  {                                                                                           \
    im_operation_down (MiniportAdapterContext, request, OffloadBlockList);                    \
  }                                                                                           \
  static void name##_up (NDIS_HANDLE ProtocolBindingContext, ProtocolTree OffloadBlockList)   \
  {                                                                                           \
    operation_up (((const ImPort *)ProtocolBindingContext)->im, request, OffloadBlockList);   \
  }

ENTRY_POINTS (initiate, IM_INITIATE)
ENTRY_POINTS (terminate, IM_TERMINATE)
ENTRY_POINTS (update, IM_UPDATE)
ENTRY_POINTS (query, IM_QUERY)
ENTRY_POINTS (invalidate, IM_INVALIDATE)

/* The neighbor event: its block is lent to the drivers above for the call. */

static void
indication_returned (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImEntry *entry = args->self;
  MiniportTree block = args->object;

  block->NdisOffloadHandle = &entry->handle;
  ndis_block_list_as_protocol (block);
}

static void
indicate_event (NDIS_HANDLE ProtocolBindingContext, ProtocolTree OffloadBlockList,
                uint32_t IndicationCode)
{
  ImDriver *im = ((const ImPort *)ProtocolBindingContext)->im;
  ImEntry *entry = im_entry_of_handle (OffloadBlockList->OffloadHandle);

  im_charge (im, NDIS_CALL_ProtocolIndicateOffloadEvent, WAY_STATE, 1);
  if (im->config.offload_event == IM_OFFLOAD_EVENT_ABSORB)
    return;
  OffloadBlockList->OffloadHandle = entry->upper;
  ndis_then (im->ndis, indication_returned,
             (SimStepArgs){ .self = entry, .object = OffloadBlockList });
  NdisMOffloadEventIndicate (im->adapter, ndis_block_list_as_miniport (OffloadBlockList),
                             IndicationCode);
}

const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS im_provider = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS) },
  .InitiateOffloadHandler = initiate_down,
  .TerminateOffloadHandler = terminate_down,
  .UpdateOffloadHandler = update_down,
  .InvalidateOffloadHandler = invalidate_down,
  .QueryOffloadHandler = query_down,
};

const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS im_client = {
  .Header = { .Revision = NDIS_REVISION_1,
              .Size = sizeof (NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS) },
  .InitiateOffloadCompleteHandler = initiate_up,
  .TerminateOffloadCompleteHandler = terminate_up,
  .UpdateOffloadCompleteHandler = update_up,
  .InvalidateOffloadCompleteHandler = invalidate_up,
  .QueryOffloadCompleteHandler = query_up,
  .IndicateOffloadEventHandler = indicate_event,
};
