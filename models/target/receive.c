/*
 * Receiving: from the wire through the engines into a connection.
 *
 * Source      Guide: processing events during an offload; handling segments received during a
 *             terminate; fragments, IP options, urgent data, SYN segments; 802.1Q.  Rules INIT-02,
 *             TERM-18, FRAG, IPOPT, URG, SYN, VLAN-04, EVT-09, EVT-18.
 */
#include <glib.h>

#include "models/target/adapter.h"

#define UNFIT_FOR_CHIMNEY \
  (TCP_IP_MORE_FRAGMENTS | TCP_IP_HAS_OPTIONS | TCP_IP_BAD_HEADER | TCP_BAD_CHECKSUM)

static bool
is_fragment (const TcpSegment *segment)
{
  return (segment->oddities & TCP_IP_MORE_FRAGMENTS) != 0 || segment->fragment_offset > 0;
}

static bool
is_unfit (const TcpSegment *segment)
{
  return (segment->oddities & UNFIT_FOR_CHIMNEY) != 0 || segment->fragment_offset > 0;
}

/* Delivery's way out */

static void
complete_receives (void *owner, NET_BUFFER_LIST *chain)
{
  TcpContext *context = owner;
  Target *target = context->target;
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_RECEIVES, context);

  if (chain->TcpOffloadBytesTransferred > 1
      && target_defect (target, TARGET_DEFECT_WRONG_BYTES_TRANSFERRED, context->head.object_id))
    chain->TcpOffloadBytesTransferred--;
  if (chain->Next != NULL
      && target_defect (target, TARGET_DEFECT_COMPLETES_RECEIVES_OUT_OF_ORDER,
                        context->head.object_id)) {
    NET_BUFFER_LIST *second = chain->Next;
    chain->Next = second->Next;
    second->Next = chain;
    chain = second;
  }
  upcall->chain = chain;
  upcall->of_delivery = context->delivery.strict;
  target_upcall_queue (target, upcall, 0);
}

static void
indicate (void *owner, TcpRange range)
{
  TcpContext *context = owner;
  TargetUpcall *upcall = target_upcall_new (context->target, UPCALL_INDICATE, context);

  upcall->range = range;
  target_upcall_queue (context->target, upcall, range.bytes);
}

/* Placed data is in host memory: it is off our hands, and the window opens. */
static void
placed (void *owner, uint32_t bytes)
{
  TcpContext *context = owner;
  Target *target = context->target;

  bus_post (&target->writes, bytes);
  tcp_consume (&context->tcb, bytes, target_now (target));
}

static void
set_push_timer (void *owner, bool running)
{
  TcpContext *context = owner;
  Target *target = context->target;

  if (!running && !context->head.closing && !context->aborted
      && target_defect (target, TARGET_DEFECT_KEEPS_PUSH_TIMER, context->head.object_id))
    return;
  if (running && target_defect (target, TARGET_DEFECT_NO_PUSH_TIMER, context->head.object_id))
    return;
  target_trace_push_timer (target, context, running ? PUSH_TIMER_STARTED : PUSH_TIMER_STOPPED);
  context->push_deadline =
      running ? target_tick_after (target, MAX (target->push_ticks, 1)) : SIM_TIME_NEVER;
}

void
target_trace_push_timer (const Target *target, const TcpContext *context, PushTimerEvent what)
{
  const NET_BUFFER_LIST *first = context->delivery.request_first;

  TRACE (target_trace (target), target->config.actor_id, PUSH_TIMER, (int64_t)context->head.token,
         context->connection_id, what, first != NULL ? first->id : 0,
         first != NULL ? context->delivery.first_bytes : 0,
         first != NULL && first->TcpReceiveNoPush);
}

static void
took (void *owner, DeliveryBox box, bool yes)
{
  const TcpContext *context = owner;
  const Target *target = context->target;

  TRACE (target_trace (target), target->config.actor_id, DELIVERY, (int64_t)context->head.token,
         context->connection_id, box, yes);
}

static void
left_partial (void *owner)
{
  const TcpContext *context = owner;
  const Target *target = context->target;
  const NET_BUFFER_LIST *first = context->delivery.request_first;

  TRACE (target_trace (target), target->config.actor_id, PARTLY_FILLED,
         (int64_t)context->head.token, context->connection_id, first->id,
         context->delivery.first_bytes, first->TcpReceiveNoPush);
}

