#include "models/host/chimney_requests.h"

#include "models/host/frames.h"
#include "models/host/machine.h"
#include "models/host/misdeeds.h"

/* Planning */

static bool
may_receive (const Connection *c)
{
  if (c->bits & (CONN_ABORTED | CONN_ABORT_WANTED | CONN_DISCONNECTED))
    return false;
  return !(c->bits & CONN_FIN_RECEIVED) || c->delivered_offset < c->fin_offset;
}

/* Bytes of the next request; 0: none.  A request that waits to be filled is not larger than what
 * can be expected. */
static uint32_t
receive_bytes (const Connection *c)
{
  const HostReceivePolicy *policy = c->receive;
  uint64_t expected = app_expected_bytes (c);

  if (c->app.by_hand) /* no more than is known to be there: the request is filled at once */
    return (uint32_t)MIN (expected, MIN (c->app.indicated_bytes, policy->request_bytes));
  if (policy->push || expected == APP_EXPECTS_ANY)
    return policy->request_bytes;
  expected -= MIN (expected, c->receive_bytes_posted);
  return (uint32_t)MIN (expected, policy->request_bytes);
}

static bool
asks_by_zero_length (const Connection *c)
{
  return c->receive->zero_length && c->bits & CONN_POST_ONE;
}

static uint32_t
count_receives (const Connection *c)
{
  const HostReceivePolicy *policy = c->receive;
  uint64_t unread = c->delivered_offset - c->app.read_offset;

  if (may_receive (c) && c->extra_posts > 0)
    return c->extra_posts;
  if (may_receive (c) && asks_by_zero_length (c))
    return 1;
  if (!may_receive (c) || receive_bytes (c) == 0)
    return 0;
  if (policy->style == HOST_RECEIVE_INDICATE_AND_POST)
    return c->bits & CONN_POST_ONE && c->receives_posted == 0;
  if (unread >= (uint64_t)policy->posted_requests * policy->request_bytes)
    return 0;
  return policy->posted_requests - MIN (policy->posted_requests, c->receives_posted);
}

/* The end of the stream, with the data that is left of it, may go down as a disconnect. */
static bool
may_disconnect (const Host *host, const Connection *c)
{
  uint64_t left = c->send_offset - c->posted_offset;
  bool closes = c->bits & CONN_HOST_CLOSED && !(c->bits & CONN_FIN_WITH_TCB);
  bool takes_data = host->config.send.with_disconnect && left <= CHIMNEY_SEND_BYTES_MAX
                    && !(c->bits & CONN_SENDS_BLOCKED);

  return closes && (left == 0 || takes_data)
         && !(c->bits & (CONN_ABORTED | CONN_DISCONNECT_POSTED));
}

static uint32_t
count_sends (const Host *host, const Connection *c)
{
  uint64_t left = c->send_offset - c->posted_offset;
  uint64_t requests = (left + CHIMNEY_SEND_BYTES_MAX - 1) / CHIMNEY_SEND_BYTES_MAX;

  if (c->bits & (CONN_ABORTED | CONN_SENDS_BLOCKED | CONN_ABORT_WANTED) || may_disconnect (host, c))
    return 0;
  return (uint32_t)MIN (requests, CHIMNEY_SENDS_MAX);
}

static bool
has_disconnect (const Host *host, const Connection *c)
{
  return c->bits & CONN_ABORT_WANTED || may_disconnect (host, c);
}

static uint32_t
count_held (const Connection *c)
{
  uint32_t count = 0;

  for (const HeldSegment *held = c->held_first; held != NULL; held = held->next)
    count++;
  return c->bits & CONN_ABORTED ? 0 : count;
}

ChimneyKind
chimney_plan (Host *host, const Connection *c, uint32_t *ret_count)
{
  bool is_going_down = c->owner == OWN_PREPARING || c->owner == OWN_INITIATING;
  bool may_forward = c->owner == OWN_OFFLOADED || misdeeds_forward (host, c);

  if (c->to_return != NULL && !is_going_down) {
    *ret_count = ndis_nbl_chain_count (c->to_return);
    return CHIMNEY_RETURNS;
  }
  if (may_forward && (*ret_count = count_held (c)) > 0)
    return CHIMNEY_FORWARDS;
  if (c->owner != OWN_OFFLOADED)
    return CHIMNEY_NOTHING;
  if ((*ret_count = count_receives (c)) > 0)
    return CHIMNEY_RECEIVES;
  if ((*ret_count = count_sends (host, c)) > 0)
    return CHIMNEY_SENDS;
  *ret_count = 1;
  return has_disconnect (host, c) ? CHIMNEY_DISCONNECT : CHIMNEY_NOTHING;
}

/* Taking */

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

static NET_BUFFER_LIST *
take_returns (Connection *c)
{
  NET_BUFFER_LIST *list = c->to_return;
  c->to_return = NULL;
  return list;
}

static NET_BUFFER_LIST *
take_forwards (Host *host, Connection *c)
{
  FrameList list = { 0 };
  TcpSegment segment;

  while (connection_take_held (host, c, &segment)) {
    NET_BUFFER_LIST *nbl = ndis_nbl_take_frame (host->ndis, NDIS_HOLDER_HOST, &segment);
    if (nbl == NULL)
      continue; /* no memory: as if the wire had lost it */
    nbl->connection_id = c->id;
    nbl->object_id = c->handle.object_id;
    append (&list, nbl);
    c->forwards_posted++;
    host->stats.segments_forwarded++;
  }
  return list.first;
}

/* Bytes of the next request that its application has got already: it reads whole requests, one
 * behind the other. */
