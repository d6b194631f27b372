#include "lab/drill/runner.h"

#include <string.h>

#include "lab/drill/values.h"

#define FIRST_PEER_PORT 32768
#define FIRST_EPHEMERAL_PORT 49152
#define HOST_PORT 8080
#define SPARE_CONNECTIONS 4
#define LAST_S 2000000 /* no script is longer */
#define LATE_S 2       /* how long a segment is awaited behind its time */
#define ANY_S 3600     /* and one that may come at any time */

bool
drill_runner_fail (DrillRunner *runner, const DrillEvent *event, const char *format, ...)
{
  va_list args;

  if (runner->result->verdict == DRILL_FAILED)
    return false; /* the first failure is the one to be told */
  va_start (args, format);
  runner->result->what = g_strdup_vprintf (format, args);
  va_end (args);
  runner->result->verdict = DRILL_FAILED;
  runner->result->line = event->line;
  return false;
}

/* Flows */

DrillFlow *
drill_runner_flow (DrillRunner *runner)
{
  return runner->flow == G_MAXUINT ? NULL : &g_array_index (runner->flows, DrillFlow, runner->flow);
}

DrillFlow *
drill_runner_add_flow (DrillRunner *runner, uint16_t local_port, uint16_t remote_port)
{
  DrillFlow flow;

  drill_flow_init (&flow, local_port, remote_port);
  g_array_append_val (runner->flows, flow);
  runner->flow = runner->flows->len - 1;
  runner->next_is_new = false;
  return drill_runner_flow (runner);
}

/* The port that sockets of the script are bound to: that of the last one. */
static uint16_t
bound_port (const DrillRunner *runner)
{
  for (guint i = runner->sockets->len; i > 0; i--) {
    const DrillSocket *socket = &g_array_index (runner->sockets, DrillSocket, i - 1);
    if (socket->state == DRILL_SOCKET_LISTENING || socket->state == DRILL_SOCKET_FRESH)
      return socket->port;
  }
  return HOST_PORT;
}

static DrillFlow *
flow_of_ports (DrillRunner *runner, const DrillPacket *packet)
{
  uint16_t remote = packet->outbound ? packet->destination_port : packet->source_port;
  uint16_t local = packet->outbound ? packet->source_port : packet->destination_port;

  for (guint i = 0; i < runner->flows->len; i++) {
    DrillFlow *flow = &g_array_index (runner->flows, DrillFlow, i);
    if (flow->tuple.source_port == local && flow->tuple.destination_port == remote) {
      runner->flow = i;
      return flow;
    }
  }
  return packet->outbound ? NULL : drill_runner_add_flow (runner, local, remote);
}

/* The flow that a packet of the script belongs to; an inbound one may begin it. */
static DrillFlow *
flow_of_packet (DrillRunner *runner, const DrillPacket *packet)
{
  if (packet->has & DRILL_HAS_PORTS)
    return flow_of_ports (runner, packet);
  bool begins = runner->flow == G_MAXUINT || runner->next_is_new;
  if (!packet->outbound && begins)
    return drill_runner_add_flow (runner, bound_port (runner), runner->next_port++);
  return drill_runner_flow (runner);
}

/* Connections that have come about since the last look, and those that go to the target. */
static bool
look_at_flows (DrillRunner *runner)
{
  for (guint i = 0; i < runner->flows->len; i++) {
    DrillFlow *flow = &g_array_index (runner->flows, DrillFlow, i);
    uint32_t id = host_socket_find (runner->host, tcp_tuple_reversed (flow->tuple));
    if (id != flow->connection_id)
      flow->is_offloaded = false;
    flow->connection_id = id;
    if (id == HOST_NO_SOCKET || !runner->offloads || flow->is_offloaded)
      continue;
    HostSocketStatus status = host_socket_status (runner->host, id);
    if (status.state != TcpConnectionEstablished)
      continue;
    flow->is_offloaded = true;
    if (!drill_rig_offload (runner->rig, id))
      return drill_runner_fail (runner, runner->event, "the target does not take the connection");
    runner->result->offloads++;
  }
  return true;
}