const DeliveryOps target_delivery_ops = {
  .complete = complete_receives,
  .indicate = indicate,
  .placed = placed,
  .set_timer = set_push_timer,
  .took = took,
  .left_partial = left_partial,
};

void
target_after_delivery (Target *target, TcpContext *context)
{
  if (!context->fin_received || context->disconnect_told || context->aborted)
    return;
  /* What is left of the data goes up with the terminate, and the host sees the FIN in the state. */
  if (context->stage >= TERMINATE_QUIET)
    return;
  delivery_finish (&context->delivery);
  if (!delivery_is_drained (&context->delivery)
      && !target_has_defect (target, TARGET_DEFECT_DISCONNECT_BEFORE_DATA))
    return;
  if (!delivery_is_drained (&context->delivery))
    target_defect (target, TARGET_DEFECT_DISCONNECT_BEFORE_DATA, context->head.object_id);
  context->disconnect_told = true;
  target_tell (target, context, TcpIndicateDisconnect, 0);
}

/* What a segment or a timer brought about */

static void
deliver (TcpContext *context, bool push)
{
  TcpRange range;
  TcpRange all = { 0 };

  while (tcp_take_received (&context->tcb, 0, &range)) {
    SIM_ASSERT (all.bytes == 0 || tcp_range_continues (all, range));
    if (all.bytes == 0)
      all = range;
    else
      all.bytes += range.bytes;
  }
  if (all.bytes == 0)
    return;
  context->delivery.ignores_requests =
      context->delivery.request_first != NULL && context->delivery.first_bytes == 0
      && !context->delivery.busy
      && target_defect (context->target, TARGET_DEFECT_INDICATES_WITH_RECEIVES_POSTED,
                        context->head.object_id);
  delivery_data (&context->delivery, all, push);
}

static void
act_on_end (Target *target, TcpContext *context, uint32_t events)
{
  if ((events & TCP_NEWS_RESET) != 0)
    target_abort (target, context);
  else if ((events & TCP_NEWS_TIMED_OUT) != 0)
    target_retrieve (target, context, TimeoutExpiration);
  else if ((events & TCP_NEWS_URGENT) != 0)
    target_retrieve (target, context, ReceivedUrgentData);
  else if ((events & TCP_NEWS_TIME_WAIT) != 0
           && target_defect (target, TARGET_DEFECT_KEEPS_TIME_WAIT, context->head.object_id))
    return;
  else if ((events & (TCP_NEWS_SYN_AT_NEXT | TCP_NEWS_TIME_WAIT | TCP_NEWS_CLOSED)) != 0) {
    target_transmit_owed_ack (target, context); /* of the peer's FIN */
    target_retrieve (target, context, UploadRequested);
  }
}

void
target_act_on (Target *target, TcpContext *context, TcpNews news)
{
  if ((news.events & TCP_NEWS_PROGRESS) != 0)
    target_neighbor_progress (target, context);
  if (news.acked_bytes > 0)
    target_sends_acknowledged (target, context, news.acked_bytes);
  if ((news.events & TCP_NEWS_FIN_ACKED) != 0)
    target_fin_acknowledged (target, context);
  if ((news.events & TCP_NEWS_FIN) != 0)
    context->fin_received = true;
  if ((news.events & TCP_NEWS_DATA) != 0)
    deliver (context, (news.events & (TCP_NEWS_PUSH | TCP_NEWS_FIN)) != 0);
  if ((news.events & TCP_NEWS_RETRANSMITTED) != 0)
    target_note_retransmission (target, context);
  target_note_state (target, context);
  act_on_end (target, context, news.events);
  if (news.acked_bytes > 0 || context->backlog_told > 0)
    target_note_backlog (target, context);
  target_after_delivery (target, context);
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
}

/* Segments */

/* VLAN-04: a neighbor with a VLAN takes nothing else. */
static bool
is_in_vlan (Target *target, const TcpContext *context, const TcpSegment *segment)
{
  const NeighborContext *neighbor = target_tcp_neighbor (context);

  if (neighbor == NULL || neighbor->vlan_id == 0)
    return true;
  bool is_same = (segment->oddities & TCP_VLAN_TAGGED) != 0
                 && (segment->vlan_tag & 0xfff) == neighbor->vlan_id;
  return is_same
         || target_defect (target, TARGET_DEFECT_TAKES_OTHER_VLANS, context->head.object_id);
}

