#include "models/host/protocol.h"

#include "models/host/chimney_path.h"
#include "models/host/frames.h"
#include "models/host/machine.h"
#include "models/host/manager.h"

#define HEADER(type)                                                                     \
  {                                                                                      \
    .Type = NDIS_OBJECT_TYPE_DEFAULT, .Revision = NDIS_REVISION_1, .Size = sizeof (type) \
  }

/* State: the same completion for all five */

static void
tree_complete (NDIS_HANDLE ProtocolBindingContext,
               PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
  manager_complete (ProtocolBindingContext, OffloadBlockList);
}

static HostNeighbor *
neighbor_of_block (Host *host, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST block)
{
  const NEIGHBOR_OFFLOAD_STATE_CACHED *cached =
      block_list_cached_state (block_list_miniport_view (block));

  for (uint32_t n = 0; n < host->n_neighbors; n++) {
    HostNeighbor *neighbor = &host->neighbor[n];
    bool is_it = block->OffloadHandle != NULL
                     ? block->OffloadHandle->object_id == neighbor->object.handle.object_id
                     : cached->DlDestinationAddress == neighbor->setup.destination_mac_id;
    if (is_it)
      return neighbor;
  }
  return NULL;
}

static void
offload_event (NDIS_HANDLE ProtocolBindingContext,
               PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList, uint32_t IndicationCode)
{
  Host *host = ProtocolBindingContext;

  processors_charge (host, HOST_COST_CHIMNEY_EVENT, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  if (IndicationCode != NeighborReachabilityQuery || OffloadBlockList == NULL)
    return;
  HostNeighbor *neighbor = neighbor_of_block (host, OffloadBlockList);
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (OffloadBlockList);
  NEIGHBOR_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);
  const NEIGHBOR_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);
  if (neighbor != NULL && cached != NULL && delegated != NULL)
    cached->HostReachabilityDelta =
        neighbor_answer (host, neighbor, delegated->NicReachabilityDelta);
}

/* Data */

static void
send_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)
{
  chimney_path_send_complete (ProtocolBindingContext, NetBufferList);
}

static void
receive_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)
{
  chimney_path_receive_complete (ProtocolBindingContext, NetBufferList);
}

static void
disconnect_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)
{
  chimney_path_disconnect_complete (ProtocolBindingContext, NetBufferList);
}

static void
forward_complete (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *NetBufferList)
{
  chimney_path_forward_complete (ProtocolBindingContext, NetBufferList);
}

static void
tcp_event (NDIS_OFFLOAD_HANDLE *OffloadContext, uint32_t EventType,
           uint32_t EventSpecificInformation)
{
  Host *host = OffloadContext->owner;
  Connection *c = host_connection (host, OffloadContext->connection_id);

  if (owner_has_context (c->owner))
    chimney_path_event (host, c, (TCP_OFFLOAD_EVENT_TYPE)EventType, EventSpecificInformation);
}

static NDIS_STATUS
receive_indicate (NDIS_OFFLOAD_HANDLE *OffloadContext, NET_BUFFER_LIST *NetBufferList,
                  NDIS_STATUS Status, uint32_t *BytesConsumed)
{
  Host *host = OffloadContext->owner;
  Connection *c = host_connection (host, OffloadContext->connection_id);

  *BytesConsumed = 0;
  if (!owner_has_context (c->owner) || Status != NDIS_STATUS_SUCCESS)
    return NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED;
  return chimney_path_indicate (host, c, NetBufferList, BytesConsumed);
}

/* Ordinary */

static void
frames_sent (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  frames_complete (ProtocolBindingContext, list);
}

static void
frames_received (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  frames_receive (ProtocolBindingContext, list);
}

static void
oid_complete (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request, NDIS_STATUS status)
{
  control_complete (ProtocolBindingContext, request, status);
}

static void
status_indicated (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode,
                  const void *StatusBuffer)
{
  (void)StatusBuffer;
  power_note_status (ProtocolBindingContext, StatusCode);
}

/* Plug and Play */

static NDIS_STATUS
net_pnp_event (NDIS_HANDLE ProtocolBindingContext, NET_PNP_EVENT_CODE NetEvent)
{
  return power_net_event (ProtocolBindingContext, NetEvent);
}

/* Registration */

static const NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic_characteristics = {
  .Header = HEADER (NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS),
  .InitiateOffloadCompleteHandler = tree_complete,
  .TerminateOffloadCompleteHandler = tree_complete,
  .UpdateOffloadCompleteHandler = tree_complete,
  .InvalidateOffloadCompleteHandler = tree_complete,
  .QueryOffloadCompleteHandler = tree_complete,
  .IndicateOffloadEventHandler = offload_event,
};

static const NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp_characteristics = {
  .Header = HEADER (NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS),
  .OffloadType = NdisTcpChimneyOffload,
  .TcpOffloadSendCompleteHandler = send_complete,
  .TcpOffloadReceiveCompleteHandler = receive_complete,
  .TcpOffloadDisconnectCompleteHandler = disconnect_complete,
  .TcpOffloadForwardCompleteHandler = forward_complete,
  .TcpOffloadEventHandler = tcp_event,
  .TcpOffloadReceiveIndicateHandler = receive_indicate,
};

static void
set_options (void *DriverContext, Ndis *ndis)
{
  Host *host = DriverContext;

  host->ndis = ndis;
  NDIS_STATUS generic =
      NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_GENERIC, &generic_characteristics.Header);
  NDIS_STATUS tcp =
      NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_CLIENT_TCP, &tcp_characteristics.Header);
  SIM_ASSERT (generic == NDIS_STATUS_SUCCESS);
  SIM_ASSERT (tcp == NDIS_STATUS_SUCCESS);
}

static void
bind_adapter (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  Host *host = DriverContext;
  NDIS_STATUS status = NdisOpenAdapterEx (ndis, adapter, host, &host->binding);
  SIM_ASSERT (status == NDIS_STATUS_SUCCESS);
}

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS protocol_characteristics = {
  .Header = HEADER (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS),
  .SetOptionsHandler = set_options,
  .BindAdapterHandlerEx = bind_adapter,
  .OidRequestCompleteHandler = oid_complete,
  .StatusHandlerEx = status_indicated,
  .SendNetBufferListsCompleteHandler = frames_sent,
  .ReceiveNetBufferListsHandler = frames_received,
  .NetPnPEventHandler = net_pnp_event,
};
