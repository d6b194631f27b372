#include <glib.h>

#include "models/ndis/crossing.h"

typedef PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST ProtocolTree;
typedef PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST MiniportTree;

static const NdisResult no_result = { .status = NDIS_STATUS_SUCCESS };

/* The verb of the completion that goes with an operation. */
static const NdisVerb *completion_of (LatencyClass latency);

/* Down */

static W_STATE_OFFLOAD_HANDLER
provider_handler (const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *provider,
                  LatencyClass latency)
{
  switch ((int)latency) {
  case LATENCY_OFFLOAD:
    return provider->InitiateOffloadHandler;
  case LATENCY_UPLOAD:
    return provider->TerminateOffloadHandler;
  case LATENCY_UPDATE:
    return provider->UpdateOffloadHandler;
  case LATENCY_QUERY:
    return provider->QueryOffloadHandler;
  case LATENCY_INVALIDATE:
    return provider->InvalidateOffloadHandler;
  default:
    SIM_UNREACHABLE ();
  }
}

static NdisResult
run_down (NdisCrossing *crossing)
{
  NDIS_MINIPORT_HANDLE adapter = crossing->binding->adapter;

  provider_handler (&adapter->layer->provider, crossing->verb->latency) (
      adapter->attributes.MiniportAdapterContext, crossing->tree);
  return no_result;
}

/* A driver without chimney keeps every operation from the drivers below (OID-05): NDIS completes
 * it, later. */
static bool
admit_down (NdisCrossing *crossing)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (crossing->tree);

  if (crossing->binding->adapter->is_open)
    return true;
  while ((list = block_walk_next (&walk)) != NULL)
    list->Status = list->NdisOffloadHandle == NULL ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;

  NdisCrossing *completion =
      ndis_crossing_new (completion_of (crossing->verb->latency), crossing->binding);
  completion->tree = crossing->tree;
  ndis_cross_later (completion);
  return false;
}

#define DOWN(ndis_call, miniport_call, latency_)                                                \
  {                                                                                             \
    .call = NDIS_CALL_##ndis_call, .handler = NDIS_CALL_##miniport_call, .way = WAY_STATE,      \
    .load = NDIS_LOAD_TREE, .latency = LATENCY_##latency_, .admit = admit_down, .run = run_down \
  }

static const NdisVerb initiate = DOWN (NdisInitiateOffload, MiniportInitiateOffload, OFFLOAD);
static const NdisVerb terminate = DOWN (NdisTerminateOffload, MiniportTerminateOffload, UPLOAD);
static const NdisVerb update = DOWN (NdisUpdateOffload, MiniportUpdateOffload, UPDATE);
static const NdisVerb query = DOWN (NdisQueryOffloadState, MiniportQueryOffload, QUERY);
static const NdisVerb invalidate =
    DOWN (NdisInvalidateOffload, MiniportInvalidateOffload, INVALIDATE);

static void
go_down (const NdisVerb *verb, NDIS_BINDING_HANDLE binding, ProtocolTree tree)
{
  SIM_ASSERT (tree != NULL);
  NdisCrossing *crossing = ndis_crossing_new (verb, binding);
  crossing->tree = block_list_miniport_view (tree);
  ndis_cross (crossing);
}

void
NdisInitiateOffload (NDIS_BINDING_HANDLE NdisBindingHandle, ProtocolTree OffloadBlockList)
{
  go_down (&initiate, NdisBindingHandle, OffloadBlockList);
}

void
NdisTerminateOffload (NDIS_BINDING_HANDLE NdisBindingHandle, ProtocolTree OffloadBlockList)
{
  go_down (&terminate, NdisBindingHandle, OffloadBlockList);
}

void
NdisUpdateOffload (NDIS_BINDING_HANDLE NdisBindingHandle, ProtocolTree OffloadBlockList)
{
  go_down (&update, NdisBindingHandle, OffloadBlockList);
}

void
NdisQueryOffloadState (NDIS_BINDING_HANDLE NdisBindingHandle, ProtocolTree OffloadBlockList)
{
  go_down (&query, NdisBindingHandle, OffloadBlockList);
}

void
NdisInvalidateOffload (NDIS_BINDING_HANDLE NdisBindingHandle, ProtocolTree OffloadBlockList)
{
  go_down (&invalidate, NdisBindingHandle, OffloadBlockList);
}

/* Up */

static STATE_OFFLOAD_COMPLETE_HANDLER
client_handler (const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *client,
                LatencyClass latency)
{
  switch ((int)latency) {
  case LATENCY_OFFLOAD:
    return client->InitiateOffloadCompleteHandler;
  case LATENCY_UPLOAD:
    return client->TerminateOffloadCompleteHandler;
  case LATENCY_UPDATE:
    return client->UpdateOffloadCompleteHandler;
  case LATENCY_QUERY:
    return client->QueryOffloadCompleteHandler;
  case LATENCY_INVALIDATE:
    return client->InvalidateOffloadCompleteHandler;
  default:
    SIM_UNREACHABLE ();
  }
}