/* Time */

static SimTime
plus (SimTime t, int64_t ps)
{
  return sim_time_add (t, sim_ps (ps));
}

static bool
is_inbound (const DrillEvent *event)
{
  return event != NULL && event->kind == DRILL_PACKET && !event->packet.outbound;
}

/* When |event| is to happen.  Relative times count from the end of the event before, except between
 * inbound packets. */
static void
place_event (DrillRunner *runner, const DrillEvent *before, const DrillEvent *event,
             SimTime *ret_from, SimTime *ret_to)
{
  SimTime now = drill_rig_now (runner->rig);
  SimTime base = is_inbound (before) && is_inbound (event) ? runner->clock : now;

  runner->clock_before = before == NULL ? DRILL_EPOCH : runner->clock;
  *ret_from = *ret_to = now;
  switch (event->when.kind) {
  case DRILL_WHEN_NOW:
  case DRILL_WHEN_ANY:
    break;
  case DRILL_WHEN_ABSOLUTE:
    base = DRILL_EPOCH;
    *ret_from = plus (base, event->when.from_ps);
    *ret_to = plus (base, event->when.to_ps);
    break;
  case DRILL_WHEN_RELATIVE:
    *ret_from = plus (base, event->when.from_ps);
    *ret_to = plus (base, event->when.to_ps);
    break;
  }
  runner->clock = *ret_from;
}

static int64_t
tolerance (const DrillRunner *runner)
{
  int64_t since = sim_time_diff (runner->clock, runner->clock_before).ps;
  int64_t share = since / 1000 * (int64_t)runner->settings->tolerance_per_mille;

  return MAX (runner->settings->tolerance_ps, share);
}

static double
seconds (SimTime t)
{
  return (double)sim_time_diff (t, DRILL_EPOCH).ps / (double)SIM_PS_PER_S;
}

/* Calls */

/* Two names of one error. */
static const char *
error_name (const char *name)
{
  return g_strcmp0 (name, "EWOULDBLOCK") == 0 ? "EAGAIN" : name;
}

static bool
judge_call (DrillRunner *runner, const DrillEvent *event, const DrillOutcome *outcome)
{
  const DrillCall *call = &event->call;
  int64_t expected;
  bool has_number = drill_value_integer (call->result, &expected);
  bool error_fits = g_strcmp0 (outcome->error, error_name (call->error)) == 0;

  runner->result->calls++;
  if (!outcome->is_wrong
      && (outcome->is_any || call->result->kind == DRILL_VALUE_ANY
          || (has_number && error_fits
              && (outcome->is_least ? expected >= outcome->value : expected == outcome->value))))
    return true;
  g_autofree char *result = drill_value_text (call->result);
  runner->result->expected =
      g_strdup_printf ("%s (...) = %s%s%s", call->name, result, call->error == NULL ? "" : " ",
                       call->error == NULL ? "" : call->error);
  runner->result->actual = g_strdup_printf ("%s (...) %s %" G_GINT64_FORMAT "%s%s", call->name,
                                            outcome->is_wrong ? "with the value" : "=",
                                            outcome->value, outcome->error == NULL ? "" : " ",
                                            outcome->error == NULL ? "" : outcome->error);
  return drill_runner_fail (runner, event, "result of %s", call->name);
}

/* The call that waits tries again. */
static bool
retry_open_call (DrillRunner *runner)
{
  DrillOpenCall *open = &runner->open_call;

  if (open->event == NULL)
    return true;
  DrillOutcome outcome = open->again (runner, &open->event->call);
  if (outcome.blocks)
    return true;
  const DrillEvent *event = open->event;
  int64_t early = sim_time_diff (open->end, drill_rig_now (runner->rig)).ps;
  open->event = NULL;
  runner->room_taken = 0;
  if (ABS (early) > tolerance (runner))
    return drill_runner_fail (runner, event, "%s came back at %.6f s, not at %.6f s",
                              event->call.name, seconds (drill_rig_now (runner->rig)),
                              seconds (open->end));
  return judge_call (runner, event, &outcome);
}

