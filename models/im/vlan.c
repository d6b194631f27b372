#include "models/im/vlan.h"

#include "models/im/driver.h"
#include "models/im/edges.h"
#include "models/im/operations.h"
#include "models/im/ordinary.h"
#include "models/im/requests.h"

#define TAG_VLAN_MASK 0xfffu
/* Of the driver's virtual adapter, for a defect: nobody else's. */
#define OWN_ADDRESS UINT32_C (0x00fffff0)

typedef NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *MiniportTree;

/* The constant state of a neighbor that is to be offloaded, or NULL. */
static NEIGHBOR_OFFLOAD_STATE_CONST *
new_neighbor (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
  bool is_neighbor =
      block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_NEIGHBOR;

  return is_neighbor && list->model.has_state ? block_list_const_state (list) : NULL;
}

/* The first neighbor of another VLAN, or NULL. */
static NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *
find_stranger (const ImDriver *im, MiniportTree root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL) {
    const NEIGHBOR_OFFLOAD_STATE_CONST *neighbor = new_neighbor (list);
    if (neighbor != NULL && neighbor->VlanId != 0 && neighbor->VlanId != im->config.vlan_id)
      return list;
  }
  return NULL;
}

static void
set_vlan (const ImDriver *im, MiniportTree root)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  while ((list = block_walk_next (&walk)) != NULL) {
    NEIGHBOR_OFFLOAD_STATE_CONST *neighbor = new_neighbor (list);
    if (neighbor == NULL)
      continue;
    neighbor->VlanId = im->config.vlan_id & TAG_VLAN_MASK;
    if (im_misbehaves (im, IM_DEFECT_OVERWRITES_SOURCE_ADDRESS, list->model.object_id))
      neighbor->DlSourceAddress = OWN_ADDRESS;
  }
}

static void
initiate (NDIS_HANDLE MiniportAdapterContext, MiniportTree OffloadBlockList)
{
  ImDriver *im = MiniportAdapterContext;
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *stranger = find_stranger (im, OffloadBlockList);

  if (stranger != NULL) {
    im_charge (im, NDIS_CALL_MiniportInitiateOffload, WAY_STATE, 0);
    im_refuse_tree (im, OffloadBlockList, stranger, NDIS_STATUS_OFFLOAD_VLAN_MISMATCH);
    return;
  }
  set_vlan (im, OffloadBlockList);
  im_operation_down (im, IM_INITIATE, OffloadBlockList);
}

/* Frames */

static void
tag (TcpSegment *frame, uint16_t vlan_id)
{
  if ((frame->oddities & TCP_VLAN_TAGGED) == 0)
    frame->vlan_tag = 0;
  if ((frame->vlan_tag & TAG_VLAN_MASK) != 0)
    return; /* another VLAN's */
  frame->oddities |= TCP_VLAN_TAGGED;
  frame->vlan_tag = (uint16_t)(frame->vlan_tag | vlan_id);
}

/* What remains of a tag with a priority is the tag of no VLAN. */
static void
untag (TcpSegment *frame, uint16_t vlan_id)
{
  if ((frame->oddities & TCP_VLAN_TAGGED) == 0 || (frame->vlan_tag & TAG_VLAN_MASK) != vlan_id)
    return;
  frame->vlan_tag = (uint16_t)(frame->vlan_tag & ~TAG_VLAN_MASK);
  if (frame->vlan_tag == 0)
    frame->oddities &= (uint8_t)~TCP_VLAN_TAGGED;
}

static void
send_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list)
{
  const ImDriver *im = MiniportAdapterContext;

  for (NET_BUFFER_LIST *nbl = list; nbl != NULL; nbl = nbl->Next)
    tag (nbl->frame, im->config.vlan_id);
  im_send_frames (MiniportAdapterContext, list);
}

static void
receive_frames (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  const ImPort *port = ProtocolBindingContext;

  for (NET_BUFFER_LIST *nbl = list; nbl != NULL; nbl = nbl->Next)
    untag (nbl->frame, port->im->config.vlan_id);
  im_receive_frames (ProtocolBindingContext, list);
}

/* Registration */

static void
set_options (void *DriverContext, Ndis *ndis)
{
  NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS provider = im_provider;
  (void)DriverContext;

  provider.InitiateOffloadHandler = initiate;
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_GENERIC, &provider.Header);
  NdisSetOptionalHandlers (ndis, NDIS_OPTIONAL_PROVIDER_TCP, &im_provider_tcp.Header);
}

const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_vlan_miniport = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_MINIPORT_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = set_options,
  .InitializeHandlerEx = im_initialize,
  .OidRequestHandler = im_oid_request,
  .SendNetBufferListsHandler = send_frames,
  .ReturnNetBufferListsHandler = im_return_frames,
};

const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_vlan_protocol = {
  .Header = { .Revision = NDIS_REVISION_1, .Size = sizeof (NDIS_PROTOCOL_DRIVER_CHARACTERISTICS) },
  .SetOptionsHandler = im_register_client,
  .BindAdapterHandlerEx = im_bind_adapter,
  .OidRequestCompleteHandler = im_oid_request_complete,
  .StatusHandlerEx = im_status,
  .SendNetBufferListsCompleteHandler = im_send_frames_complete,
  .ReceiveNetBufferListsHandler = receive_frames,
};