static NdisResult
run_up (NdisCrossing *crossing)
{
  NDIS_BINDING_HANDLE binding = crossing->binding;

  client_handler (&binding->layer->client, crossing->verb->latency) (binding->context,
                                                                     (ProtocolTree)crossing->tree);
  return no_result;
}

#define UP(ndis_call, protocol_call, latency_)                                             \
  {                                                                                        \
    .call = NDIS_CALL_##ndis_call, .handler = NDIS_CALL_##protocol_call, .way = WAY_STATE, \
    .load = NDIS_LOAD_TREE, .latency = LATENCY_##latency_, .run = run_up                   \
  }

static const NdisVerb initiate_complete =
    UP (NdisMInitiateOffloadComplete, ProtocolInitiateOffloadComplete, OFFLOAD);
static const NdisVerb terminate_complete =
    UP (NdisMTerminateOffloadComplete, ProtocolTerminateOffloadComplete, UPLOAD);
static const NdisVerb update_complete =
    UP (NdisMUpdateOffloadComplete, ProtocolUpdateOffloadComplete, UPDATE);
static const NdisVerb query_complete =
    UP (NdisMQueryOffloadStateComplete, ProtocolQueryOffloadComplete, QUERY);
static const NdisVerb invalidate_complete =
    UP (NdisMInvalidateOffloadComplete, ProtocolInvalidateOffloadComplete, INVALIDATE);

static const NdisVerb *
completion_of (LatencyClass latency)
{
  static const NdisVerb *const completions[] = {
    [LATENCY_OFFLOAD] = &initiate_complete,      [LATENCY_UPLOAD] = &terminate_complete,
    [LATENCY_UPDATE] = &update_complete,         [LATENCY_QUERY] = &query_complete,
    [LATENCY_INVALIDATE] = &invalidate_complete,
  };
  SIM_ASSERT (latency < G_N_ELEMENTS (completions));
  return completions[latency];
}

static void
go_up (const NdisVerb *verb, NDIS_MINIPORT_HANDLE adapter, MiniportTree tree)
{
  SIM_ASSERT (tree != NULL);
  NdisCrossing *crossing = ndis_crossing_new (verb, adapter->upper);
  crossing->tree = tree;
  ndis_cross (crossing);
}

void
NdisMInitiateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                              MiniportTree OffloadBlockList)
{
  go_up (&initiate_complete, NdisMiniportHandle, OffloadBlockList);
}

void
NdisMTerminateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                               MiniportTree OffloadBlockList)
{
  go_up (&terminate_complete, NdisMiniportHandle, OffloadBlockList);
}

void
NdisMUpdateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle, MiniportTree OffloadBlockList)
{
  go_up (&update_complete, NdisMiniportHandle, OffloadBlockList);
}

void
NdisMQueryOffloadStateComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                MiniportTree OffloadBlockList)
{
  go_up (&query_complete, NdisMiniportHandle, OffloadBlockList);
}

void
NdisMInvalidateOffloadComplete (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                MiniportTree OffloadBlockList)
{
  go_up (&invalidate_complete, NdisMiniportHandle, OffloadBlockList);
}

/* The event about a neighbor: its block is lent for the call. */

static void
measure_indication (NdisCrossing *crossing)
{
  crossing->arg[0] = crossing->word[0];
}

static bool
admit_indication (NdisCrossing *crossing)
{
  return crossing->binding->layer->client.IndicateOffloadEventHandler != NULL;
}

static NdisResult
run_indication (NdisCrossing *crossing)
{
  NDIS_BINDING_HANDLE binding = crossing->binding;

  binding->layer->client.IndicateOffloadEventHandler (
      binding->context, (ProtocolTree)crossing->tree, crossing->word[0]);
  return no_result;
}

static void
after_indication (NdisCrossing *crossing)
{
  ndis_block_list_as_miniport ((ProtocolTree)crossing->tree);
  block_tree_set_holder (crossing->tree,
                         ndis_holder_of_layer (crossing->ndis,
                                               ndis_crossing_caller (crossing)->index));
}

static const NdisVerb indication = {
  .call = NDIS_CALL_NdisMOffloadEventIndicate,
  .handler = NDIS_CALL_ProtocolIndicateOffloadEvent,
  .way = WAY_STATE,
  .load = NDIS_LOAD_BLOCK,
  .latency = N_LATENCIES,
  .measure = measure_indication,
  .admit = admit_indication,
  .run = run_indication,
  .after = after_indication,
};

void
NdisMOffloadEventIndicate (NDIS_MINIPORT_HANDLE NdisMiniportHandle, MiniportTree OffloadBlockList,
                           uint32_t IndicationCode)
{
  NdisCrossing *crossing = ndis_crossing_new (&indication, NdisMiniportHandle->upper);

  crossing->tree = OffloadBlockList;
  crossing->word[0] = IndicationCode;
  ndis_cross (crossing);
}
