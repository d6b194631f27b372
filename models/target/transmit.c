/*
 * Transmission: which connection sends next, and the way of a segment from the engine to the wire.
 *
 * Connections with something to send stand in a ring; each gets an engine for one segment at a
 * time.  Segments and ordinary frames share the transmit buffer before the wire and leave it in
 * order.
 *
 * Invariants  What is reserved and what is in the transmit buffer never exceeds it by more than one
 *             frame.
 * Source      Guide: sending data from an offload target; sending 802.1Q marked packets.  Rules
 *             SEND-21 to 23, VLAN-03, TREE-14, DISC-06.
 */
#include <glib.h>

#include "models/target/adapter.h"

/* Ethernet, VLAN, IPv6 and TCP headers with options, FCS: what a segment's frame may have beyond
 * its payload. */
#define HEADER_BYTES_MAX 126
/* SEND-21: the upper half is the target's. */
#define IP_ID_TARGET 0x8000U
#define IP_ID_HALF 0x7fffU

/* What it depends on is invalid, or gone. */
static bool
is_cut_off (const Target *target, const TcpContext *context)
{
  if (target_tcp_neighbor (context) == NULL)
    return true;
  return target_tcp_is_invalid (context)
         && target->config.knobs.on_invalidate == TARGET_INVALIDATE_STOPS;
}

static bool
may_transmit (const Target *target, const TcpContext *context)
{
  if (!target_is_up (target) || context->head.closing)
    return false;
  if (context->abortive != NULL)
    return target_tcp_neighbor (context) != NULL;
  if (context->aborted || context->stopped || context->head.corrupt)
    return false;
  return !is_cut_off (target, context);
}

/* The ring of connections */

static void
put_in_ring (Transmitter *tx, TcpContext *context)
{
  context->tx_listed = true;
  context->next_ready = NULL;
  if (tx->ready == NULL)
    tx->ready = context;
  else
    tx->ready_last->next_ready = context;
  tx->ready_last = context;
}

static TcpContext *
take_from_ring (Transmitter *tx)
{
  TcpContext *context = tx->ready;

  tx->ready = context->next_ready;
  context->next_ready = NULL;
  context->tx_listed = false;
  return context;
}

/* Takes |context| out of the list from |first| to |last|. */
static void
take_out (TcpContext **first, TcpContext **last, TcpContext *context)
{
  TcpContext **link = first;
  TcpContext *before = NULL;

  while (*link != context) {
    before = *link;
    link = &before->next_ready;
  }
  *link = context->next_ready;
  if (*last == context)
    *last = before;
  context->next_ready = NULL;
}

void
target_transmit_forget (Target *target, TcpContext *context)
{
  Transmitter *tx = &target->tx;

  if (context->tx_listed)
    take_out (&tx->ready, &tx->ready_last, context);
  else if (context->tx_fenced)
    take_out (&tx->fenced, &tx->fenced_last, context);
  context->tx_listed = context->tx_fenced = false;
}

/* What the host sent on the connection before it gave it away goes first. */
static bool
is_behind_fence (const Transmitter *tx, const TcpContext *context)
{
  return tcp_seq_before (tx->frames_left, context->tx_fence);
}

static void
wait_at_fence (Transmitter *tx, TcpContext *context)
{
  context->tx_fenced = true;
  context->next_ready = NULL;
  if (tx->fenced == NULL)
    tx->fenced = context;
  else
    tx->fenced_last->next_ready = context;
  tx->fenced_last = context;
}

void
target_transmit_kick (Target *target, TcpContext *context)
{
  if (context->tx_listed || context->tx_fenced || context->tx_running
      || !may_transmit (target, context)
      || !tcp_transmit_is_due (&context->tcb, target_now (target)))
    return;
  if (is_behind_fence (&target->tx, context)) {
    wait_at_fence (&target->tx, context);
    return;
  }
  put_in_ring (&target->tx, context);
  target_transmit_pump (target);
}

void
target_frame_is_gone (Target *target)
{
  Transmitter *tx = &target->tx;

  tx->frames_left++;
  while (tx->fenced != NULL && !is_behind_fence (tx, tx->fenced)) {
    TcpContext *context = tx->fenced;
    tx->fenced = context->next_ready;
    context->tx_fenced = false;
    target_transmit_kick (target, context);
  }
}

/* Frames to the wire */