static void
hold (Target *target, TcpContext *context, const TcpSegment *segment)
{
  RxFrame *frame = sim_pool_take (target->rx_frames);

  frame->segment = *segment;
  *context->held_frames_last = frame;
  context->held_frames_last = &frame->next;
}

void
target_release_held (Target *target, TcpContext *context)
{
  RxFrame *frame = context->held_frames;

  context->held_frames = NULL;
  context->held_frames_last = &context->held_frames;
  while (frame != NULL) {
    RxFrame *next = frame->next;
    target_ordinary_receive (target, &frame->segment, context->vector);
    sim_pool_put (target->rx_frames, frame);
    frame = next;
  }
}

static bool
is_out_of_order (const TcpContext *context, const TcpSegment *segment)
{
  return segment->payload.bytes > 0 && tcp_seq_before (context->tcb.RcvNxt, segment->seq);
}

static void
trace_received (const Target *target, const TcpContext *context)
{
  if (sim_trace_wants (target_trace (target), TRACE_RECEIVED))
    TRACE (target_trace (target), target->config.actor_id, RECEIVED, (int64_t)context->head.token,
           context->connection_id, context->tcb.RcvNxt, tcp_held_bytes (&context->tcb),
           context->tcb.SndUna);
}

/* What target-segment does not say. */
static void
trace_unusual (const Target *target, const TcpContext *context, const TcpSegment *segment,
               bool forwarded)
{
  bool is_unusual = forwarded || is_fragment (segment)
                    || (segment->oddities & ~TCP_IP_DONT_FRAGMENT) != 0
                    || (segment->flags & (TCP_URG | TCP_SYN)) != 0;

  if (is_unusual && sim_trace_wants (target_trace (target), TRACE_UNUSUAL))
    TRACE (target_trace (target), target->config.actor_id, UNUSUAL, (int64_t)context->head.token,
           context->connection_id, segment->seq, segment->ack, segment->flags, segment->oddities,
           segment->vlan_tag, segment->fragment_offset, forwarded);
}

/* SEGMENT_RAW: it brings urgent data, and is for the host to process. */
static SegmentVerdict
take_in (Target *target, TcpContext *context, const TcpSegment *segment)
{
  bool out_of_order = is_out_of_order (context, segment);

  /* What may end the connection here leaves no ACK owed for what came before it. */
  if ((segment->flags & (TCP_URG | TCP_SYN)) != 0) {
    tcp_hurry_ack (&context->tcb);
    target_transmit_owed_ack (target, context);
  }
  context->last_segment = target_now (target);
  target_count_received (target, segment);
  TcpNews news = tcp_receive (&context->tcb, segment, target_now (target));
  trace_received (target, context);
  bool is_urgent = (news.events & TCP_NEWS_URGENT) != 0;
  context->urgent = context->urgent || is_urgent;
  if (out_of_order)
    target_note_out_of_order (target, context);
  target_act_on (target, context, news);
  return is_urgent ? SEGMENT_RAW : SEGMENT_PROCESSED;
}

/* Whose segment it is now: a connection on its way up, given up or closed leaves it to the host. */
static bool
is_the_hosts (Target *target, const TcpContext *context, const TcpSegment *segment)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&context->tcb);

  if (context->head.closing)
    return context->stage != TERMINATE_MARKED
           || !target_defect (target, TARGET_DEFECT_KEEPS_PROCESSING_IN_TERMINATE,
                              context->head.object_id);
  if (context->aborted || context->stopped || context->head.corrupt || state == TcpConnectionClosed)
    return true;
  return state == TcpConnectionTimeWait && (segment->flags & TCP_SYN) != 0;
}

SegmentVerdict
target_process (Target *target, TcpContext *context, const TcpSegment *segment)
{
  trace_unusual (target, context, segment, false);
  if (!is_in_vlan (target, context, segment))
    return SEGMENT_DROPPED;
  target_notice_failure (target, context);
  if (context->urgent && !context->head.closing
      && !target_defect (target, TARGET_DEFECT_PASSES_URGENT_UP, context->head.object_id)) {
    hold (target, context, segment);
    return SEGMENT_RAW;
  }
  if (is_the_hosts (target, context, segment)) {
    target_ordinary_receive (target, segment, context->vector);
    return SEGMENT_RAW;
  }
  SegmentVerdict verdict = take_in (target, context, segment);
  if (verdict == SEGMENT_RAW)
    hold (target, context, segment);
  return verdict;
}

