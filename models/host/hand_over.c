#include "models/host/hand_over.h"

#include "models/host/machine.h"
#include "models/host/switch.h"

/* Down */

/* A chain of buffer lists for the bytes from |begin| to |end| of a stream; counts them in
 * |ret_count|. */
static NET_BUFFER_LIST *
make_chain (Host *host, const Connection *c, uint32_t stream_id, uint64_t begin, uint64_t end,
            uint32_t *ret_count)
{
  NET_BUFFER_LIST *first = NULL;
  NET_BUFFER_LIST **link = &first;

  *ret_count = 0;
  while (begin < end) {
    TcpRange data = { .offset = begin,
                      .stream_id = stream_id,
                      .bytes = (uint32_t)MIN (end - begin, HAND_OVER_BYTES_MAX) };
    NET_BUFFER_LIST *nbl = ndis_nbl_take (host->ndis, NDIS_HOLDER_HOST, c->id, c->handle.object_id);
    SIM_ASSERT (nbl != NULL);
    ndis_nbl_set_data (nbl, data);
    *link = nbl;
    link = &nbl->Next;
    begin += data.bytes;
    (*ret_count)++;
  }
  return first;
}

static void
attach_send_data (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node,
                  TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  uint32_t count;

  c->outstanding_chain =
      make_chain (host, c, TCP_STREAM (c->id, TCP_TO_PEER), c->una_offset, c->send_offset, &count);
  c->sends_posted += count;
  c->posted_offset = c->send_offset;
  node->NetBufferListChain = c->outstanding_chain;
  if (c->outstanding_chain == NULL)
    return;
  delegated->SendDataHead = c->outstanding_chain;
  delegated->SendDataTail = ndis_nbl_chain_last (c->outstanding_chain);
}

static void
attach_buffered_data (Host *host, Connection *c, TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  uint32_t count;

  c->buffered_chain = make_chain (host, c, TCP_STREAM (c->id, TCP_FROM_PEER), c->delivered_offset,
                                  c->received_offset, &count);
  delegated->BufferedData = c->buffered_chain;
}

/* The export writes whole structures; their headers are NDIS's. */
static void
export_state (Host *host, Connection *c, const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view)
{
  TCP_OFFLOAD_STATE_CONST *constants = block_list_const_state (view);
  TCP_OFFLOAD_STATE_CACHED *cached = block_list_cached_state (view);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);
  OFFLOAD_STATE_HEADER headers[] = { constants->Header, cached->Header, delegated->Header };

  tcp_export_const (&c->tcb, constants);
  tcp_export_cached (&c->tcb, cached);
  tcp_export_delegated (&c->tcb, sim_now (host->sim), delegated);
  constants->Header = headers[0];
  cached->Header = headers[1];
  delegated->Header = headers[2];
  constants->HashValue = c->rss_hash;
  cached->UserPriority = c->user_priority & 0x7u;
}

void
hand_over_export (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
  TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);

  processors_charge (host, HOST_COST_OFFLOAD_EXPORT, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  export_state (host, c, view);
  attach_send_data (host, c, node, delegated);
  attach_buffered_data (host, c, delegated);
}

/* Gives the lists of |chain| back to their pool; returns how many. */
static uint32_t
put_chain (Host *host, NET_BUFFER_LIST *chain)
{
  uint32_t count = 0;

  while (chain != NULL) {
    NET_BUFFER_LIST *next = chain->Next;
    chain->Next = NULL;
    ndis_nbl_put (host->ndis, chain);
    chain = next;
    count++;
  }
  return count;
}

/* The send requests that a terminated node hands back. */
static void
put_sends (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  uint32_t count = put_chain (host, node->NetBufferListChain);

  node->NetBufferListChain = NULL;
  c->sends_posted -= MIN (c->sends_posted, count);
}

void
hand_over_settle (Host *host, Connection *c, bool succeeded)
{
  /* Copied by the target, or still the host's: the lists are done with either way. */
  put_chain (host, c->buffered_chain);
  if (succeeded) {
    if (c->buffered_chain != NULL)
      c->bits |= CONN_POST_ONE; /* RBUF-06: it waits for a request */
    c->app.indicated_bytes = (uint32_t)(c->received_offset - c->delivered_offset);
    c->received_offset = c->delivered_offset;
  } else {
    c->sends_posted -= put_chain (host, c->outstanding_chain);
    c->posted_offset = c->una_offset;
  }
  c->buffered_chain = NULL;
  c->outstanding_chain = NULL;
}

/* Up */

static bool
has_received_fin (TCP_OFFLOAD_CONNECTION_STATE state)
{
  return state == TcpConnectionCloseWait || state == TcpConnectionClosing
         || state == TcpConnectionLastAck || state == TcpConnectionTimeWait;
}

/* Where the stream to the peer is acknowledged.  What was completed is not to be sent again: a
 * target that had no acknowledgment for it has broken it. */
static uint64_t
acknowledged_offset (Host *host, const Connection *c, uint32_t snd_una)
{
  int32_t moved = (int32_t)(snd_una - (c->send_first_seq + (uint32_t)c->una_offset));

  if (moved < 0 && !(c->bits & CONN_ABORTED))
    host->stats.broken_bytes += (uint32_t)-moved;
  return MIN (c->una_offset + (uint64_t)(int64_t)moved, c->send_offset);
}

/* What is left of the send queue begins at SndUna; an acknowledged FIN counts one beyond the
 * stream. */
