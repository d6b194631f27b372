/*
 * The timers of a connection: one event for the earliest of TCP's, the push timer, a change of the
 * send backlog that is held and the optional look for activity; and, when the connection ends, for its last frame to have left.
 *
 * Units       Ticks of the agreed unit; an event stands on a tick edge.
 * Source      Guide: overview of TCP timers, push timer.  Rules TIMER, DLV-16.
 */
#include "models/target/adapter.h"

static SimTime
activity_deadline (const Target *target, const TcpContext *context)
{
  uint32_t ticks = target->config.uploads.low_activity_ticks;

  if (ticks == 0 || (context->reasons_told >> LowActivity & 1) != 0
      || target_is_half_closed (context))
    return SIM_TIME_NEVER;
  return sim_time_add (context->last_segment,
                       sim_ps (SIM_PS_PER_S / target->tcp.ticks_per_s * ticks));
}

static void
push (Target *target, TcpContext *context)
{
  if (sim_time_before (target_now (target), context->push_deadline))
    return;
  context->push_deadline = SIM_TIME_NEVER;
  target_trace_push_timer (target, context, PUSH_TIMER_EXPIRED);
  if (target_defect (target, TARGET_DEFECT_IGNORES_PUSH_TIMER, context->head.object_id))
    return;
  delivery_expire (&context->delivery);
  target_after_delivery (target, context);
}

static void
expired (Target *target, EngineJob *job)
{
  TcpContext *context = job->context;

  context->timer_running = false;
  if (context->stage >= TERMINATE_DRAINING || context->stopped || context->aborted)
    return;
  if (context->head.corrupt) {
    target_tell_failure (target, context);
    return;
  }
  push (target, context);
  if (!sim_time_before (target_now (target), activity_deadline (target, context)))
    target_retrieve (target, context, LowActivity);
  target_act_on (target, context, tcp_expire (&context->tcb, target_now (target)));
}

static void
fire (Sim *sim, void *data)
{
  TcpContext *context = data;
  Target *target = context->target;
  (void)sim;

  if (context->timer_running)
    return;
  if (context->stage >= TERMINATE_DRAINING) {
    target_terminate_advance (target, context);
    return;
  }
  if (context->abortive != NULL) {
    target_reset_has_left (target, context);
    return;
  }
  context->timer_running = true;
  target_engine_submit (target, &context->timer_job, context,
                        target_cycles (target, TARGET_COST_TIMER, context->connection_id), expired);
}

void
target_timer_init (Target *target, TcpContext *context)
{
  context->push_deadline = SIM_TIME_NEVER;
  context->backlog_due = SIM_TIME_NEVER;
  sim_event_init (&context->timer, SIM_PHASE_DEVICE, target->config.actor_id + ACTOR_TIMERS, fire,
                  context);
}

void
target_timer_arm (Target *target, TcpContext *context)
{
  SimTime when = sim_time_min (tcp_deadline (&context->tcb), context->push_deadline);

  when = sim_time_min (when, activity_deadline (target, context));
  when = sim_time_min (when, target_backlog_deadline (target, context));
  if (context->timer_running || context->stopped || context->aborted || context->head.closing)
    return;
  if (sim_time_is_never (when))
    sim_event_cancel (target->sim, &context->timer);
  else
    sim_event_schedule (target->sim, &context->timer, sim_time_max (when, target_now (target)));
}