static void
trace_segment (const Target *target, NDIS_TOKEN token, const TcpSegment *segment,
               SegmentVerdict verdict)
{
  TRACE (target_trace (target), target->config.actor_id, TARGET_SEGMENT, (int64_t)token,
         segment->connection_id, segment->seq, segment->payload.bytes, segment->flags, verdict);
}

static void
segment_done (Target *target, EngineJob *job)
{
  RxFrame *frame = (RxFrame *)((char *)job - offsetof (RxFrame, job));
  NDIS_TOKEN token = job->context->head.token;
  SegmentVerdict verdict = target_process (target, job->context, &frame->segment);

  target->stats.segments_in++;
  target->stats.raw_up += verdict == SEGMENT_RAW;
  if (verdict == SEGMENT_PROCESSED)
    target->stats.payload_in += frame->segment.payload.bytes;
  trace_segment (target, token, &frame->segment, verdict);
  target->rx_bytes -= tcp_segment_frame_bytes (&frame->segment);
  sim_pool_put (target->rx_frames, frame);
}

static void
submit_segment (Target *target, TcpContext *context, const TcpSegment *segment)
{
  RxFrame *frame = sim_pool_take (target->rx_frames);
  TargetCost cost = segment->payload.bytes > 0 ? TARGET_COST_RX_SEGMENT : TARGET_COST_RX_ACK;
  int64_t cycles = target_cycles (target, TARGET_COST_RX_PARSE, context->connection_id)
                   + target_cycles (target, cost, context->connection_id);

  frame->segment = *segment;
  target->rx_bytes += tcp_segment_frame_bytes (segment);
  target->stats.receive_buffer_peak_bytes =
      MAX (target->stats.receive_buffer_peak_bytes, target->rx_bytes);
  if (segment->payload.bytes > 0)
    target_stage_request (target, context->connection_id, STAGE_ENGINE);
  target_engine_submit (target, &frame->job, context, cycles, segment_done);
}

static void
trace_frame (const Target *target, const TcpSegment *segment, TargetFrameWhy why,
             SegmentVerdict verdict)
{
  TRACE (target_trace (target), target->config.actor_id, TARGET_FRAME, segment->connection_id,
         segment->ip_version, why, verdict);
}

static TargetFrameWhy
what_is_broken (const TcpSegment *segment)
{
  return (segment->oddities & TCP_IP_BAD_HEADER) != 0 ? FRAME_BAD_HEADER : FRAME_BAD_CHECKSUM;
}

/* STAT-09, STAT-10: only what may be of an offloaded object is the target's to count. */
static bool
may_count (Target *target, TargetFrameWhy why)
{
  OffloadLayer layer = why == FRAME_BAD_HEADER ? OFFLOAD_LAYER_NEIGHBOR : OFFLOAD_LAYER_PATH;

  return target->config.knobs.on_corruption == TARGET_CORRUPTION_COUNTS
         && target_context_count (&target->contexts, layer) > 0;
}

static void
take_broken (Target *target, const TcpSegment *segment)
{
  TargetFrameWhy why = what_is_broken (segment);
  bool drops = may_count (target, why);

  if (drops || target_defect (target, TARGET_DEFECT_COUNTS_INDICATED, 0))
    target_count_broken (target, segment, why);
  trace_frame (target, segment, why, drops ? SEGMENT_DROPPED : SEGMENT_RAW);
  if (drops)
    target->stats.frames_dropped++;
  else
    target_ordinary_receive (target, segment, target_frame_vector (target, segment));
}