static uint32_t
prefilled_bytes (const Connection *c)
{
  const HostReceivePolicy *policy = c->receive;

  if (!policy->prefilled || policy->push || c->receives_posted > 0)
    return 0;
  return (uint32_t)(c->delivered_offset % policy->request_bytes);
}

/* Memory of |bytes|, the first |prefilled| of which hold the end of what has been delivered. */
static void
set_memory (NET_BUFFER_LIST *nbl, const Connection *c, uint32_t bytes, uint32_t prefilled)
{
  ndis_nbl_set_space (nbl, bytes);
  nbl->TcpReceiveBytesTransferred = prefilled;
  if (prefilled > 0)
    nbl->mdl.content = (TcpRange){ .offset = c->delivered_offset - prefilled + (uint64_t)c->skew,
                                   .stream_id = TCP_STREAM (c->id, TCP_FROM_PEER),
                                   .bytes = prefilled };
}

static NET_BUFFER_LIST *
take_receive (Host *host, Connection *c, uint32_t bytes, uint32_t prefilled)
{
  NET_BUFFER_LIST *nbl = take_request (host, c);

  if (nbl == NULL)
    return NULL;
  set_memory (nbl, c, bytes, prefilled);
  nbl->TcpReceiveNoPush = !c->receive->push;
  c->receives_posted++;
  c->prefilled_posted += prefilled > 0;
  c->receive_bytes_posted += bytes - prefilled;
  return nbl;
}

/* Asked for one by one, or to have the next indication. */
static NET_BUFFER_LIST *
take_extra_receives (Host *host, Connection *c)
{
  FrameList list = { 0 };
  NET_BUFFER_LIST *nbl;

  for (; c->extra_posts > 0; c->extra_posts--) {
    if ((nbl = take_receive (host, c, c->extra_post_bytes, 0)) == NULL)
      return list.first;
    nbl->TcpReceiveNoPush = false; /* who knows whether it will be full */
    append (&list, nbl);
  }
  if (list.first == NULL && (nbl = take_receive (host, c, 0, 0)) != NULL) {
    append (&list, nbl);
    c->bits |= CONN_TAKES_NEXT;
    c->bits &= ~(uint32_t)CONN_POST_ONE;
  }
  return list.first;
}

static NET_BUFFER_LIST *
take_receives (Host *host, Connection *c)
{
  FrameList list = { 0 };
  uint32_t bytes, wanted = count_receives (c);

  if (c->extra_posts > 0 || asks_by_zero_length (c))
    return take_extra_receives (host, c);
  for (uint32_t i = 0; i < wanted && (bytes = receive_bytes (c)) > 0; i++) {
    uint32_t prefilled = prefilled_bytes (c);
    uint64_t whole = (uint64_t)bytes + prefilled;
    uint32_t memory = (uint32_t)MIN (whole, c->receive->request_bytes);
    NET_BUFFER_LIST *nbl = take_receive (host, c, MAX (memory, prefilled + 1), prefilled);
    if (nbl == NULL)
      break;
    append (&list, nbl);
    c->bits &= ~(uint32_t)CONN_POST_ONE;
  }
  return list.first;
}

/* The next bytes of the stream go with |nbl|. */
static void
put_data (Connection *c, NET_BUFFER_LIST *nbl)
{
  uint64_t left = c->send_offset - c->posted_offset;
  TcpRange data = { .offset = c->posted_offset,
                    .stream_id = TCP_STREAM (c->id, TCP_TO_PEER),
                    .bytes = (uint32_t)MIN (left, CHIMNEY_SEND_BYTES_MAX) };

  ndis_nbl_set_data (nbl, data);
  c->posted_offset += data.bytes;
}

static NET_BUFFER_LIST *
take_sends (Host *host, Connection *c)
{
  FrameList list = { 0 };
  uint32_t wanted = count_sends (host, c);

  for (uint32_t i = 0; i < wanted; i++) {
    NET_BUFFER_LIST *nbl = take_request (host, c);
    if (nbl == NULL)
      break;
    put_data (c, nbl);
    append (&list, nbl);
    c->sends_posted++;
  }
  return list.first;
}

static NET_BUFFER_LIST *
take_disconnect (Host *host, Connection *c, uint32_t *ret_flags)
{
  bool aborts = c->bits & CONN_ABORT_WANTED;
  NET_BUFFER_LIST *nbl = take_request (host, c);

  if (nbl == NULL)
    return NULL;
  ndis_nbl_set_space (nbl, 0);
  if (!aborts && c->send_offset > c->posted_offset)
    put_data (c, nbl);
  c->bits |= CONN_DISCONNECT_POSTED | (aborts ? CONN_ABORTED : CONN_FIN_WITH_TCB);
  c->bits &= ~(uint32_t)CONN_ABORT_WANTED;
  connection_count (host, c);
  c->disconnects_posted++;
  *ret_flags = aborts ? TCP_DISCONNECT_ABORTIVE_CLOSE : TCP_DISCONNECT_GRACEFUL_CLOSE;
  return nbl;
}

NET_BUFFER_LIST *
chimney_take (Host *host, Connection *c, ChimneyKind kind, uint32_t *ret_flags)
{
  switch (kind) {
  case CHIMNEY_NOTHING:
    return NULL;
  case CHIMNEY_RETURNS:
    return take_returns (c);
  case CHIMNEY_FORWARDS:
    return take_forwards (host, c);
  case CHIMNEY_RECEIVES:
    return take_receives (host, c);
  case CHIMNEY_SENDS:
    return take_sends (host, c);
  case CHIMNEY_DISCONNECT:
    return take_disconnect (host, c, ret_flags);
  }
  SIM_UNREACHABLE ();
}