/* Lets time pass until |until| with the open call served. */
static bool
advance (DrillRunner *runner, SimTime until)
{
  while (runner->open_call.event != NULL && sim_time_before (drill_rig_now (runner->rig), until)) {
    drill_rig_pause_at_change (runner->rig, true);
    drill_rig_run (runner->rig, until);
    drill_rig_pause_at_change (runner->rig, false);
    if (!retry_open_call (runner))
      return false;
  }
  drill_rig_run (runner->rig, until);
  return true;
}

static bool
run_call (DrillRunner *runner, const DrillEvent *event, SimTime from)
{
  DrillCallFn run = drill_call_find (event->call.name);

  if (!advance (runner, from))
    return false;
  SIM_ASSERT (run != NULL);
  DrillOutcome outcome = run (runner, &event->call);
  if (outcome.blocks && !event->call.blocks)
    return drill_runner_fail (runner, event, "%s waits", event->call.name);
  if (outcome.blocks) {
    if (runner->open_call.event != NULL)
      return drill_runner_fail (runner, event, "%s waits while %s does", event->call.name,
                                runner->open_call.event->call.name);
    SimTime base = plus (from, -event->when.from_ps);
    runner->open_call = (DrillOpenCall){ event, plus (base, event->call.end_ps), run };
  }
  drill_rig_settle (runner->rig);
  runner->room_taken = outcome.blocks ? runner->room_taken : 0;
  if (!outcome.blocks && !judge_call (runner, event, &outcome))
    return false;
  return look_at_flows (runner) && retry_open_call (runner);
}

/* Packets */

static bool
run_icmp (DrillRunner *runner, const DrillPacket *packet)
{
  const DrillFlow *flow = drill_runner_flow (runner);

  if (flow == NULL || packet->icmp != DRILL_ICMP_HARD || runner->settings->ignores_icmp)
    return true;
  host_socket_hard_error (runner->host, tcp_tuple_reversed (flow->tuple),
                          packet->seq + flow->local_offset);
  drill_rig_settle (runner->rig);
  return look_at_flows (runner) && retry_open_call (runner);
}

static bool
run_inbound (DrillRunner *runner, const DrillEvent *event, SimTime from)
{
  if (!advance (runner, from))
    return false;
  if (event->packet.icmp != DRILL_ICMP_NONE)
    return run_icmp (runner, &event->packet);
  DrillFlow *flow = flow_of_packet (runner, &event->packet);
  TcpSegment segment = drill_flow_inbound (flow, &event->packet, runner->settings->ip_version);
  drill_rig_inject (runner->rig, &segment);
  drill_rig_settle (runner->rig);
  return look_at_flows (runner) && retry_open_call (runner);
}

/* The next segment of the host on |flow| that nobody has looked at, until |until|; others are
 * passed over. */
static bool
await_segment (DrillRunner *runner, const DrillFlow *flow, SimTime until, DrillArrival *ret_arrival)
{
  TcpTuple tuple = flow->tuple;

  for (;;) {
    drill_rig_pause_at_change (runner->rig, runner->open_call.event != NULL);
    bool arrived = drill_rig_await (runner->rig, until, ret_arrival);
    drill_rig_pause_at_change (runner->rig, false);
    if (!retry_open_call (runner))
      return false;
    if (arrived && tcp_tuple_equal (ret_arrival->segment.tuple, tuple))
      return true;
    if (arrived)
      drill_rig_take (runner->rig);
    else if (!sim_time_before (drill_rig_now (runner->rig), until))
      return false;
  }
}

