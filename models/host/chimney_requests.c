#include "models/host/chimney_requests.h"

#include "models/host/chimney_path.h"
#include "models/host/frames.h"
#include "models/host/machine.h"

static void
append (FrameList *list, NET_BUFFER_LIST *nbl)
{
  if (list->first == NULL)
    list->first = nbl;
  else
    list->last->Next = nbl;
  list->last = nbl;
}

static NET_BUFFER_LIST *
take_request (Host *host, const Connection *c)
{
  return ndis_nbl_take (host->ndis, NDIS_HOLDER_HOST, c->id, c->handle.object_id);
}

NET_BUFFER_LIST *
chimney_next_returns (Host *host, Connection *c)
{
  NET_BUFFER_LIST *list = c->to_return;

  c->to_return = NULL;
  if (list != NULL)
    processors_charge (host, HOST_COST_CHIMNEY_RETURN, PART_HOST_TCP, WAY_CHIMNEY,
                       ndis_nbl_chain_count (list));
  return list;
}

NET_BUFFER_LIST *
chimney_next_forwards (Host *host, Connection *c)
{
  FrameList list = { 0 };
  TcpSegment segment;

  if (c->bits & CONN_ABORTED)
    connection_drop_held (host, c);
  while (connection_take_held (host, c, &segment)) {
    NET_BUFFER_LIST *nbl = ndis_nbl_take_frame (host->ndis, NDIS_HOLDER_HOST, &segment);
    if (nbl == NULL)
      continue; /* no memory: as if the wire had lost it */
    nbl->connection_id = c->id;
    nbl->object_id = c->handle.object_id;
    append (&list, nbl);
    c->forwards_posted++;
    host->stats.segments_forwarded++;
    processors_charge (host, HOST_COST_CHIMNEY_FORWARD, PART_HOST_TCP, WAY_CHIMNEY, 1);
  }
  return list.first;
}

/* Receive requests */

static bool
may_post (const Connection *c)
{
  if (c->bits & (CONN_ABORTED | CONN_ABORT_WANTED | CONN_DISCONNECTED))
    return false;
  return !(c->bits & CONN_FIN_RECEIVED) || c->delivered_offset < c->fin_offset;
}

/* How many requests are to be posted now. */
static uint32_t
wanted_receives (Host *host, const Connection *c)
{
  const HostReceivePolicy *policy = &host->config.receive;
  uint64_t unread = c->delivered_offset - c->app.read_offset;

  if (!may_post (c))
    return 0;
  if (policy->style == HOST_RECEIVE_INDICATE_AND_POST)
    return c->bits & CONN_POST_ONE && c->receives_posted == 0;
  if (unread >= (uint64_t)policy->posted_requests * policy->request_bytes)
    return 0;
  return policy->posted_requests - MIN (policy->posted_requests, c->receives_posted);
}

/* Bytes of the next request; 0: none.  A request that waits to be filled is not larger than what can be expected. */
static uint32_t
request_bytes (Host *host, const Connection *c)
{
  const HostReceivePolicy *policy = &host->config.receive;
  uint64_t expected = app_expected_bytes (c);

  if (policy->push || expected == APP_EXPECTS_ANY)
    return policy->request_bytes;
  expected -= MIN (expected, c->receive_bytes_posted);
  return (uint32_t)MIN (expected, policy->request_bytes);
}

NET_BUFFER_LIST *
chimney_next_receives (Host *host, Connection *c)
{
  FrameList list = { 0 };
  uint32_t wanted = wanted_receives (host, c);

  for (uint32_t i = 0; i < wanted; i++) {
    uint32_t bytes = request_bytes (host, c);
    NET_BUFFER_LIST *nbl = bytes > 0 ? take_request (host, c) : NULL;
    if (nbl == NULL)
      break;
    ndis_nbl_set_space (nbl, bytes);
    nbl->TcpReceiveNoPush = !host->config.receive.push;
    append (&list, nbl);
    c->receives_posted++;
    c->receive_bytes_posted += bytes;
    c->bits &= ~(uint32_t)CONN_POST_ONE;
    processors_charge (host, HOST_COST_CHIMNEY_RECEIVE, PART_HOST_TCP, WAY_CHIMNEY, 1);
  }
  return list.first;
}

/* Send requests */

NET_BUFFER_LIST *
chimney_next_sends (Host *host, Connection *c)
{
  FrameList list = { 0 };

  if (c->bits & (CONN_ABORTED | CONN_SENDS_BLOCKED | CONN_ABORT_WANTED))
    return NULL;
  for (uint32_t i = 0; i < CHIMNEY_SENDS_MAX && c->posted_offset < c->send_offset; i++) {
    NET_BUFFER_LIST *nbl = take_request (host, c);
    if (nbl == NULL)
      break;
    uint64_t left = c->send_offset - c->posted_offset;
    TcpRange data = { .offset = c->posted_offset,
                      .stream_id = TCP_STREAM (c->id, TCP_TO_PEER),
                      .bytes = (uint32_t)MIN (left, CHIMNEY_SEND_BYTES_MAX) };
    ndis_nbl_set_data (nbl, data);
    append (&list, nbl);
    c->posted_offset += data.bytes;
    c->sends_posted++;
    processors_charge (host, HOST_COST_CHIMNEY_SEND, PART_HOST_TCP, WAY_CHIMNEY, 1);
  }
  return list.first;
}

NET_BUFFER_LIST *
chimney_next_disconnect (Host *host, Connection *c, uint32_t *ret_flags)
{
  bool aborts = c->bits & CONN_ABORT_WANTED;
  bool closes = c->bits & CONN_HOST_CLOSED && !(c->bits & CONN_FIN_WITH_TCB)
                && c->posted_offset == c->send_offset;

  if (c->bits & (CONN_DISCONNECT_POSTED | CONN_ABORTED) && !aborts)
    return NULL;
  if (!aborts && !closes)
    return NULL;
  NET_BUFFER_LIST *nbl = take_request (host, c);
  if (nbl == NULL)
    return NULL;
  nbl->buffer.DataLength = 0;
  c->bits |= CONN_DISCONNECT_POSTED | (aborts ? CONN_ABORTED : CONN_FIN_WITH_TCB);
  c->bits &= ~(uint32_t)CONN_ABORT_WANTED;
  c->disconnects_posted++;
  *ret_flags = aborts ? TCP_DISCONNECT_ABORTIVE_CLOSE : TCP_DISCONNECT_GRACEFUL_CLOSE;
  processors_charge (host, HOST_COST_CHIMNEY_DISCONNECT, PART_HOST_TCP, WAY_CHIMNEY, 1);
  return nbl;
}
