#include "models/host/app.h"

#include "models/host/machine.h"
#include "models/host/opening.h"
#include "models/host/switch.h"

#define NO_END UINT64_MAX

static const TrafficSpec *
spec_of (const App *app)
{
  return &app->traffic->spec;
}

static bool
asks (const App *app)
{
  return !spec_of (app)->peer_asks;
}

void
app_init (App *app, const Traffic *traffic)
{
  *app = (App){ .traffic = traffic, .phase = traffic_opens (traffic) ? APP_UNOPENED : APP_RESTING };
}

/* Rounds */

static void
trace_event (Host *host, const Connection *c, TraceAppEvent what, uint64_t bytes)
{
  TRACE (host->trace, host->config.actor_id, APP_EVENT, c->id, SIDE_HOST, what,
         (int64_t)c->app.round, (int64_t)bytes);
}

static void
trace_stage (Host *host, const Connection *c, LatencyStage stage)
{
  if (traffic_has_rounds (c->app.traffic))
    TRACE (host->trace, host->config.actor_id, STAGE, LATENCY_REQUEST, c->id, stage, c->id);
}

static void
wait_until (Host *host, Connection *c, SimTime when, AppPhase phase)
{
  c->app.phase = phase;
  c->app_deadline = sim_time_max (when, sim_now (host->sim));
  c->bits |= CONN_APP_DEADLINE;
  connection_arm (host, c);
}

static void
wait_for (Host *host, Connection *c, SimDuration length, AppPhase phase)
{
  wait_until (host, c, sim_time_add (sim_now (host->sim), length), phase);
}

static bool
may_go_on (const App *app)
{
  return !app->gone && !app->saw_end && !app->wants_close && !app->closed;
}

/* All that it has to write and to ask for is through: it may be the one that closes. */
static void
rest (App *app)
{
  app->phase = APP_RESTING;
  if (may_go_on (app) && traffic_closes (app->traffic, false))
    app->wants_close = true;
}

static void
begin_round (Host *host, Connection *c)
{
  App *app = &c->app;
  const TrafficSpec *spec = spec_of (app);

  if (!may_go_on (app) || (spec->requests_max > 0 && app->round >= spec->requests_max)) {
    rest (app);
    return;
  }
  if (asks (app) && spec->pattern == TRAFFIC_OPEN_LOOP) {
    app->arrival = sim_time_add (app->arrival, traffic_every (app->traffic, c->id, app->round));
    wait_until (host, c, app->arrival, APP_THINKING);
    return;
  }
  if (asks (app)) {
    wait_for (host, c, traffic_think (app->traffic, c->id, app->round), APP_THINKING);
    return;
  }
  app->phase = APP_READING;
  app->to_read = traffic_request_bytes (app->traffic, c->id, app->round);
}

static void
begin_write (Connection *c, uint64_t bytes)
{
  c->app.phase = APP_WRITING;
  c->app.to_write += bytes;
}

static void
begin_stream (App *app)
{
  const TrafficSpec *spec = spec_of (app);

  app->phase = APP_STREAMING;
  app->bulk_left = spec->bulk_bytes > 0 ? spec->bulk_bytes : NO_END;
}

/* The next recorded flow that is ours to send. */
static void
begin_flow (Host *host, Connection *c)
{
  App *app = &c->app;
  const TrafficFlow *flow = traffic_flow (app->traffic, c->id, app->round);

  while (flow != NULL && flow->to_host)
    flow = traffic_flow (app->traffic, c->id, ++app->round);
  if (flow != NULL && may_go_on (app))
    wait_until (host, c, flow->start, APP_THINKING);
  else if (spec_of (app)->connects && traffic_flow (app->traffic, c->id, 0)->to_host)
    app->phase = APP_RESTING; /* the peer sends, and closes */
  else
    rest (app);
}

static void
begin_traffic (Host *host, Connection *c)
{
  c->app.arrival = sim_now (host->sim);
  switch (spec_of (&c->app)->pattern) {
  case TRAFFIC_REQUEST_RESPONSE:
  case TRAFFIC_OPEN_LOOP:
  case TRAFFIC_SHORT_FLOWS:
    begin_round (host, c);
    break;
  case TRAFFIC_SEND:
  case TRAFFIC_BOTH:
    begin_stream (&c->app);
    break;
  case TRAFFIC_REPLAY:
    begin_flow (host, c);
    break;
  case TRAFFIC_NONE:
  case TRAFFIC_RECEIVE:
  case TRAFFIC_N_PATTERNS:
    break;
  }
  processors_defer (host, c, HOST_JOB_CHIMNEY);
  if (c->app.phase == APP_STREAMING)
    processors_defer (host, c, HOST_JOB_APP);
}

void
app_start (Host *host, Connection *c)
{
  if (traffic_opens (c->app.traffic))
    opening_start (host, c);
  else
    begin_traffic (host, c);
}

