/*
 * The send queue: the host's own buffer lists, from the first byte not acknowledged to the last one
 * posted.
 *
 * Order       Lists are completed in posting order, when all their bytes are acknowledged.
 * Source      ndischimney: MiniportTcpOffloadSend, NdisTcpOffloadSendComplete; guide: mapping
 *             SndUna, SndNxt and SndMax to the MDLs.  Rules SEND, SDATA.
 */
#include <glib.h>

#include "models/target/adapter.h"

/* Every so many sends are lost by the defect. */
#define LOST_SENDS 16

static void
finish (NET_BUFFER_LIST *nbl, NDIS_STATUS status, uint32_t bytes)
{
  nbl->Status = status;
  nbl->TcpOffloadBytesTransferred = bytes;
  ndis_nbl_advance (nbl, bytes);
}

/* Takes the first list out of the queue. */
static NET_BUFFER_LIST *
pop (TcpContext *context)
{
  NET_BUFFER_LIST *nbl = context->send_first;

  context->first_seq += ndis_nbl_bytes (nbl);
  context->first_acked_bytes = 0;
  context->send_first = nbl->MiniportReserved;
  if (context->send_first == NULL)
    context->send_last = NULL;
  if (context->cursor == nbl)
    context->cursor = NULL;
  context->send_count--;
  nbl->MiniportReserved = NULL;
  nbl->Next = NULL;
  return nbl;
}

static NET_BUFFER_LIST *
reversed (NET_BUFFER_LIST *chain)
{
  NET_BUFFER_LIST *back = NULL;

  while (chain != NULL) {
    NET_BUFFER_LIST *next = chain->Next;
    chain->Next = back;
    back = chain;
    chain = next;
  }
  return back;
}

static void
complete (Target *target, TcpContext *context, NET_BUFFER_LIST *chain)
{
  if (chain == NULL)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_SENDS, context);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}

void
target_sends_append (TcpContext *context, NET_BUFFER_LIST *chain)
{
  while (chain != NULL) {
    NET_BUFFER_LIST *nbl = chain;
    chain = nbl->Next;
    nbl->Next = NULL;
    nbl->MiniportReserved = NULL;
    if (context->send_first == NULL) {
      context->send_first = nbl;
      context->first_seq = context->tcb.SndUna + context->early_bytes;
    } else {
      context->send_last->MiniportReserved = nbl;
    }
    context->send_last = nbl;
    context->send_count++;
  }
}

/* True if all bytes of the first list are acknowledged and it may be completed. */
static bool
first_is_done (const TcpContext *context)
{
  const NET_BUFFER_LIST *first = context->send_first;

  return first != NULL && first != context->graceful
         && context->first_acked_bytes == ndis_nbl_bytes (first);
}

static bool
is_lost (Target *target, const NET_BUFFER_LIST *nbl)
{
  return target_has_defect (target, TARGET_DEFECT_LOSES_A_SEND)
         && ++target->sends_lost % LOST_SENDS == 0
         && target_defect (target, TARGET_DEFECT_LOSES_A_SEND, nbl->object_id);
}

/* Moves |bytes| of acknowledgment into the first list; returns what is beyond it. */
static uint32_t
acknowledge_first (TcpContext *context, uint32_t bytes)
{
  uint32_t left = ndis_nbl_bytes (context->send_first) - context->first_acked_bytes;
  uint32_t taken = MIN (bytes, left);

  context->first_acked_bytes += taken;
  return bytes - taken;
}

void
target_sends_acknowledged (Target *target, TcpContext *context, uint32_t bytes)
{
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;
  uint32_t early = MIN (bytes, context->early_bytes);

  context->early_bytes -= early;
  bytes -= early;
  while (context->send_first != NULL) {
    bytes = acknowledge_first (context, bytes);
    if (!first_is_done (context))
      break;
    uint32_t transferred = context->first_acked_bytes;
    NET_BUFFER_LIST *nbl = pop (context);
    target->transmit_descriptors_used--;
    finish (nbl, NDIS_STATUS_SUCCESS, transferred);
    if (target_defect (target, TARGET_DEFECT_NO_BYTES_TRANSFERRED, nbl->object_id))
      nbl->TcpOffloadBytesTransferred = 0;
    if (is_lost (target, nbl))
      continue;
    *last = nbl;
    last = &nbl->Next;
  }
  SIM_ASSERT (bytes == 0);
  complete (target, context, chain);
}

/* Takes every send out as a chain finished with |status|; the first list may be acknowledged in
 * part.  A disconnect request at the end stays. */
static NET_BUFFER_LIST *
take_all (Target *target, TcpContext *context, NDIS_STATUS status)
{
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;

  while (context->send_first != NULL && context->send_first != context->graceful) {
    uint32_t acked = context->first_acked_bytes;
    NET_BUFFER_LIST *nbl = pop (context);
    target->transmit_descriptors_used--;
    finish (nbl, status, acked);
    *last = nbl;
    last = &nbl->Next;
  }
  return chain;
}

void
target_sends_abort (Target *target, TcpContext *context, NDIS_STATUS status)
{
  complete (target, context, take_all (target, context, status));
}

uint32_t
target_sends_drop_graceful (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *before = context->send_first;

  target->transmit_descriptors_used--;
  if (before == context->graceful) {
    uint32_t acked = context->first_acked_bytes;
    pop (context);
    return acked;
  }
  while (before->MiniportReserved != context->graceful)
    before = before->MiniportReserved;
  before->MiniportReserved = NULL;
  context->send_last = before;
  context->send_count--;
  if (context->cursor == context->graceful)
    context->cursor = NULL;
  return 0;
}

