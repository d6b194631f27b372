/*
 * The miniport's I/O handlers: they queue and post, and always return what the documents allow.
 *
 * Source      ndischimney: MiniportTcpOffloadSend, ...Receive, ...Disconnect, ...Forward,
 *             ...ReceiveReturn.
 */
#include "models/target/adapter.h"

static void
post (Target *target, CommandKind kind, NDIS_TOKEN token, NET_BUFFER_LIST *chain, uint32_t flags)
{
  TargetCommand *command = target_command_new (target, kind, token);
  uint32_t count = ndis_nbl_chain_count (chain);

  target_charge (target, TARGET_COST_HANDLER_IO, 1, WAY_CHIMNEY);
  if (count > 1)
    target_charge (target, TARGET_COST_HANDLER_PER_NBL, count - 1, WAY_CHIMNEY);
  command->chain = chain;
  command->flags = flags;
  target_command_then (target, command, ACCOUNT (PART_MINIPORT, WAY_CHIMNEY));
}

NDIS_STATUS
target_io_send (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain)
{
  Target *target = adapter;

  post (target, COMMAND_SEND, token, chain, 0);
  return target_defect (target, TARGET_DEFECT_RETURNS_SUCCESS_FROM_SEND, chain->object_id)
             ? NDIS_STATUS_SUCCESS
             : NDIS_STATUS_PENDING;
}

NDIS_STATUS
target_io_receive (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain)
{
  Target *target = adapter;
  TcpContext *context = target_tcp_find (&target->contexts, token);

  for (const NET_BUFFER_LIST *nbl = chain; context != NULL && nbl != NULL; nbl = nbl->Next)
    if (ndis_nbl_bytes (nbl) > 0)
      context->posted_receives++;
  post (target, COMMAND_RECEIVE, token, chain, 0);
  return NDIS_STATUS_PENDING;
}

NDIS_STATUS
target_io_disconnect (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *nbl, uint32_t flags)
{
  post (adapter, COMMAND_DISCONNECT, token, nbl, flags);
  return NDIS_STATUS_PENDING;
}

NDIS_STATUS
target_io_forward (NDIS_HANDLE adapter, NDIS_TOKEN token, NET_BUFFER_LIST *chain)
{
  post (adapter, COMMAND_FORWARD, token, chain, 0);
  return NDIS_STATUS_PENDING;
}

static void
put_back (Target *target, NET_BUFFER_LIST *chain, AccountWay way)
{
  while (chain != NULL) {
    NET_BUFFER_LIST *next = chain->Next;
    target_charge (target, TARGET_COST_HANDLER_RETURN, 1, way);
    ndis_nbl_put (target->ndis, chain);
    chain = next;
  }
}

NDIS_STATUS
target_io_receive_return (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain)
{
  Target *target = adapter;

  target->pnp.data_up -= ndis_nbl_chain_count (chain);
  put_back (target, chain, WAY_CHIMNEY);
  target_pause_check (target);
  return NDIS_STATUS_SUCCESS;
}

void
target_return_frames (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain)
{
  Target *target = adapter;

  target->pnp.frames_up -= ndis_nbl_chain_count (chain);
  put_back (target, chain, WAY_HOST);
  target_pause_check (target);
}

void
target_send_frames (NDIS_HANDLE adapter, NET_BUFFER_LIST *chain)
{
  Target *target = adapter;
  TargetCommand *command = target_command_new (target, COMMAND_FRAMES, 0);

  uint32_t count = ndis_nbl_chain_count (chain);

  target_charge (target, TARGET_COST_HANDLER_FRAME, count, WAY_HOST);
  target->tx.frames_posted += count;
  target->pnp.frames_down += count;
  command->chain = chain;
  target_command_then (target, command, ACCOUNT (PART_MINIPORT, WAY_HOST));
}
