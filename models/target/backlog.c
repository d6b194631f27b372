/*
 * The preferred send backlog: how many bytes a connection would like to have outstanding, and when a
 * change is told.
 *
 * The figure is the lower of what congestion control and the largest window seen from the peer let
 * it use, so that it depends on the network and not on what is posted (EVT-16).  A change that comes
 * too soon after the last one that was told is held until |backlog_due|, when the connection's timer
 * looks again: the host ends with the figure that holds.
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

static SimTime
earliest (const Target *target, const TcpContext *context)
{
  if (context->backlog_told == 0)
    return target_now (target);
  return sim_time_add (context->backlog_when, target->config.backlog.interval_min);
}

/* What is held, and until when; SIM_TIME_NEVER: nothing is. */
static void
hold_until (Target *target, TcpContext *context, uint32_t bytes, SimTime due)
{
  if (sim_time_equal (due, context->backlog_due))
    return;
  context->backlog_due = due;
  if (!sim_time_is_never (due))
    target_defect (target, TARGET_DEFECT_DROPS_EARLY_BACKLOG, context->head.object_id);
  TRACE (target_trace (target), target->config.actor_id, BACKLOG, (int64_t)context->head.token,
         context->connection_id, bytes, sim_time_is_never (due) ? -1 : due.ps);
}

static void
tell (Target *target, TcpContext *context, uint32_t bytes)
{
  context->backlog_told = bytes;
  context->backlog_when = target_now (target);
  context->backlog_due = SIM_TIME_NEVER;
  target_tell (target, context, TcpIndicateSendBacklogChange, bytes);
}

void
target_note_backlog (Target *target, TcpContext *context)
{
  uint32_t bytes = target_send_backlog (target, context);
  SimTime from = earliest (target, context);

  if (!target->config.features.send_backlog || context->head.closing || context->stopped
      || context->aborted || context->head.corrupt)
    return;
  if (target_defect (target, TARGET_DEFECT_BACKLOG_STORM, context->head.object_id))
    tell (target, context, bytes);
  else if (!is_large (target, context, bytes) || !tcp_state_can_send (tcp_state (&context->tcb)))
    hold_until (target, context, bytes, SIM_TIME_NEVER);
  else if (sim_time_before (target_now (target), from))
    hold_until (target, context, bytes, from);
  else
    tell (target, context, bytes);
}

SimTime
target_backlog_deadline (const Target *target, const TcpContext *context)
{
  if (target_has_defect (target, TARGET_DEFECT_DROPS_EARLY_BACKLOG))
    return SIM_TIME_NEVER;
  return context->backlog_due;
}
