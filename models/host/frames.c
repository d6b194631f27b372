#include "models/host/frames.h"

#include "models/host/machine.h"
#include "models/host/tcp_path.h"

/* Down */

void
frames_append (Host *host, FrameList *frames, const Connection *c, const TcpSegment *segment)
{
  TcpSegment copy = *segment;
  if (c != NULL)
    copy.connection_id = c->id;

  NET_BUFFER_LIST *nbl = ndis_nbl_take_frame (host->ndis, NDIS_HOLDER_HOST, &copy);
  if (nbl == NULL) {
    host->stats.frames_not_sent++; /* no memory: TCP sends it again */
    return;
  }
  if (frames->first == NULL)
    frames->first = nbl;
  else
    frames->last->Next = nbl;
  frames->last = nbl;
}

static uint32_t
put_list (Host *host, NET_BUFFER_LIST *list)
{
  uint32_t count = 0;

  while (list != NULL) {
    NET_BUFFER_LIST *next = list->Next;
    list->Next = NULL;
    ndis_nbl_put (host->ndis, list);
    list = next;
    count++;
  }
  return count;
}

void
frames_send (Host *host, FrameList *frames, SimStepFn then, const SimStepArgs *args)
{
  SIM_ASSERT (frames->first != NULL);
  if (!power_lets_frames_through (host)) {
    host->stats.frames_not_sent += put_list (host, frames->first);
    if (then != NULL)
      sim_cpu_then (sim_cpu_current (host->sim), then, args);
    return;
  }
  for (const NET_BUFFER_LIST *nbl = frames->first; nbl != NULL; nbl = nbl->Next)
    host->frames_out++;
  host->stats.frames_sent += ndis_nbl_chain_count (frames->first);
  if (then != NULL)
    ndis_then (host->ndis, then, *args);
  NdisSendNetBufferLists (host->binding, frames->first);
}

void
frames_complete (Host *host, NET_BUFFER_LIST *list)
{
  uint32_t count = put_list (host, list);

  SIM_ASSERT (host->frames_out >= count);
  host->frames_out -= count;
  power_look (host);
}

/* Up */

static bool
is_plain_data (const TcpSegment *segment)
{
  return segment->payload.bytes > 0 && (segment->flags & ~(TCP_ACK | TCP_PSH)) == 0
         && (segment->oddities & ~(TCP_VLAN_TAGGED | TCP_IP_DONT_FRAGMENT)) == 0
         && segment->n_sack == 0;
}

/* True if |next| can be made part of |merged| by receive coalescing. */
static bool
can_coalesce (const TcpSegment *merged, const TcpSegment *next)
{
  return is_plain_data (merged) && is_plain_data (next)
         && tcp_tuple_equal (merged->tuple, next->tuple)
         && merged->seq + merged->payload.bytes == next->seq
         && tcp_range_continues (merged->payload, next->payload) && (merged->flags & TCP_PSH) == 0
         && merged->options == next->options && merged->tos == next->tos;
}

static void
coalesce (TcpSegment *merged, const TcpSegment *next)
{
  merged->payload.bytes += next->payload.bytes;
  merged->flags |= next->flags;
  merged->ack = next->ack;
  merged->window = next->window;
  merged->ts_value = next->ts_value;
  merged->ts_echo = next->ts_echo;
}

/* Takes the segment of |nbl| and what follows it and can be merged; gives the first frame that is
 * not part of it. */
static NET_BUFFER_LIST *
take_segment (Host *host, NET_BUFFER_LIST *nbl, TcpSegment *ret_segment)
{
  uint32_t left = host->config.stateless.coalesce_packets;

  SIM_ASSERT (nbl->frame != NULL);
  *ret_segment = *nbl->frame;
  host->stats.frames_received++;
  processors_charge (host, HOST_COST_FRAME_RECEIVE, PART_HOST_TCP, WAY_HOST, 1);
  nbl = nbl->Next;
  while (left > 1 && nbl != NULL && can_coalesce (ret_segment, nbl->frame)) {
    coalesce (ret_segment, nbl->frame);
    host->stats.frames_received++;
    processors_charge (host, HOST_COST_COALESCE, PART_HOST_TCP, WAY_HOST, 1);
    nbl = nbl->Next;
    left--;
  }
  return nbl;
}

static void receive_step (SimCpu *cpu, const SimStepArgs *args);

/* A RST in answer to what belongs to no connection goes back by the path it would have come by. */
static bool
send_refusal (Host *host, TcpSegment *reset, const SimStepArgs *next)
{
  FrameList frames = { 0 };

  for (uint32_t p = 0; p < host->n_paths; p++) {
    HostPath *path = &host->path[p];
    if (path->setup.destination_address_id != reset->tuple.destination_address_id
        || path->setup.ip_version != reset->ip_version)
      continue;
    if (path_dress_segment (host, path, host_neighbor_of (host, path), 0, 1, reset))
      frames_append (host, &frames, NULL, reset);
    break;
  }
  if (frames.first == NULL)
    return false;
  frames_send (host, &frames, receive_step, next);
  return true;
}

/* RFC 791 3.2, RFC 9293 3.1: a wrong checksum drops it, whoever computed it. */
static bool
is_broken (const TcpSegment *segment)
{
  return (segment->oddities & (TCP_IP_BAD_HEADER | TCP_BAD_CHECKSUM)) != 0;
}

static void
take_other (Host *host, const TcpSegment *frame)
{
  if (frame->kind == TCP_FRAME_TOO_BIG)
    path_learn_mtu (host, frame);
  else if (frame->kind == TCP_FRAME_REDIRECT)
    path_follow_redirect (host, frame);
  else
    neighbor_receive (host, frame);
}

/* Gives |segment| to whom it is for; true if it is answered with a RST, which is in |reset|. */
static bool
dispatch (Host *host, const TcpSegment *segment, TcpSegment *reset)
{
  bool refused;

  if (is_broken (segment)) {
    host->stats.broken_frames++;
    return false;
  }
  if (segment->kind != TCP_FRAME_SEGMENT) {
    take_other (host, segment);
    return false;
  }
  Connection *c = sockets_find (host, segment, reset, &refused);
  if (c == NULL)
    host->stats.unknown_frames++;
  else
    tcp_path_receive (host, c, segment);
  return refused;
}

/* |list| is what came up; |at| is where we are in it. */
static void
receive_from (Host *host, NET_BUFFER_LIST *list, NET_BUFFER_LIST *at)
{
  TcpSegment segment;

  if (at == NULL) {
    NdisReturnNetBufferLists (host->binding, list);
    return;
  }
  at = take_segment (host, at, &segment);
  SimStepArgs args = { .self = host, .object = list, .word = { (uintptr_t)at } };
  TcpSegment reset;
  if (dispatch (host, &segment, &reset) && send_refusal (host, &reset, &args))
    return;
  sim_cpu_then (sim_cpu_current (host->sim), receive_step, &args);
}

static void
receive_step (SimCpu *cpu, const SimStepArgs *args)
{
  (void)cpu;
  receive_from (args->self, args->object, (NET_BUFFER_LIST *)(uintptr_t)args->word[0]);
}

void
frames_receive (Host *host, NET_BUFFER_LIST *list)
{
  receive_from (host, list, list);
}