static void
take_back_send_queue (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node,
                      const TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  uint64_t una = acknowledged_offset (host, c, delegated->SndUna);
  uint32_t chain_bytes = ndis_nbl_chain_bytes (node->NetBufferListChain);

  if (chain_bytes > 0) {
    TcpRange head = ndis_nbl_chain_range (node->NetBufferListChain, 0, 1);
    if (head.offset != una && !(c->bits & CONN_ABORTED))
      host->stats.broken_bytes += chain_bytes;
  }
  c->una_offset = c->posted_offset = una;
  put_sends (host, c, node);
}

static void
take_back_buffered_data (Host *host, Connection *c, NET_BUFFER_LIST *chain, FrameList *returns)
{
  while (chain != NULL) {
    NET_BUFFER_LIST *next = chain->Next;
    uint32_t bytes = ndis_nbl_bytes (chain);
    for (uint32_t taken = 0; taken < bytes;) {
      TcpRange range = ndis_nbl_range (chain, taken, bytes - taken);
      SIM_ASSERT (range.bytes > 0);
      c->received_offset = connection_check_range (host, c, range, c->received_offset);
      taken += range.bytes;
    }
    processors_charge (host, HOST_COST_COPY_RECEIVE, PART_HOST_COPY, WAY_STATE, bytes);
    chain->Next = NULL;
    if (returns->first == NULL)
      returns->first = chain;
    else
      returns->last->Next = chain;
    returns->last = chain;
    chain = next;
  }
}

static void
import_state (Host *host, Connection *c, const TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  const HostPath *path = host_path_of (host, c);
  TcpImport import = {
    .connection_id = c->id,
    .tuple = c->tcb.tuple,
    .ip_version = path->setup.ip_version,
    .path_mtu_bytes = path->setup.path_mtu_bytes,
    .send_queue_bytes = (uint32_t)(c->send_offset - c->una_offset),
    .undelivered_bytes = (uint32_t)(c->received_offset - c->delivered_offset),
    .fin_queued = (c->bits & CONN_HOST_CLOSED) != 0 && !(c->bits & CONN_ABORTED),
  };

  tcp_import_delegated (&c->tcb, delegated, &import, sim_now (host->sim));
  if (c->bits & CONN_HOST_CLOSED)
    c->bits |= CONN_FIN_WITH_TCB;
  if (has_received_fin (delegated->State) && !(c->bits & CONN_FIN_RECEIVED)) {
    c->bits |= CONN_FIN_RECEIVED;
    c->fin_offset = c->received_offset;
  }
}

/* What a connection remembers only while it is offloaded. */
static void
forget_offload (Connection *c)
{
  c->bits &=
      ~(uint32_t)(CONN_DISCONNECT_POSTED | CONN_ABORT_WANTED | CONN_DISCONNECTED
                  | CONN_SENDS_BLOCKED | CONN_POST_ONE | CONN_TAKES_NEXT | CONN_UPLOAD_WANTED);
  c->extra_posts = 0;
  c->handle.MiniportOffloadContext = 0;
  c->app.indicated_bytes = 0;
}

/* Closed without both FINs: somebody has reset it, or given up. */
static bool
ended_early (const Connection *c, TCP_OFFLOAD_CONNECTION_STATE state)
{
  bool both_fins = c->bits & CONN_FIN_RECEIVED && c->bits & CONN_HOST_CLOSED;
  return state == TcpConnectionClosed && !both_fins;
}

/* RST-09: the peer has answered no probe of keepalive. */
static bool
probes_ran_out (const Connection *c, const TCP_OFFLOAD_STATE_DELEGATED *delegated)
{
  return !c->app.gone && c->tcb.KaProbeCount > 0
         && delegated->KeepAlive.ProbeCount >= c->tcb.KaProbeCount;
}

/* The target had not got round to the RST, or was not asked for one. */
static void
abort_here (Host *host, Connection *c)
{
  c->bits |= CONN_ABORTED;
  if (tcp_state (&c->tcb) != TcpConnectionClosed)
    tcp_abort (&c->tcb, sim_now (host->sim));
}

void
hand_over_import (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node,
                  FrameList *returns)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *view = block_list_miniport_view (node);
  const TCP_OFFLOAD_STATE_DELEGATED *delegated = block_list_delegated_state (view);
  bool abort_wanted = c->bits & CONN_ABORT_WANTED;

  processors_charge (host, HOST_COST_OFFLOAD_IMPORT, PART_OFFLOAD_MANAGER, WAY_STATE, 1);
  take_back_send_queue (host, c, node, delegated);
  c->received_offset = c->delivered_offset;
  take_back_buffered_data (host, c, delegated->BufferedData, returns);
  import_state (host, c, delegated);
  forget_offload (c);
  c->backlog_bytes = host->config.send.backlog_bytes; /* the target's figure was the target's */
  if (ended_early (c, delegated->State)) {
    c->app.timed_out |= probes_ran_out (c, delegated);
    app_gone (host, c);
  }
  if (abort_wanted || c->bits & CONN_ABORTED)
    abort_here (host, c);
  if (c->bits & CONN_ABORTED)
    c->una_offset = c->posted_offset = c->send_offset;
  connection_count (host, c);
}

void
hand_over_bury (Host *host, Connection *c, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST node)
{
  put_sends (host, c, node);
  forget_offload (c);
  connection_drop_held (host, c);
  abort_here (host, c);
  c->una_offset = c->posted_offset = c->send_offset;
  app_gone (host, c);
}
