/*
 * Disconnect requests, and connections that end by a RST.
 *
 * Source      ndischimney: MiniportTcpOffloadDisconnect, NdisTcpOffloadDisconnectComplete; guide:
 *             responding to the reception of a FIN or RST segment.  Rules DISC, EVT-04, EVT-05.
 */
#include "models/target/adapter.h"

static void
complete (Target *target, TcpContext *context, NET_BUFFER_LIST *nbl, NDIS_STATUS status)
{
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_DISCONNECT, context);

  nbl->Next = NULL;
  nbl->MiniportReserved = NULL;
  nbl->Status = status;
  upcall->chain = nbl;
  target_upcall_queue (target, upcall, 0);
}

/* Takes the request out of the end of the send queue, where its data may be, acknowledged or
 * not. */
static NET_BUFFER_LIST *
take_graceful (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *nbl = context->graceful;
  uint32_t acked = target_sends_drop_graceful (target, context);

  nbl->TcpOffloadBytesTransferred = acked;
  ndis_nbl_advance (nbl, acked);
  context->graceful = NULL;
  return nbl;
}

void
target_complete_disconnect (Target *target, TcpContext *context, NDIS_STATUS status)
{
  if (context->graceful != NULL)
    complete (target, context, take_graceful (target, context), status);
  if (context->abortive != NULL) {
    NET_BUFFER_LIST *nbl = context->abortive;
    context->abortive = NULL;
    complete (target, context, nbl, status);
  }
}

void
target_fin_acknowledged (Target *target, TcpContext *context)
{
  if (context->graceful != NULL)
    complete (target, context, take_graceful (target, context), NDIS_STATUS_SUCCESS);
}

static void
complete_receives (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *chain = delivery_abort (&context->delivery, NDIS_STATUS_REQUEST_ABORTED);

  if (chain == NULL)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_RECEIVES, context);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}

/* EVT-04: marked, indicated, and everything outstanding completed, in this order. */
void
target_abort (Target *target, TcpContext *context)
{
  context->aborted = true;
  target_transmit_forget (target, context);
  if (!target_defect (target, TARGET_DEFECT_ABORT_WITHOUT_INDICATION, context->head.object_id))
    target_tell (target, context, TcpIndicateAbort, 0);
  target_sends_abort (target, context, NDIS_STATUS_REQUEST_ABORTED);
  complete_receives (target, context);
  target_complete_disconnect (target, context, NDIS_STATUS_REQUEST_ABORTED);
}

/* DISC-02 to 08: the RST goes out, everything else is over; the request completes when the RST has
 * left. */
static void
disconnect_abortive (Target *target, TcpContext *context, NET_BUFFER_LIST *nbl)
{
  context->aborted = true;
  tcp_abort (&context->tcb, target_now (target));
  target_note_state (target, context);
  target_sends_abort (target, context, NDIS_STATUS_REQUEST_ABORTED);
  complete_receives (target, context);
  target_complete_disconnect (target, context, NDIS_STATUS_REQUEST_ABORTED);
  context->abortive = nbl;
  sim_event_cancel (target->sim, &context->timer);
  if (tcp_transmit_is_due (&context->tcb, target_now (target)))
    target_transmit_kick (target, context);
  else
    target_reset_has_left (target, context);
}

void
target_reset_has_left (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *nbl = context->abortive;

  if (nbl == NULL)
    return;
  context->abortive = NULL;
  complete (target, context, nbl, NDIS_STATUS_SUCCESS);
}

static void
disconnect_graceful (Target *target, TcpContext *context, NET_BUFFER_LIST *nbl)
{
  uint32_t bytes = ndis_nbl_bytes (nbl);

  if (!tcp_state_can_send (tcp_state (&context->tcb))) {
    target_refuse_post (target, context, UPCALL_DISCONNECT, nbl, NDIS_STATUS_REQUEST_ABORTED);
    return;
  }
  context->graceful = nbl;
  target_sends_append (context, nbl);
  target->transmit_descriptors_used++;
  if (bytes > 0)
    tcp_send (&context->tcb, bytes);
  target_act_on (target, context, tcp_close (&context->tcb, target_now (target)));
  if (context->graceful != NULL
      && target_defect (target, TARGET_DEFECT_GRACEFUL_COMPLETE_BEFORE_ACK, context->head.object_id)
      && bytes == 0)
    target_fin_acknowledged (target, context);
}

void
target_post_disconnect (Target *target, TcpContext *context, NET_BUFFER_LIST *nbl, uint32_t flags)
{
  NDIS_STATUS refusal = target_refusal (context);

  if (refusal != NDIS_STATUS_SUCCESS)
    target_refuse_post (target, context, UPCALL_DISCONNECT, nbl, refusal);
  else if (flags == TCP_DISCONNECT_ABORTIVE_CLOSE
           || target_defect (target, TARGET_DEFECT_RST_ON_GRACEFUL, context->head.object_id))
    disconnect_abortive (target, context, nbl);
  else
    disconnect_graceful (target, context, nbl);
}
