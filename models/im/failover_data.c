/*
 * A failover driver's data: what comes up from a port goes back to it.
 *
 * The driver leaves the port's number as its NET_BUFFER_LIST_CONTEXT in what it indicates, and takes
 * it off again when the buffer list comes back.
 */
#include "models/im/failover.h"
#include "models/im/ordinary.h"
#include "models/im/team.h"

static void
push_port (NET_BUFFER_LIST *chain, uint32_t port)
{
  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next) {
    SIM_ASSERT (nbl->n_contexts < NBL_IM_CONTEXTS_MAX);
    nbl->context[nbl->n_contexts++] = port + 1;
  }
}

static uint32_t
pop_port (NET_BUFFER_LIST *nbl)
{
  SIM_ASSERT (nbl->n_contexts > 0);
  return (uint32_t)nbl->context[--nbl->n_contexts] - 1;
}

/* Takes the lists of one port off the front of |*chain|. */
static NET_BUFFER_LIST *
take_run (NET_BUFFER_LIST **chain, uint32_t *ret_port)
{
  NET_BUFFER_LIST *first = *chain;
  NET_BUFFER_LIST *last = first;

  *ret_port = pop_port (first);
  while (last->Next != NULL
         && last->Next->context[last->Next->n_contexts - 1] == (NDIS_TOKEN)*ret_port + 1) {
    last = last->Next;
    pop_port (last);
  }
  *chain = last->Next;
  last->Next = NULL;
  return first;
}

/* Buffer lists on their way back, one port a step. */

static void give_back (const ImDriver *im, NET_BUFFER_LIST *chain, bool is_chimney);

static void
give_back_rest (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  give_back (args->self, args->object, args->word[0] != 0);
}

static void
give_back (const ImDriver *im, NET_BUFFER_LIST *chain, bool is_chimney)
{
  uint32_t port;
  NET_BUFFER_LIST *run = take_run (&chain, &port);

  if (is_chimney && im_misbehaves (im, IM_DEFECT_RETURNS_TO_ACTIVE_PORT, 0))
    port = im->active;
  if (chain != NULL)
    ndis_then (im->ndis, give_back_rest,
               (SimStepArgs){ .self = (void *)im, .object = chain, .word = { is_chimney } });
  if (is_chimney)
    NdisOffloadTcpReceiveReturn (im->port[port].binding, run);
  else
    NdisReturnNetBufferLists (im->port[port].binding, run);
}

void
im_team_return_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = MiniportAdapterContext;

  im_charge (im, NDIS_CALL_MiniportReturnNetBufferLists, WAY_HOST, 0);
  give_back (im, list, false);
}

NDIS_STATUS
im_team_receive_return (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *NetBufferList)
{
  ImDriver *im = MiniportAdapterContext;

  im_charge (im, NDIS_CALL_MiniportTcpOffloadReceiveReturn, WAY_CHIMNEY, 0);
  give_back (im, NetBufferList, true);
  return NDIS_STATUS_SUCCESS;
}

/* Up */

void
im_team_uploaded (G_GNUC_UNUSED ImDriver *im, uint32_t port, NET_BUFFER_LIST *BufferedData)
{
  push_port (BufferedData, port);
}

void
im_team_receive_frames (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list)
{
  push_port (list, im_port_number (ProtocolBindingContext));
  im_receive_frames (ProtocolBindingContext, list);
}

/* What was not taken is the target's again, as it was. */
static void
indication_returned (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  const ImDriver *im = args->self;
  NdisResult result = ndis_result (im->ndis);

  if (result.status != NDIS_STATUS_SUCCESS)
    for (NET_BUFFER_LIST *nbl = args->object; nbl != NULL; nbl = nbl->Next)
      pop_port (nbl);
  ndis_return (im->ndis, result);
}

NDIS_STATUS
im_team_receive_indicate (NDIS_OFFLOAD_HANDLE *OffloadContext, NET_BUFFER_LIST *NetBufferList,
                          NDIS_STATUS Status, G_GNUC_UNUSED uint32_t *BytesConsumed)
{
  ImDriver *im = OffloadContext->owner;
  const ImEntry *entry = im_entry_of_handle (OffloadContext);

  im_charge (im, NDIS_CALL_ProtocolTcpOffloadReceiveIndicate, WAY_CHIMNEY, 0);
  push_port (NetBufferList, entry->port);
  ndis_then (im->ndis, indication_returned, (SimStepArgs){ .self = im, .object = NetBufferList });
  im->events.NdisTcpOffloadReceiveHandler (entry->upper, NetBufferList, Status);
  return NDIS_STATUS_PENDING;
}

/* Down: the old port while it can be used. */

void
im_team_send_frames (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list)
{
  ImDriver *im = MiniportAdapterContext;
  const ImTeam *team = im_team (im);
  bool goes_ahead = team->phase != TEAM_STEADY && !im_team_port_is_usable (team, im->active);
  uint32_t port = goes_ahead ? team->next : im->active;

  im_charge (im, NDIS_CALL_MiniportSendNetBufferLists, WAY_HOST, 0);
  NdisSendNetBufferLists (im->port[port].binding, list);
}