void
target_arrive (Target *target, const TcpSegment *segment)
{
  TcpContext *context = target_lookup (&target->contexts, segment);

  if (!target_is_up (target)) {
    target->stats.frames_dropped++;
    return;
  }
  if (segment->kind != TCP_FRAME_SEGMENT) {
    target_ordinary_receive (target, segment, target_frame_vector (target, segment)); /* NM-01 */
    return;
  }
  if (segment->payload.bytes > 0)
    target_stage_request (target, segment->connection_id, STAGE_NIC_RX);
  if (context != NULL && is_fragment (segment))
    target_note_fragment (target, context);
  if ((segment->oddities & (TCP_IP_BAD_HEADER | TCP_BAD_CHECKSUM)) != 0) {
    take_broken (target, segment);
    return;
  }
  if (context == NULL || is_unfit (segment)) {
    target_ordinary_receive (target, segment, target_frame_vector (target, segment));
    return;
  }
  if (target->rx_bytes + tcp_segment_frame_bytes (segment)
      > target->config.mac_receive_buffer_bytes) {
    target->stats.frames_dropped++;
    target->ip_stats[target_family (segment->ip_version)].InDiscards++;
    trace_frame (target, segment, FRAME_NO_ROOM, SEGMENT_DROPPED);
    return;
  }
  submit_segment (target, context, segment);
}

/* Posts */

/* A request is turned away only when none is ahead of it: they come back in order (RECV-12). */
static NDIS_STATUS
receive_refusal (const TcpContext *context)
{
  NDIS_STATUS refusal = target_refusal (context);
  bool queues = context->delivery.request_first != NULL && context->stage < TERMINATE_COMPLETING;

  if (queues && (refusal == NDIS_STATUS_UPLOAD_IN_PROGRESS || context->head.corrupt))
    return NDIS_STATUS_SUCCESS;
  if (refusal == NDIS_STATUS_SUCCESS && context->disconnect_told)
    return queues ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_STATE;
  return refusal;
}

void
target_post_receives (Target *target, TcpContext *context, NET_BUFFER_LIST *chain)
{
  NDIS_STATUS refusal = receive_refusal (context);

  if (refusal != NDIS_STATUS_SUCCESS) {
    target_refuse_post (target, context, UPCALL_RECEIVES, chain, refusal);
    return;
  }
  context->unposted_bytes = 0;
  context->refusal_repeated = false;
  target_note_post (target, context, ndis_nbl_chain_bytes (chain));
  while (chain != NULL) {
    NET_BUFFER_LIST *next = chain->Next;
    delivery_post (&context->delivery, chain);
    chain = next;
  }
  target_after_delivery (target, context);
  target_transmit_kick (target, context);
  target_timer_arm (target, context);
}

/* SUCCESS: the target may take it.  What the segment before it brought about counts: the connection may
 * be over, or on its way up. */
static NDIS_STATUS
forward_refusal (Target *target, const TcpContext *context, const TcpSegment *segment)
{
  NDIS_STATUS refusal = target_refusal (context);

  if (refusal == NDIS_STATUS_SUCCESS && is_the_hosts (target, context, segment))
    return NDIS_STATUS_UPLOAD_IN_PROGRESS;
  return refusal;
}

static NDIS_STATUS
forward_one (Target *target, TcpContext *context, const NET_BUFFER_LIST *nbl, bool is_first)
{
  TcpSegment segment = *nbl->frame;

  /* The host has dealt with what made it unfit. */
  segment.oddities &= (uint8_t)~UNFIT_FOR_CHIMNEY;
  segment.fragment_offset = 0;
  target_notice_failure (target, context);
  NDIS_STATUS refusal = forward_refusal (target, context, &segment);
  if (refusal != NDIS_STATUS_SUCCESS
      && (is_first || context->head.closing
          || !target_defect (target, TARGET_DEFECT_PROCESSES_WHOLE_CHAIN, context->head.object_id)))
    return refusal;
  trace_unusual (target, context, &segment, true);
  SegmentVerdict verdict = take_in (target, context, &segment);
  trace_segment (target, context->head.token, &segment, verdict);
  return verdict == SEGMENT_RAW ? NDIS_STATUS_UPLOAD_IN_PROGRESS : NDIS_STATUS_SUCCESS;
}

void
target_post_forwards (Target *target, TcpContext *context, NET_BUFFER_LIST *chain)
{
  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next) {
    nbl->Status = forward_one (target, context, nbl, nbl == chain);
    nbl->TcpOffloadBytesTransferred = 0;
  }
  TargetUpcall *upcall = target_upcall_new (target, UPCALL_FORWARDS, context);
  upcall->chain = chain;
  target_upcall_queue (target, upcall, 0);
}
