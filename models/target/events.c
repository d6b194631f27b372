/*
 * Events: what the target tells the host about a connection, and why it wants to give one up.
 *
 * Source      ndischimney: NdisTcpOffloadEventHandler; TCP_UPLOAD_REASON.  Rules EVT, TERM-23 to
 *             33, INV-04.
 */
#include <glib.h>

#include "models/target/adapter.h"
#include "models/tcp/state.h"

#define MANDATORY_REASONS                                                                          \
  (1U << ReceivedUrgentData | 1U << TimeoutExpiration | 1U << InvalidState | 1U << UploadRequested \
   | 1U << HardwareFailure)

void
target_tell (Target *target, TcpContext *context, TCP_OFFLOAD_EVENT_TYPE type, uint32_t info)
{
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_EVENT, context);

  upcall->event = type;
  upcall->info = info;
  target_upcall_queue (target, upcall, 0);
}

bool
target_is_half_closed (const TcpContext *context)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&context->tcb);

  return state == TcpConnectionFinWait1 || state == TcpConnectionFinWait2
         || state == TcpConnectionCloseWait;
}

bool
target_retrieve_is_late (const TcpContext *context, TCP_UPLOAD_REASON reason)
{
  return (MANDATORY_REASONS >> reason & 1) == 0 && target_is_half_closed (context);
}

static bool
goes_on (const Target *target, TCP_UPLOAD_REASON reason)
{
  return (MANDATORY_REASONS >> reason & 1) == 0
         || (reason == InvalidState
             && target->config.knobs.on_invalidate == TARGET_INVALIDATE_CONTINUES);
}

void
target_retrieve (Target *target, TcpContext *context, TCP_UPLOAD_REASON reason)
{
  bool mandatory = MANDATORY_REASONS >> reason & 1;

  bool was_told = context->reasons_told >> reason & 1;

  if (context->head.closing)
    return;
  if (mandatory
          ? context->stopped && was_told
          : target_is_half_closed (context) || context->stopped || context->aborted || was_told)
    return;
  context->reasons_told |= 1U << reason;
  if (!goes_on (target, reason)) {
    context->stopped = true;
    delivery_stop (&context->delivery);
    sim_event_cancel (target->sim, &context->timer);
    target_transmit_forget (target, context);
  }
  target_tell (target, context, TcpIndicateRetrieve, reason);
}

/* A terminate that it defeats comes first, until its completion has returned (TERM-33). */
void
target_tell_failure (Target *target, TcpContext *context)
{
  if (context->head.failure_told || context->head.terminate != NULL)
    return;
  context->head.failure_told = true;
  target_retrieve (target, context, HardwareFailure);
  target_tell (target, context, TcpIndicateAbort, 0);
}

void
target_notice_failure (Target *target, TcpContext *context)
{
  if (context->head.corrupt)
    target_tell_failure (target, context);
}

void
target_tell_failures (Target *target)
{
  for (uint32_t i = 0; i < target->config.tables.tcp; i++) {
    TcpContext *context = (TcpContext *)target_context_at (&target->contexts, OFFLOAD_LAYER_TCP, i);
    if (context != NULL)
      target_notice_failure (target, context);
  }
}

void
target_indicate_status (Target *target, NDIS_STATUS code)
{
  if (target->ndis == NULL)
    return;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_STATUS, NULL);
  upcall->status = code;
  target_upcall_queue (target, upcall, 0);
}

/* Optional reasons: counters that reach what the scenario allows */

static void
count_towards (Target *target, TcpContext *context, uint32_t *count, uint32_t limit,
               TCP_UPLOAD_REASON reason)
{
  ++*count;
  if (limit > 0 && *count >= limit)
    target_retrieve (target, context, reason);
}

void
target_note_fragment (Target *target, TcpContext *context)
{
  count_towards (target, context, &context->fragments, target->config.uploads.fragments_max,
                 HighFragmentation);
}

void
target_note_out_of_order (Target *target, TcpContext *context)
{
  count_towards (target, context, &context->out_of_order, target->config.uploads.out_of_order_max,
                 HighOutOfOrderPackets);
}

void
target_note_retransmission (Target *target, TcpContext *context)
{
  count_towards (target, context, &context->retransmissions,
                 target->config.uploads.retransmissions_max, HighDropRate);
}

void
target_note_post (Target *target, TcpContext *context, uint32_t bytes)
{
  const TargetUploads *uploads = &target->config.uploads;

  if (uploads->small_io_count == 0)
    return;
  if (bytes >= uploads->small_io_bytes)
    context->small_posts = 0;
  else
    count_towards (target, context, &context->small_posts, uploads->small_io_count, SmallIO);
}

void
target_note_indicated (Target *target, TcpContext *context, uint32_t bytes)
{
  uint32_t limit = target->config.uploads.unposted_bytes_max;

  context->unposted_bytes += bytes;
  if (limit > 0 && context->unposted_bytes >= limit)
    target_retrieve (target, context, NoBufferPreposting);
}

/* States */

static bool
counts_as_established (uint8_t state)
{
  return state == TcpConnectionEstablished || state == TcpConnectionCloseWait;
}

void
target_note_state (Target *target, TcpContext *context)
{
  uint8_t from = context->traced_state;
  uint8_t to = (uint8_t)tcp_state (&context->tcb);
  TCP_OFFLOAD_STATS *stats = &target->tcp_stats[target_family (context->tcb.ip_version)];

  if (from == to)
    return;
  context->traced_state = to;
  stats->CurrentlyEstablished += counts_as_established (to);
  stats->CurrentlyEstablished -= counts_as_established (from);
  if (counts_as_established (from) && to == TcpConnectionClosed)
    stats->ResetEstablished++;
  TRACE (target_trace (target), target->config.actor_id, CONNECTION_STATE, context->connection_id,
         SIDE_TARGET, from, to);
}

void
target_forget_state (Target *target, TcpContext *context)
{
  if (counts_as_established (context->traced_state)
      && !target_defect (target, TARGET_DEFECT_COUNTS_UPLOADED, context->head.object_id))
    target->tcp_stats[target_family (context->tcb.ip_version)].CurrentlyEstablished--;
  context->traced_state = TcpConnectionClosed;
}
