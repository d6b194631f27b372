#include "models/host/opening.h"

#include "models/host/machine.h"

static void
trace_event (Host *host, const Connection *c, TraceAppEvent what)
{
  TRACE (host->trace, host->config.actor_id, APP_EVENT, c->id, SIDE_HOST, what, 0, 0);
}

static bool
is_ours (const Connection *c)
{
  return traffic_opens (c->app.traffic) && !c->app.traffic->spec.peer_opens;
}

static void
arm (Host *host, uint32_t id, SimTime when)
{
  Connection *c = host_connection (host, id);

  if (sim_time_is_never (when) || c->app.phase != APP_UNOPENED)
    return;
  c->app.phase = APP_OPENING;
  c->app_deadline = when;
  c->bits |= CONN_APP_DEADLINE;
  connection_arm (host, c);
}

void
opening_start (Host *host, Connection *c)
{
  const Traffic *traffic = c->app.traffic;
  uint32_t next;
  bool is_by_clock = traffic_next_by_clock (traffic, traffic->first_id, &next);

  if (is_ours (c) && (!is_by_clock || c->id == traffic->first_id))
    arm (host, c->id, traffic_opening (traffic, c->id, sim_now (host->sim)));
}

void
opening_due (Host *host, Connection *c)
{
  uint32_t next;

  if (traffic_next_by_clock (c->app.traffic, c->id, &next))
    arm (host, next, traffic_opening (c->app.traffic, next, c->app_deadline));
  trace_event (host, c, APP_OPENED);
}

static void
connect_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Connection *c = args->object;

  if (c->app.gone)
    return;
  tcp_connect (&c->tcb, sim_now (host->sim));
  connection_settle (host, c);
}

void
opening_run (Host *host, Connection *c)
{
  c->app.phase = APP_RESTING;
  processors_charge (host, HOST_COST_CONNECT, PART_HOST_TCP, WAY_HOST, 1);
  processors_then (host, connect_step, c);
}

void
opening_heard (Host *host, Connection *c)
{
  c->app.phase = APP_RESTING;
  processors_charge (host, HOST_COST_CONNECT, PART_HOST_TCP, WAY_HOST, 1);
  trace_event (host, c, APP_OPENED);
}

void
opening_ended (Host *host, Connection *c)
{
  SimDuration pause;
  uint32_t next;

  if (c->app.ended)
    return;
  c->app.ended = true;
  if (!c->app.gone)
    trace_event (host, c, APP_ENDED);
  if (is_ours (c) && traffic_successor (c->app.traffic, c->id, &next, &pause))
    arm (host, next, sim_time_add (sim_now (host->sim), pause));
}