/* Segments that continue one another stand for the large one that the script has. */
static void
gather (DrillRunner *runner, const DrillFlow *flow, const DrillPacket *expected, SimTime until,
        TcpSegment *whole)
{
  DrillArrival next;

  if (runner->settings->strict_segments)
    return;
  while (whole->payload.bytes > 0 && whole->payload.bytes < expected->payload_bytes
         && await_segment (runner, flow, until, &next)
         && next.segment.seq == whole->seq + whole->payload.bytes
         && next.segment.payload.bytes > 0) {
    whole->payload.bytes += next.segment.payload.bytes;
    whole->flags = next.segment.flags;
    drill_rig_take (runner->rig);
  }
}

static bool
fail_packet (DrillRunner *runner, const DrillEvent *event, const DrillFlow *flow,
             const TcpSegment *actual, const char *what)
{
  if (runner->result->verdict == DRILL_FAILED)
    return false;
  runner->result->expected = drill_packet_text (&event->packet);
  if (actual != NULL)
    runner->result->actual = drill_segment_text (flow, actual);
  return drill_runner_fail (runner, event, "%s", what);
}

static bool
judge_time (DrillRunner *runner, const DrillEvent *event, const DrillFlow *flow,
            const DrillArrival *arrival, SimTime from, SimTime to)
{
  int64_t allowed = tolerance (runner);

  if (event->when.kind == DRILL_WHEN_ANY
      || (!sim_time_before (arrival->when, plus (from, -allowed))
          && !sim_time_before (plus (to, allowed), arrival->when)))
    return true;
  g_autofree char *what =
      g_strdup_printf ("time: it came at %.6f s, expected at %.6f s to %.6f s, by %.6f s",
                       seconds (arrival->when), seconds (from), seconds (to),
                       (double)allowed / (double)SIM_PS_PER_S);
  return fail_packet (runner, event, flow, &arrival->segment, what);
}

static bool
run_outbound (DrillRunner *runner, const DrillEvent *event, SimTime from, SimTime to)
{
  int64_t late_s = event->when.kind == DRILL_WHEN_ANY ? ANY_S : LATE_S;
  SimTime until = plus (to, tolerance (runner) + late_s * SIM_PS_PER_S);
  DrillFlow *flow = flow_of_packet (runner, &event->packet);
  DrillArrival arrival;

  if (flow == NULL)
    return drill_runner_fail (runner, event, "no connection for this packet");
  if (!await_segment (runner, flow, until, &arrival))
    return fail_packet (runner, event, flow, NULL, "no packet");
  drill_rig_take (runner->rig);
  gather (runner, flow, &event->packet, until, &arrival.segment);
  if (flow->connection_id != HOST_NO_SOCKET) {
    HostSocketStatus status = host_socket_status (runner->host, flow->connection_id);
    if (drill_flow_push_is_free (flow, &arrival.segment, status.written))
      arrival.segment.flags =
          (uint8_t)((arrival.segment.flags & ~TCP_PSH) | (event->packet.flags & TCP_PSH));
  }
  g_autofree char *what =
      drill_flow_compare (flow, &event->packet, &arrival.segment, runner->settings);
  if (what != NULL)
    return fail_packet (runner, event, flow, &arrival.segment, what);
  if (!judge_time (runner, event, flow, &arrival, from, to))
    return false;
  drill_flow_learn (flow, &event->packet, &arrival.segment);
  runner->result->packets++;
  return look_at_flows (runner);
}

/* Commands and code */

static bool
run_command (DrillRunner *runner, const DrillEvent *event, SimTime from)
{
  DrillCensus census;
  uint32_t count = 0;

  if (!advance (runner, from))
    return false;
  if (!drill_command_census (event->text, &census)) {
    drill_settings_command (runner->settings, event->line, event->text);
    return true;
  }
  for (guint i = 0; i < runner->flows->len; i++) {
    const DrillFlow *flow = &g_array_index (runner->flows, DrillFlow, i);
    if (flow->connection_id != HOST_NO_SOCKET)
      count += tcp_state (drill_rig_tcb (runner->rig, flow->connection_id)) == census.state;
  }
  if (count == census.count)
    return true;
  return drill_runner_fail (runner, event, "%u connections in %s, not %u", count,
                            tcp_state_name (census.state), census.count);
}