NET_BUFFER_LIST *
target_sends_hand_back (Target *target, TcpContext *context)
{
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;
  uint32_t acked = context->first_acked_bytes;

  if (context->send_first != NULL)
    ndis_nbl_advance (context->send_first, acked);
  while (context->send_first != NULL) {
    *last = pop (context);
    last = &(*last)->Next;
    target->transmit_descriptors_used--;
  }
  if (chain != NULL && chain->Next != NULL
      && target_defect (target, TARGET_DEFECT_HANDS_BACK_OUT_OF_ORDER, context->head.object_id))
    return reversed (chain);
  return chain;
}

/* Mapping */

/* The list that holds |seq|, and the number of its first byte. */
static NET_BUFFER_LIST *
find_list (TcpContext *context, uint32_t seq)
{
  if (context->cursor == NULL || tcp_seq_before (seq, context->cursor_seq)) {
    context->cursor = context->send_first;
    context->cursor_seq = context->first_seq;
  }
  while (context->cursor != NULL) {
    uint32_t bytes = ndis_nbl_bytes (context->cursor);
    if (seq - context->cursor_seq < bytes)
      return context->cursor;
    context->cursor_seq += bytes;
    context->cursor = context->cursor->MiniportReserved;
  }
  return NULL;
}

/* What a completed list held, for the defect that completes too early. */
static TcpRange
range_from_memory (const TcpContext *context, uint32_t seq, uint32_t bytes)
{
  TcpRange range = context->last_range;

  SIM_ASSERT (context->early_bytes > 0);
  range.offset += (uint64_t)(int64_t)tcp_seq_diff (seq, context->last_range_seq);
  range.bytes = bytes;
  return range;
}

TcpRange
target_sends_range (TcpContext *context, uint32_t seq, uint32_t bytes)
{
  if (context->send_first == NULL || tcp_seq_before (seq, context->first_seq))
    return range_from_memory (context, seq, bytes);

  NET_BUFFER_LIST *nbl = find_list (context, seq);
  SIM_ASSERT (nbl != NULL);
  TcpRange range = ndis_nbl_range (nbl, seq - context->cursor_seq, bytes);
  for (nbl = nbl->MiniportReserved; range.bytes < bytes && nbl != NULL;
       nbl = nbl->MiniportReserved) {
    TcpRange more = ndis_nbl_range (nbl, 0, bytes - range.bytes);
    SIM_ASSERT (more.bytes == 0 || tcp_range_continues (range, more));
    range.bytes += more.bytes;
  }
  SIM_ASSERT (range.bytes == bytes);
  context->last_range = range;
  context->last_range_seq = seq;
  return range;
}

/* Posts */

void
target_refuse_post (Target *target, TcpContext *context, UpcallKind kind, NET_BUFFER_LIST *chain,
                    NDIS_STATUS status)
{
  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next)
    finish (nbl, status, 0);
  TargetUpcall *upcall = target_upcall_new (target, kind, context);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}

/* What a connection that takes no more requests answers; NDIS_STATUS_SUCCESS: it does take them. */
NDIS_STATUS
target_refusal (const TcpContext *context)
{
  if (context->aborted || context->head.corrupt)
    return NDIS_STATUS_REQUEST_ABORTED;
  if (context->head.closing || context->stopped)
    return NDIS_STATUS_UPLOAD_IN_PROGRESS;
  return NDIS_STATUS_SUCCESS;
}

void
target_post_sends (Target *target, TcpContext *context, NET_BUFFER_LIST *chain)
{
  uint32_t bytes = ndis_nbl_chain_bytes (chain);
  uint32_t before = context->send_count;
  NDIS_STATUS refusal = target_refusal (context);

  /* STS-04: paused, and everything is to be uploaded. */
  if (refusal == NDIS_STATUS_SUCCESS && target->paused && target->upload_all)
    refusal = NDIS_STATUS_UPLOAD_IN_PROGRESS;
  if (refusal == NDIS_STATUS_SUCCESS && !tcp_state_can_send (tcp_state (&context->tcb)))
    refusal = NDIS_STATUS_REQUEST_ABORTED;
  if (refusal != NDIS_STATUS_SUCCESS) {
    target_refuse_post (target, context, UPCALL_SENDS, chain, refusal);
    return;
  }
  target_sends_append (context, chain);
  target->transmit_descriptors_used += context->send_count - before;
  if (bytes > 0)
    tcp_send (&context->tcb, bytes);
  target_sends_acknowledged (target, context, 0);
  target_note_post (target, context, bytes);
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
}

/* The defect: a list is completed as soon as its last byte has been sent. */
void
target_sends_transmitted (Target *target, TcpContext *context, uint32_t seq)
{
  if (!target_has_defect (target, TARGET_DEFECT_SEND_COMPLETE_BEFORE_ACK))
    return;
  while (context->send_first != NULL && context->send_first != context->graceful) {
    uint32_t bytes = ndis_nbl_bytes (context->send_first);
    uint32_t left = bytes - context->first_acked_bytes;
    if (left == 0 || tcp_seq_before (seq, context->first_seq + bytes)
        || !target_defect (target, TARGET_DEFECT_SEND_COMPLETE_BEFORE_ACK, context->head.object_id))
      return;
    context->early_bytes += left;
    NET_BUFFER_LIST *nbl = pop (context);
    target->transmit_descriptors_used--;
    finish (nbl, NDIS_STATUS_SUCCESS, bytes);
    complete (target, context, nbl);
  }
}
