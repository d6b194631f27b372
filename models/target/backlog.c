/*
 * The preferred send backlog: how many bytes a connection would like to have outstanding, and when a
 * change is told.
 *
 * The figure is the lower of what congestion control and the largest window seen from the peer let
 * it use, so that it depends on the network and not on what is posted (EVT-16).
 *
 * Source      ndischimney: NdisTcpOffloadEventHandler, TCP_OFFLOAD_STATE_DELEGATED.  Rules EVT-15 to
 *             17, QRY-08.
 */
#include <glib.h>

#include "models/target/adapter.h"

uint32_t
target_send_backlog (const Target *target, const TcpContext *context)
{
  const Tcb *tcb = &context->tcb;

  if (!target->config.features.send_backlog)
    return TCP_BACKLOG_UNSUPPORTED;
  return MIN (MAX (tcb->CWnd, 2U * tcb->smss), MAX (tcb->MaxSndWnd, 1U));
}

static bool
is_large (const Target *target, const TcpContext *context, uint32_t bytes)
{
  uint64_t told = context->backlog_told;
  uint64_t change = bytes > told ? bytes - told : told - bytes;

  return change * 100 >= told * target->config.backlog.change_percent && change > 0;
}

static bool
is_early (const Target *target, const TcpContext *context)
{
  return context->backlog_told > 0
         && sim_time_before (target_now (target),
                             sim_time_add (context->backlog_when,
                                           target->config.backlog.interval_min));
}

void
target_note_backlog (Target *target, TcpContext *context)
{
  uint32_t bytes = target_send_backlog (target, context);

  if (!target->config.features.send_backlog || context->head.closing || context->stopped
      || context->aborted || context->head.corrupt
      || !tcp_state_can_send (tcp_state (&context->tcb)))
    return;
  if ((!is_large (target, context, bytes) || is_early (target, context))
      && !target_defect (target, TARGET_DEFECT_BACKLOG_STORM, context->head.object_id))
    return;
  context->backlog_told = bytes;
  context->backlog_when = target_now (target);
  target_tell (target, context, TcpIndicateSendBacklogChange, bytes);
}