static bool
run_code (DrillRunner *runner, const DrillEvent *event, SimTime from)
{
  g_autofree char *what = NULL;

  if (!advance (runner, from))
    return false;
  if (drill_code_run (runner, event->text, &what))
    return true;
  return drill_runner_fail (runner, event, "%s", what);
}

/* Times add up, and the simulation's clock ends somewhere. */
static bool
is_in_time (const DrillRunner *runner, const DrillEvent *event)
{
  int64_t left = LAST_S * SIM_PS_PER_S - drill_rig_now (runner->rig).ps;
  return event->when.to_ps < left && event->call.end_ps < left;
}

static bool
run_event (DrillRunner *runner, const DrillEvent *before, const DrillEvent *event)
{
  SimTime from, to;

  runner->event = event;
  if (!is_in_time (runner, event))
    return drill_runner_fail (runner, event, "later than %d s", LAST_S);
  place_event (runner, before, event, &from, &to);
  switch (event->kind) {
  case DRILL_PACKET:
    return event->packet.outbound ? run_outbound (runner, event, from, to)
                                  : run_inbound (runner, event, from);
  case DRILL_CALL:
    return run_call (runner, event, from);
  case DRILL_COMMAND:
    return run_command (runner, event, from);
  case DRILL_CODE:
    return run_code (runner, event, from);
  }
  SIM_UNREACHABLE ();
}

static bool
finish_open_call (DrillRunner *runner)
{
  const DrillEvent *event = runner->open_call.event;

  if (event == NULL)
    return true;
  if (!advance (runner, plus (runner->open_call.end, tolerance (runner))))
    return false;
  if (runner->open_call.event == NULL)
    return true;
  return drill_runner_fail (runner, event, "%s does not come back", event->call.name);
}

/* Every connect and every inbound SYN takes a connection. */
static uint32_t
count_connections (const DrillScript *script)
{
  uint32_t count = SPARE_CONNECTIONS;

  for (guint i = 0; i < script->events->len; i++) {
    const DrillEvent *event = script->events->pdata[i];
    if (event->kind == DRILL_CALL)
      count += strcmp (event->call.name, "connect") == 0;
    else if (event->kind == DRILL_PACKET)
      count += !event->packet.outbound && (event->packet.flags & TCP_SYN) != 0;
  }
  return count;
}

static void
clear_flow (gpointer data)
{
  drill_flow_clear (data);
}

void
drill_runner_run (const DrillScript *script, DrillSettings *settings, bool offloads,
                  DrillResult *result)
{
  DrillRunner runner = {
    .script = script,
    .settings = settings,
    .rig = drill_rig_new (settings, count_connections (script)),
    .offloads = offloads,
    .sockets = g_array_new (FALSE, FALSE, sizeof (DrillSocket)),
    .flows = g_array_new (FALSE, FALSE, sizeof (DrillFlow)),
    .flow = G_MAXUINT,
    .next_port = FIRST_PEER_PORT,
    .next_host_port = FIRST_EPHEMERAL_PORT,
    .clock = DRILL_EPOCH,
    .result = result,
    .variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
  };
  const DrillEvent *before = NULL;
  bool goes_on = true;

  g_array_set_clear_func (runner.flows, clear_flow);
  runner.host = drill_rig_host (runner.rig);
  for (guint i = 0; goes_on && i < script->events->len; i++) {
    const DrillEvent *event = script->events->pdata[i];
    goes_on = run_event (&runner, before, event);
    before = event;
  }
  if (goes_on)
    finish_open_call (&runner);
  g_hash_table_unref (runner.variables);
  g_array_unref (runner.flows);
  g_array_unref (runner.sockets);
  drill_rig_free (runner.rig);
}