/* Sends as much of |frame| as the wire takes; true: all of it. */
static bool
send_frame (Target *target, TxFrame *frame)
{
  TraceSide sender = frame->context != NULL ? SIDE_TARGET : SIDE_HOST;

  for (;;) {
    bool is_last =
        !frame->has_piece && (frame->mss == 0 || frame->segment.payload.bytes <= frame->mss);
    if (!is_last && !frame->has_piece) {
      frame->piece = tcp_segment_split (&frame->segment, frame->mss);
      frame->has_piece = true;
    }
    const TcpSegment *segment = is_last ? &frame->segment : &frame->piece;
    if (!wire_send (target->wire, WIRE_END_NIC, sender, segment))
      return false;
    if (frame->context == NULL)
      target->stats.frames_out++;
    frame->has_piece = false;
    if (is_last)
      return true;
  }
}

static void
frame_has_left (Target *target, TxFrame *frame)
{
  TcpContext *context = frame->context;
  NET_BUFFER_LIST *nbl = frame->nbl;

  target->tx.bytes -= frame->bytes;
  sim_pool_put (target->tx_frames, frame);
  if (nbl != NULL) {
    target->tx.ordinary--;
    target_frame_is_gone (target);
    TargetUpcall *upcall = target_upcall_new (target, UPCALL_FRAMES_SENT, NULL);
    nbl->Next = NULL;
    nbl->Status = NDIS_STATUS_SUCCESS;
    upcall->chain = nbl;
    target_upcall_queue (target, upcall, 0);
    return;
  }
  context->tx_frames--;
  context->left_at = wire_clears_at (target->wire, WIRE_END_NIC);
  if (context->abortive != NULL && context->tx_frames == 0 && !context->tx_running)
    sim_event_schedule (target->sim, &context->timer, context->left_at);
  target_terminate_advance (target, context);
}

static void
drain (Target *target)
{
  Transmitter *tx = &target->tx;

  while (tx->first != NULL && !tx->blocked) {
    TxFrame *frame = tx->first;
    if (!send_frame (target, frame)) {
      tx->blocked = true;
      return;
    }
    tx->first = frame->next;
    frame_has_left (target, frame);
  }
}

void
target_wire_has_room (void *data)
{
  Target *target = data;

  target->tx.blocked = false;
  drain (target);
  target_transmit_pump (target);
}

void
target_queue_frame (Target *target, TxFrame *frame)
{
  Transmitter *tx = &target->tx;

  if (frame->segment.payload.bytes > 0)
    target_stage_request (target, frame->segment.connection_id, STAGE_NIC_TX);
  frame->next = NULL;
  if (tx->first == NULL)
    tx->first = frame;
  else
    tx->last->next = frame;
  tx->last = frame;
  drain (target);
}

/* Segments */

static void
payload_read (void *data, BusTransfer *transfer)
{
  Target *target = data;

  target_queue_frame (target, (TxFrame *)((char *)transfer - offsetof (TxFrame, read)));
  target_transmit_pump (target);
}

static uint16_t
vlan_tag (uint16_t vlan_id, uint8_t user_priority)
{
  return (uint16_t)((unsigned)user_priority << 13 | vlan_id);
}

/* TREE-14: below TCP the headers come from the path and the neighbor. */
static void
address (Target *target, const TcpContext *context, TcpSegment *segment)
{
  const NeighborContext *neighbor = target_tcp_neighbor (context);
  const PathContext *path = context->path;
  uint8_t priority = context->tcb.user_priority;

  segment->connection_id = context->connection_id;
  segment->tuple.source_address_id = path->source_address_id;
  segment->tuple.destination_address_id = path->destination_address_id;
  segment->ip_version = path->ip_version;
  segment->destination_mac_id = neighbor->destination_mac_id;
  segment->source_mac_id =
      neighbor->source_mac_id != 0 ? neighbor->source_mac_id : target->config.interface_mac_id;
  if (target->config.features.vlan && (neighbor->vlan_id != 0 || priority != 0)) {
    segment->oddities |= TCP_VLAN_TAGGED;
    segment->vlan_tag = vlan_tag (neighbor->vlan_id, priority);
  }
  if (segment->ip_version != 4)
    return;
  segment->oddities |= TCP_IP_DONT_FRAGMENT;
  if (target_defect (target, TARGET_DEFECT_LETS_FRAGMENT, context->head.object_id))
    segment->oddities &= (uint8_t)~TCP_IP_DONT_FRAGMENT;
  segment->ip_id = IP_ID_TARGET | (target->tx.ip_ids++ & IP_ID_HALF);
  if (target_defect (target, TARGET_DEFECT_HOST_IP_IDS, context->head.object_id))
    segment->ip_id = (segment->ip_id & IP_ID_HALF) | 1;
}