void
app_connected (Host *host, Connection *c)
{
  trace_event (host, c, APP_CONNECTED, 0);
  begin_traffic (host, c);
  if (app_wants_room (&c->app)) /* asked for by a timeline meanwhile */
    processors_defer (host, c, HOST_JOB_APP);
  chooser_look_at (host, c);
}

/* The think time is over, or the time of a request or flow has come. */
static void
begin_message (Host *host, Connection *c)
{
  App *app = &c->app;
  SimTime now = sim_now (host->sim);

  if (spec_of (app)->pattern == TRAFFIC_REPLAY) {
    begin_write (c, traffic_flow (app->traffic, c->id, app->round)->bytes);
    return;
  }
  uint32_t bytes = traffic_request_bytes (app->traffic, c->id, app->round);
  trace_event (host, c, APP_REQUEST, bytes);
  if (spec_of (app)->pattern == TRAFFIC_OPEN_LOOP && sim_time_before (app->arrival, now))
    TRACE (host->trace, host->config.actor_id, APP_WAIT, c->id, SIDE_HOST, (int64_t)app->round,
           sim_time_diff (now, app->arrival).ps);
  trace_stage (host, c, STAGE_APP);
  begin_write (c, bytes);
}

void
app_expire (Host *host, Connection *c)
{
  App *app = &c->app;

  if (app->phase == APP_OPENING) {
    opening_due (host, c);
  } else if (app->phase == APP_THINKING) {
    begin_message (host, c);
  } else if (app->phase == APP_SERVING) {
    begin_write (c, traffic_response_bytes (app->traffic, c->id, app->round));
  }
  processors_defer (host, c, HOST_JOB_APP);
}

/* The message that was awaited is complete. */
static void
finish_reading (Host *host, Connection *c)
{
  App *app = &c->app;

  processors_charge (host, HOST_COST_APP_WORK, PART_APP, switch_way (c), 1);
  if (asks (app)) {
    trace_event (host, c, APP_RESPONSE, traffic_response_bytes (app->traffic, c->id, app->round));
    trace_stage (host, c, STAGE_END);
    host->stats.rounds++;
    app->round++;
    begin_round (host, c);
    return;
  }
  SimDuration service = traffic_service (app->traffic, c->id, app->round);
  if (service.ps > 0)
    wait_for (host, c, service, APP_SERVING);
  else
    begin_write (c, traffic_response_bytes (app->traffic, c->id, app->round));
}

/* The switch has taken the last byte of a message. */
static void
finish_writing (Host *host, Connection *c)
{
  App *app = &c->app;

  if (app->phase != APP_WRITING)
    return;
  if (spec_of (app)->pattern == TRAFFIC_REPLAY) {
    app->round++;
    begin_flow (host, c);
    return;
  }
  if (asks (app)) {
    app->phase = APP_READING;
    app->to_read = traffic_response_bytes (app->traffic, c->id, app->round);
    return;
  }
  host->stats.rounds++;
  app->round++;
  begin_round (host, c);
}

/* Work */

static void
read_delivered (Host *host, Connection *c)
{
  App *app = &c->app;
  uint64_t bytes = c->delivered_offset - app->read_offset;

  if (app->by_hand)
    return;
  app->read_offset = c->delivered_offset;
  if (bytes == 0)
    return;
  if (app->phase != APP_READING)
    return;
  app->to_read -= MIN (bytes, app->to_read);
  if (app->to_read == 0)
    finish_reading (host, c);
}

static void
read_end (Host *host, Connection *c)
{
  App *app = &c->app;

  if (app->saw_end || app->by_hand || !(c->bits & CONN_FIN_RECEIVED)
      || app->read_offset < c->fin_offset)
    return;
  app->saw_end = true;
  app->wants_close = true;
  trace_event (host, c, APP_END_OF_STREAM, app->read_offset);
  if (app->phase == APP_WRITING || app->phase == APP_STREAMING)
    return;
  app->phase = APP_RESTING;
  c->bits &= ~(uint32_t)CONN_APP_DEADLINE;
  connection_arm (host, c);
}

static void
refill_stream (Host *host, Connection *c)
{
  App *app = &c->app;
  uint64_t chunk = MIN (app->bulk_left, spec_of (app)->bulk_chunk_bytes);

  if (app->phase != APP_STREAMING || app->to_write > 0)
    return;
  if (app->wants_close || chunk == 0) {
    app->phase = APP_RESTING;
    return;
  }
  processors_charge (host, HOST_COST_APP_WORK, PART_APP, switch_way (c), 1);
  app->to_write = chunk;
  if (app->bulk_left != NO_END)
    app->bulk_left -= chunk;
}

/* Writes as much as the backlog takes; false: it waits. */
static bool
write_some (Host *host, Connection *c)
{
  App *app = &c->app;
  uint64_t outstanding = connection_outstanding_bytes (c);

  if (app->to_write == 0)
    return true;
  if (outstanding >= c->backlog_bytes)
    return false;
  uint32_t bytes = (uint32_t)MIN (app->to_write, c->backlog_bytes - outstanding);
  uint32_t taken = switch_send (host, c, bytes);
  app->to_write -= taken;
  if (app->to_write == 0)
    finish_writing (host, c);
  return taken > 0;
}

