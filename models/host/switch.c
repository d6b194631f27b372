#include "models/host/switch.h"

#include "models/host/machine.h"
#include "models/host/tcp_path.h"

AccountWay
switch_way (const Connection *c)
{
  return c->owner == OWN_OFFLOADED ? WAY_CHIMNEY : WAY_HOST;
}

void
switch_charge (Host *host, TracePath path)
{
  processors_charge (host, HOST_COST_SWITCH_IO, PART_SWITCH,
                     path == PATH_CHIMNEY ? WAY_CHIMNEY : WAY_HOST, 1);
}

void
switch_trace_route (Host *host, const Connection *c, NdisCall call, TracePath path)
{
  TRACE (host->trace, host->config.actor_id, IO_ROUTE, c->id, call, path,
         owner_of_state (c->owner));
}

/* Sending */

static void
take_from_app (Host *host, Connection *c, uint32_t bytes, TracePath path)
{
  switch_charge (host, path);
  switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpSend, path);
  TRACE (host->trace, host->config.actor_id, APP_SEND, c->id, SIDE_HOST,
         TCP_STREAM (c->id, TCP_TO_PEER), (int64_t)c->send_offset, bytes, path);
  c->send_offset += bytes;
  host->stats.sent_bytes[path] += bytes;
  if (traffic_has_rounds (c->app.traffic))
    TRACE (host->trace, host->config.actor_id, STAGE, LATENCY_REQUEST, c->id, STAGE_HOST, c->id);
}

static void
send_by_host (Host *host, Connection *c, uint32_t bytes)
{
  take_from_app (host, c, bytes, PATH_HOST);
  processors_charge (host, HOST_COST_TCP_SEND, PART_HOST_TCP, WAY_HOST, 1);
  processors_charge (host, HOST_COST_COPY_SEND, PART_HOST_COPY, WAY_HOST, bytes);
  tcp_send (&c->tcb, bytes);
  connection_settle (host, c);
}

uint32_t
switch_send (Host *host, Connection *c, uint32_t bytes)
{
  SIM_ASSERT (bytes > 0);
  if (c->bits & (CONN_ABORTED | CONN_HOST_CLOSED))
    return 0;
  if (c->owner == OWN_OFFLOADED) {
    take_from_app (host, c, bytes, PATH_CHIMNEY);
    processors_defer (host, c, HOST_JOB_CHIMNEY);
    return bytes;
  }
  if (!owner_host_runs (c->owner) || !tcp_state_can_send (tcp_state (&c->tcb)))
    return 0;
  send_by_host (host, c, bytes);
  return bytes;
}

/* Receiving */

void
switch_deliver (Host *host, Connection *c, uint32_t bytes, TracePath path)
{
  TRACE (host->trace, host->config.actor_id, APP_DELIVER, c->id, SIDE_HOST,
         TCP_STREAM (c->id, TCP_FROM_PEER), (int64_t)c->delivered_offset + c->skew, bytes, path);
  c->delivered_offset += bytes;
  host->stats.delivered_bytes[path] += bytes;
  sim_progress (host->sim);
}

void
switch_receive (Host *host, Connection *c)
{
  uint32_t bytes = (uint32_t)(c->received_offset - c->delivered_offset);

  if (!owner_host_runs (c->owner) || bytes == 0)
    return;
  switch_charge (host, PATH_HOST);
  switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpReceive, PATH_HOST);
  processors_charge (host, HOST_COST_COPY_RECEIVE, PART_HOST_COPY, WAY_HOST, bytes);
  switch_deliver (host, c, bytes, PATH_HOST);
  tcp_consume (&c->tcb, bytes, sim_now (host->sim));
  connection_settle (host, c);
}

/* Closing */

static bool
can_close (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return state == TcpConnectionEstablished || state == TcpConnectionCloseWait;
}

bool
switch_close (Host *host, Connection *c)
{
  if (c->bits & (CONN_HOST_CLOSED | CONN_ABORTED))
    return true;
  if (c->owner == OWN_OFFLOADED) {
    c->bits |= CONN_HOST_CLOSED;
    connection_count (host, c);
    processors_defer (host, c, HOST_JOB_CHIMNEY);
    return true;
  }
  if (!owner_host_runs (c->owner))
    return false;
  c->bits |= CONN_HOST_CLOSED;
  if (can_close (tcp_state (&c->tcb))) {
    c->bits |= CONN_FIN_WITH_TCB;
    switch_charge (host, PATH_HOST);
    switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpDisconnect, PATH_HOST);
    tcp_path_news (host, c, tcp_close (&c->tcb, sim_now (host->sim)));
    connection_settle (host, c);
  }
  return true;
}

bool
switch_abort (Host *host, Connection *c)
{
  if (c->bits & CONN_ABORTED)
    return true;
  if (c->owner == OWN_OFFLOADED) {
    c->bits |= CONN_ABORT_WANTED;
    processors_defer (host, c, HOST_JOB_CHIMNEY);
    return true;
  }
  if (!owner_host_runs (c->owner))
    return false;
  if (tcp_state (&c->tcb) == TcpConnectionClosed)
    return true;
  switch_charge (host, PATH_HOST);
  switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpDisconnect, PATH_HOST);
  tcp_path_news (host, c, tcp_abort (&c->tcb, sim_now (host->sim)));
  c->una_offset = c->posted_offset = c->send_offset;
  c->bits |= CONN_ABORTED;
  connection_settle (host, c);
  return true;
}