void
target_emit (Target *target, TcpContext *context, TcpSegment *segment)
{
  TxFrame *frame = sim_pool_take (target->tx_frames);
  uint32_t bytes = segment->payload.bytes;

  address (target, context, segment);
  target_neighbor_check (target, target_tcp_neighbor (context));
  frame->segment = *segment;
  frame->context = context;
  frame->bytes = tcp_segment_frame_bytes (segment);
  target->tx.bytes += frame->bytes;
  context->tx_frames++;
  target->stats.segments_out++;
  target->stats.payload_out += bytes;
  /* What has no payload waits behind what is being read for the same connection. */
  if (bytes == 0 && context->tx_frames == 1) {
    target_queue_frame (target, frame);
    return;
  }
  if (bytes > 0)
    target_stage_request (target, context->connection_id, STAGE_DMA);
  target_read (target, &frame->read, bytes, context->connection_id, payload_read);
}

/* Gives the engine's next segment its payload and sends it; false: nothing was due. */
static bool
transmit_one (Target *target, TcpContext *context)
{
  uint32_t snd_max = context->tcb.SndMax;
  TcpSegment segment;

  if (!tcp_transmit (&context->tcb, 0, target_now (target), &segment))
    return false;
  uint32_t bytes = segment.payload.bytes;
  bool repeats = bytes > 0 && tcp_seq_before (segment.seq, snd_max);
  bool is_new = bytes == 0 || tcp_seq_before (snd_max, segment.seq + bytes);
  if (bytes > 0)
    segment.payload = target_sends_range (context, segment.seq, bytes);
  target_count_sent (target, &segment, repeats, is_new);
  target_emit (target, context, &segment);
  if (bytes > 0)
    target_sends_transmitted (target, context, segment.seq + bytes);
  return true;
}

static void
release_reserved (Target *target, TcpContext *context)
{
  target->tx.bytes -= context->tx_reserved_bytes;
  context->tx_reserved_bytes = 0;
}

static void
tx_done (Target *target, EngineJob *job)
{
  TcpContext *context = job->context;

  context->tx_running = false;
  release_reserved (target, context);
  if (may_transmit (target, context)) {
    transmit_one (target, context);
    target_note_state (target, context);
    target_timer_arm (target, context);
    target_transmit_kick (target, context);
  }
  target_transmit_pump (target);
}

static void
start_segment (Target *target, TcpContext *context)
{
  bool has_data = tcp_unsent_bytes (&context->tcb) > 0 || tcp_unacked_bytes (&context->tcb) > 0;
  TargetCost cost = has_data ? TARGET_COST_TX_SEGMENT : TARGET_COST_TX_ACK;

  context->tx_running = true;
  context->tx_reserved_bytes = (has_data ? context->tcb.smss : 0) + HEADER_BYTES_MAX;
  target->tx.bytes += context->tx_reserved_bytes;
  target_engine_submit (target, &context->tx_job, context,
                        target_cycles (target, cost, context->connection_id), tx_done);
}

static bool
start_from_ring (Target *target)
{
  if (target->tx.ready == NULL)
    return false;
  start_segment (target, take_from_ring (&target->tx));
  return true;
}

/* Connections and ordinary frames take turns. */
void
target_transmit_pump (Target *target)
{
  Transmitter *tx = &target->tx;

  if (tx->pumping)
    return;
  tx->pumping = true;
  while (tx->bytes < target->config.mac_transmit_buffer_bytes && target_is_up (target)) {
    bool started = tx->ordinary_turn ? target_ordinary_start (target) : start_from_ring (target);
    if (!started)
      started = tx->ordinary_turn ? start_from_ring (target) : target_ordinary_start (target);
    if (!started)
      break;
    tx->ordinary_turn = !tx->ordinary_turn;
  }
  tx->pumping = false;
}

void
target_transmit_resume (Target *target)
{
  for (uint32_t i = 0; i < target->config.tables.tcp; i++) {
    TcpContext *context = (TcpContext *)target_context_at (&target->contexts, OFFLOAD_LAYER_TCP, i);
    if (context != NULL)
      target_transmit_kick (target, context);
  }
  target_transmit_pump (target);
}

static void
transmit_owed (Target *target, TcpContext *context, uint32_t bit)
{
  bool owed = (context->tcb.bits & bit) != 0;

  if (owed && target_is_up (target) && !is_cut_off (target, context))
    transmit_one (target, context);
}

void
target_transmit_owed_ack (Target *target, TcpContext *context)
{
  transmit_owed (target, context, TCP_BIT_DUE_ACK);
}

void
target_transmit_owed_reset (Target *target, TcpContext *context)
{
  transmit_owed (target, context, TCP_BIT_DUE_RESET);
}