/* Data may wait for the handshake, and so does the close behind it. */
static bool
close_if_open (Host *host, Connection *c)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&c->tcb);

  if (state == TcpConnectionSynSent || state == TcpConnectionSynRcvd)
    return false;
  return switch_close (host, c);
}

static void
leave_if_asked (Host *host, Connection *c)
{
  App *app = &c->app;

  if (app->wants_abort && !app->gone && switch_abort (host, c)) { /* closed or not */
    app->closed = true;
    app_gone (host, c);
  }
  if (app->wants_close && !app->closed && app->to_write == 0 && app->phase != APP_STREAMING
      && (app->by_hand ? sockets_close (host, c) : close_if_open (host, c))) {
    app->closed = true;
    if (traffic_opens (app->traffic))
      processors_charge (host, HOST_COST_CLOSE, PART_HOST_TCP, switch_way (c), 1);
    trace_event (host, c, APP_CLOSED, c->send_offset);
  }
  if (app->closed && app->saw_end && traffic_opens (app->traffic))
    opening_ended (host, c);
}

static void
work_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  Host *host = args->self;
  Connection *c = args->object;

  if (c->app.gone)
    return;
  read_delivered (host, c);
  read_end (host, c);
  do
    refill_stream (host, c);
  while (write_some (host, c) && c->app.phase == APP_STREAMING);
  leave_if_asked (host, c);
  chooser_look_at (host, c);
  if (c->owner == OWN_OFFLOADED)
    processors_defer (host, c, HOST_JOB_CHIMNEY); /* the reader has room again */
}

void
app_run (Host *host, Connection *c)
{
  if (c->app.gone || c->app.phase == APP_UNOPENED)
    return;
  if (c->app.phase == APP_OPENING) {
    if (!(c->bits & CONN_APP_DEADLINE))
      opening_run (host, c);
    return;
  }
  processors_charge (host, HOST_COST_APP_WAKE, PART_APP, switch_way (c), 1);
  if (c->app.by_hand)
    sockets_take (host, c);
  else
    switch_receive (host, c);
  if (c->delivered_offset > c->app.read_offset)
    trace_stage (host, c, STAGE_APP);
  processors_then (host, work_step, c);
}

uint64_t
app_expected_bytes (const Connection *c)
{
  const TrafficSpec *spec = spec_of (&c->app);

  if (c->app.by_hand)
    return c->app.to_take;
  switch (spec->pattern) {
  case TRAFFIC_REQUEST_RESPONSE:
  case TRAFFIC_OPEN_LOOP:
  case TRAFFIC_SHORT_FLOWS:
    return c->app.phase == APP_READING ? c->app.to_read : 0;
  case TRAFFIC_RECEIVE:
  case TRAFFIC_BOTH:
    return spec->bulk_bytes > 0 ? spec->bulk_bytes - MIN (spec->bulk_bytes, c->delivered_offset)
                                : APP_EXPECTS_ANY;
  case TRAFFIC_NONE:
  case TRAFFIC_SEND:
  case TRAFFIC_REPLAY:
  case TRAFFIC_N_PATTERNS:
    break;
  }
  return APP_EXPECTS_ANY;
}

bool
app_wants_room (const App *app)
{
  return app->to_write > 0 || app->phase == APP_STREAMING || (app->wants_close && !app->closed);
}

/* Timeline */

void
app_send (Host *host, Connection *c, uint64_t bytes)
{
  c->app.to_write += bytes;
  processors_defer (host, c, HOST_JOB_APP);
}

/* It has not been opened: there is nothing to close. */
static bool
is_unopened (const App *app)
{
  return app->phase == APP_UNOPENED || app->phase == APP_OPENING;
}

void
app_close (Host *host, Connection *c)
{
  if (is_unopened (&c->app))
    return;
  c->app.wants_close = true;
  if (c->app.phase == APP_THINKING || c->app.phase == APP_READING) {
    c->app.phase = APP_RESTING;
    c->bits &= ~(uint32_t)CONN_APP_DEADLINE;
    connection_arm (host, c);
  }
  processors_defer (host, c, HOST_JOB_APP);
}

void
app_abort (Host *host, Connection *c)
{
  if (is_unopened (&c->app))
    return;
  c->app.wants_abort = true;
  processors_defer (host, c, HOST_JOB_APP);
}

void
app_gone (Host *host, Connection *c)
{
  c->bits |= CONN_ABORTED;
  c->bits &= ~(uint32_t)CONN_APP_DEADLINE;
  connection_count (host, c);
  connection_arm (host, c);
  if (c->app.gone)
    return;
  c->app.gone = true;
  c->app.phase = APP_RESTING;
  c->app.to_write = 0;
  host->stats.aborted++;
  trace_event (host, c, APP_ABORTED, c->delivered_offset);
  if (traffic_opens (c->app.traffic))
    opening_ended (host, c);
  sockets_changed (host, c);
}
