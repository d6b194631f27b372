#include "models/host/connection.h"

#include "models/host/machine.h"
#include "models/host/manager.h"

/* Owner */

/* The parents stay with the target as long as this connection needs them. */
static void
count_dependents (Host *host, Connection *c, OwnerState before)
{
  HostPath *path = host_path_of (host, c);
  bool used = owner_uses_parents (before);
  bool uses = owner_uses_parents (c->owner);

  if (!used && uses)
    path_add_dependent (host, path);
  if (used && !uses)
    path_remove_dependent (host, path);
}

/* Wakes what the new state lets go on. */
static void
wake (Host *host, Connection *c)
{
  switch (c->owner) {
  case OWN_HOST:
    if (c->held_first != NULL)
      processors_defer (host, c, HOST_JOB_HELD);
    if (c->to_return != NULL)
      processors_defer (host, c, HOST_JOB_CHIMNEY);
    processors_defer (host, c, HOST_JOB_APP);
    connection_settle (host, c);
    break;
  case OWN_OFFLOADED:
    processors_defer (host, c, HOST_JOB_CHIMNEY);
    processors_defer (host, c, HOST_JOB_APP);
    break;
  case OWN_PREPARING:
    connection_arm (host, c);
    break;
  case OWN_INITIATING:
  case OWN_LEAVING:
  case OWN_TERMINATING:
  case OWN_LOST:
  case OWN_SCRAPPING:
  case OWN_N_STATES:
    break;
  }
}

void
connection_change_owner (Host *host, Connection *c, OwnerEvent event, uint32_t op_id)
{
  OwnerState before = c->owner;
  OwnerState next;
  bool allowed = owner_next (before, event, &next);
  SIM_ASSERT (allowed);

  c->owner = next;
  if (owner_of_state (before) != owner_of_state (next))
    TRACE (host->trace, host->config.actor_id, OWNER, c->id, owner_of_state (next), op_id);
  host->n_owner[before]--;
  host->n_owner[next]++;
  count_dependents (host, c, before);
  wake (host, c);
  manager_wake (host);
}

/* Time */

void
connection_arm (Host *host, Connection *c)
{
  SimTime now = sim_now (host->sim);
  SimTime when = SIM_TIME_NEVER;

  if (owner_host_runs (c->owner) && !((c->jobs | c->frozen_jobs) >> HOST_JOB_TIMER & 1))
    when = tcp_deadline (&c->tcb);
  if (c->bits & CONN_APP_DEADLINE)
    when = sim_time_min (when, c->app_deadline);
  if (sim_time_is_never (when))
    sim_event_cancel (host->sim, &c->timer);
  else
    sim_event_schedule (host->sim, &c->timer, sim_time_max (when, now));
}

void
connection_expire (Sim *sim, void *data)
{
  Connection *c = data;
  Host *host = c->handle.owner;
  SimTime now = sim_now (sim);

  if (c->bits & CONN_APP_DEADLINE && !sim_time_before (now, c->app_deadline)) {
    c->bits &= ~(uint32_t)CONN_APP_DEADLINE;
    app_expire (host, c);
  }
  if (owner_host_runs (c->owner) && !sim_time_before (now, tcp_deadline (&c->tcb)))
    processors_defer (host, c, HOST_JOB_TIMER);
  connection_arm (host, c);
}

bool
connection_is_established (const Connection *c)
{
  uint32_t ended = CONN_ABORTED | CONN_DISCONNECTED | CONN_FIN_RECEIVED | CONN_HOST_CLOSED;
  return tcp_state (&c->tcb) == TcpConnectionEstablished && !(c->bits & ended);
}

void
connection_count (Host *host, Connection *c)
{
  bool is_established = connection_is_established (c);

  if (is_established == c->is_established)
    return;
  c->is_established = is_established;
  if (is_established)
    host->n_established++;
  else
    host->n_established--;
}

void
connection_trace_state (Host *host, Connection *c)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&c->tcb);

  connection_count (host, c);
  if (c->traced_state == state)
    return;
  TRACE (host->trace, host->config.actor_id, CONNECTION_STATE, c->id, SIDE_HOST, c->traced_state,
         state);
  c->traced_state = (uint8_t)state;
}

void
connection_settle (Host *host, Connection *c)
{
  connection_trace_state (host, c);
  if (!owner_host_runs (c->owner))
    return;
  if (tcp_transmit_is_due (&c->tcb, sim_now (host->sim)))
    processors_defer (host, c, HOST_JOB_TRANSMIT);
  connection_arm (host, c);
}

/* Streams */

uint64_t
connection_send_offset_of (const Connection *c, uint32_t seq, uint64_t from)
{
  return from + (uint32_t)(seq - (c->send_first_seq + (uint32_t)from));
}

uint64_t
connection_check_range (Host *host, Connection *c, TcpRange range, uint64_t expected)
{
  int64_t skew = (int64_t)(range.offset - expected);

  if (range.stream_id != TCP_STREAM (c->id, TCP_FROM_PEER) || skew != c->skew) {
    host->stats.broken_bytes += range.bytes;
    c->skew = skew;
  }
  return expected + range.bytes;
}

/* Held segments */

void
connection_hold (Host *host, Connection *c, const TcpSegment *segment)
{
  HeldSegment *held = sim_pool_take (host->held_segments);

  held->next = NULL;
  held->segment = *segment;
  if (c->held_first == NULL)
    c->held_first = held;
  else
    c->held_last->next = held;
  c->held_last = held;
  host->stats.segments_held++;
}

bool
connection_take_held (Host *host, Connection *c, TcpSegment *ret_segment)
{
  HeldSegment *held = c->held_first;

  if (held == NULL)
    return false;
  c->held_first = held->next;
  *ret_segment = held->segment;
  sim_pool_put (host->held_segments, held);
  return true;
}

void
connection_drop_held (Host *host, Connection *c)
{
  TcpSegment segment;
  while (connection_take_held (host, c, &segment))
    continue;
}
