#include "models/tcp/tcp.h"

#include <stddef.h>

#include "models/tcp/acknowledgment.h"
#include "models/tcp/handshake.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/reassembly.h"
#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"
#include "models/tcp/window.h"
#include "sim/assert.h"

/* RFC 7323 5.5: a TsRecent older than this proves nothing. */
#define PAWS_AGE_S (INT64_C (24) * 24 * 3600)
/* RFC 5961 7: so many ACKs answer what makes no sense, in so much time. */
#define NONSENSE_ACKS_MAX 10
#define NONSENSE_SPAN_S 5
#define TOS_ECN_MASK 0x03
#define TOS_CE 0x03

static bool
has_timestamps (const Tcb *tcb)
{
  return (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0;
}

static bool
timestamp_is_fresh (const Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  return !tcp_seq_before (segment->ts_value, tcb->TsRecent)
         || tick - tcb->ts_recent_tick > PAWS_AGE_S * tcb->config->ticks_per_s;
}

static void
remember_timestamp (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  /* RFC 7323 4.3 (2): only from the segment that the last ACK waits for. */
  if (tcp_seq_at_or_before (segment->seq, tcb->last_ack_sent)
      && timestamp_is_fresh (tcb, segment, tick)) {
    tcb->TsRecent = segment->ts_value;
    tcb->ts_recent_tick = tick;
  }
}

/* An ACK for a segment that makes no sense here; false: no more of them for now.  Two ends that are
 * out of step would answer each other for ever. */
static bool
answer_nonsense (Tcb *tcb, int64_t tick)
{
  if ((uint32_t)tick - tcb->nonsense_tick >= NONSENSE_SPAN_S * tcb->config->ticks_per_s
      || tcb->nonsense_acks == 0) {
    tcb->nonsense_tick = (uint32_t)tick;
    tcb->nonsense_acks = 0;
  }
  if (tcb->nonsense_acks == NONSENSE_ACKS_MAX)
    return false;
  tcb->nonsense_acks++;
  tcb->bits |= TCP_BIT_DUE_ACK;
  return true;
}

/* RFC 7323 3.2, 5: false drops the segment. */
static bool
timestamp_passes (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  if (!has_timestamps (tcb))
    return true;
  if ((segment->options & TCP_OPTION_TIMESTAMP) == 0) {
    tcp_counters (tcb)->stampless_drops++;
    return false;
  }
  if (timestamp_is_fresh (tcb, segment, tick))
    return true;
  tcp_counters (tcb)->paws_drops++;
  tcb->bits |= TCP_BIT_DUE_ACK;
  return false;
}

static bool
is_in_window (const Tcb *tcb, uint32_t seq)
{
  return seq - tcb->RcvNxt < tcp_window_bytes (tcb);
}

/* RFC 9293 3.10.7.4 (first), and the segment that ends or begins outside is trimmed later.  What
 * stands at RcvNxt is looked at even with the window closed, for its ACK. */
static bool
is_acceptable (const Tcb *tcb, const TcpSegment *segment)
{
  uint32_t bytes = tcp_segment_sequence_bytes (segment);
  if (segment->seq == tcb->RcvNxt)
    return true;
  if (bytes == 0)
    return segment->seq - tcb->RcvNxt <= tcp_window_bytes (tcb);
  return tcp_seq_before (segment->seq, tcb->rcv_adv)
         && tcp_seq_before (tcb->RcvNxt, segment->seq + bytes);
}

static TcpNews
receive_reset (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  tcp_counters (tcb)->resets_in++;
  if (tcp_state (tcb) == TcpConnectionTimeWait && tcb->config->ignores_reset_in_time_wait)
    return (TcpNews){ 0 };
  bool in_window = is_in_window (tcb, segment->seq);
  if (segment->seq == tcb->RcvNxt || (in_window && tcb->config->believes_reset_in_window))
    return tcp_teardown (tcb, TCP_EVENT_RESET, TCP_NEWS_RESET);
  if (in_window)
    tcp_keepalive_challenge_reset (tcb, tick);
  return (TcpNews){ 0 };
}

/* RFC 793 3.9: a SYN in the window is an error. */
static TcpNews
reset_at_syn (Tcb *tcb)
{
  uint32_t seq = tcb->SndNxt, ack = tcb->RcvNxt;
  TcpNews news = tcp_teardown (tcb, TCP_EVENT_RESET, TCP_NEWS_RESET);
  tcp_reset_due_with_ack (tcb, seq, ack);
  return news;
}

static TcpNews
receive_syn (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  if (tcp_state (tcb) == TcpConnectionSynRcvd && segment->seq == tcb->RcvNxt - 1
      && (segment->flags & TCP_ACK) == 0) {
    tcb->SndNxt = tcb->SndUna; /* our SYN+ACK was lost */
    return (TcpNews){ 0 };
  }
  if (segment->seq == tcb->RcvNxt && tcb->config->role == TCP_ROLE_TARGET
      && !tcb->config->challenges_syn_at_next && tcp_state (tcb) != TcpConnectionTimeWait
      && tcp_state (tcb) != TcpConnectionSynRcvd)
    return tcp_teardown (tcb, TCP_EVENT_SYN_AT_NEXT, TCP_NEWS_SYN_AT_NEXT);
  if (!is_in_window (tcb, segment->seq)) {
    tcp_counters (tcb)->challenge_syns++;
    tcb->bits |= TCP_BIT_DUE_ACK; /* RST-04: each time */
    return (TcpNews){ 0 };
  }
  if (tcb->config->resets_at_syn_in_window && tcb->config->role == TCP_ROLE_HOST)
    return reset_at_syn (tcb);
  tcp_keepalive_challenge_syn (tcb, tick);
  return (TcpNews){ 0 };
}

/* A pure ACK far off tells of two ends out of step; all else is asked for again and again until it
 * is answered: data, a FIN, a keepalive (RFC 1122 4.2.3.6). */
static bool
may_go_unanswered (const Tcb *tcb, const TcpSegment *segment)
{
  return tcp_segment_sequence_bytes (segment) == 0 && segment->seq != tcb->RcvNxt - 1;
}

/* Old data, a keepalive or a probe: an ACK tells the peer where we are. */
static TcpNews
receive_unacceptable (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  uint32_t end = segment->seq + segment->payload.bytes;
  tcp_counters (tcb)->unacceptable_in++;
  if (may_go_unanswered (tcb, segment))
    answer_nonsense (tcb, tick);
  else
    tcb->bits |= TCP_BIT_DUE_ACK;
  if (segment->payload.bytes > 0 && tcp_seq_at_or_before (end, tcb->RcvNxt)) {
    tcp_counters (tcb)->old_in++;
    tcp_reassembly_duplicate (tcb, segment->seq, end);
  }
  if (tcp_state (tcb) == TcpConnectionTimeWait && (segment->flags & TCP_FIN) != 0)
    tcp_slot_restart (tcb, tick);
  return (TcpNews){ 0 };
}

static void
withhold_ack (Tcb *tcb, uint32_t bytes, int64_t tick)
{
  uint32_t segments = bytes <= tcb->peer_smss ? 1 : (bytes + tcb->peer_smss - 1) / tcb->peer_smss;
  uint32_t count = tcb->delayed_segments + segments;
  tcb->delayed_segments = (uint8_t)(count < UINT8_MAX ? count : UINT8_MAX);
  bool at_once = tcb->quick_acks_left > 0;
  tcb->quick_acks_left -= at_once;
  if (at_once || tcb->delayed_segments >= tcb->config->ack_frequency
      || tcb->config->delayed_ack_ticks == 0)
    tcb->bits |= TCP_BIT_DUE_ACK;
  else if (!tcp_timer_is_running (tcb, TCP_TIMER_DELAYED_ACK))
    tcp_timer_set (tcb, TCP_TIMER_DELAYED_ACK, tick + tcb->config->delayed_ack_ticks);
}

static void
receive_fin (Tcb *tcb, int64_t tick, TcpNews *news)
{
  bool stepped = tcp_state_step (tcb, TCP_EVENT_FIN);
  SIM_ASSERT (stepped);
  tcb->RcvNxt++;
  if (tcp_seq_before (tcb->rcv_adv, tcb->RcvNxt))
    tcb->rcv_adv = tcb->RcvNxt;
  tcp_reassembly_drop_queue (tcb);
  tcp_disorder_settle (tcb);
  tcb->bits |= TCP_BIT_DUE_ACK;
  news->events |= TCP_NEWS_FIN;
  if (tcp_state (tcb) == TcpConnectionTimeWait)
    news->events |= tcp_time_wait (tcb, tick).events;
}

/* A FIN that came early and is now next, or has been passed by data that contradicts it. */
static bool
queued_fin_is_next (Tcb *tcb)
{
  TcpDisorder *d = tcb->disorder;
  if (d == NULL || !d->has_fin || tcp_seq_before (tcb->RcvNxt, d->fin_seq))
    return false;
  d->has_fin = false;
  bool is_next = d->fin_seq == tcb->RcvNxt;
  tcp_disorder_settle (tcb);
  return is_next;
}

static void
receive_next (Tcb *tcb, TcpRange range, uint8_t flags, int64_t tick, TcpNews *news)
{
  bool was_in_order = tcb->disorder == NULL;
  bool push = (flags & TCP_PSH) != 0;
  bool queued_push = false;
  if (range.bytes > 0) {
    if (!tcp_reassembly_append (tcb, range, &queued_push)) {
      tcb->bits |= TCP_BIT_DUE_ACK;
      return;
    }
    news->events |= TCP_NEWS_DATA;
    if (push || queued_push)
      news->events |= TCP_NEWS_PUSH;
    if (was_in_order)
      withhold_ack (tcb, range.bytes, tick);
    else
      tcb->bits |= TCP_BIT_DUE_ACK; /* RFC 5681 4.2: a gap closes */
  }
  if ((flags & TCP_FIN) != 0 || queued_fin_is_next (tcb))
    receive_fin (tcb, tick, news);
}

static void
receive_early (Tcb *tcb, uint32_t seq, TcpRange range, uint8_t flags)
{
  tcb->bits |= TCP_BIT_DUE_ACK; /* RFC 5681 4.2: a duplicate ACK for each */
  if (range.bytes > 0)
    tcp_counters (tcb)->out_of_order_in++;
  if (range.bytes > 0 && !tcp_reassembly_queue (tcb, seq, range, (flags & TCP_PSH) != 0))
    return;
  if ((flags & TCP_FIN) == 0)
    return;
  TcpDisorder *d = tcp_disorder_need (tcb);
  if (d == NULL || d->has_fin)
    return;
  d->has_fin = true;
  d->fin_seq = seq + range.bytes;
}

/* What is new of a segment, and begins at |seq|. */
static void
receive_new (Tcb *tcb, uint32_t seq, TcpRange range, uint8_t flags, int64_t tick, TcpNews *news)
{
  uint32_t room = tcb->rcv_adv - seq;
  if (range.bytes > room) {
    range.bytes = room;
    flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    tcb->bits |= TCP_BIT_DUE_ACK;
  }
  if (range.bytes == 0 && (flags & TCP_FIN) == 0)
    return;
  if (seq == tcb->RcvNxt)
    receive_next (tcb, range, flags, tick, news);
  else
    receive_early (tcb, seq, range, flags);
}

static void
receive_payload (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  TcpRange range = segment->payload;
  uint32_t old = 0;
  if (!tcp_state_can_receive (tcp_state (tcb)))
    return;

  if (tcp_seq_before (segment->seq, tcb->RcvNxt)) {
    old = tcb->RcvNxt - segment->seq;
    if (old > range.bytes)
      old = range.bytes;
    tcb->bits |= TCP_BIT_DUE_ACK;
    range.offset += old;
    range.bytes -= old;
  }
  receive_new (tcb, segment->seq + old, range, segment->flags, tick, news);
  /* RFC 2883 4: of several stretches that a segment repeats the first is told. */
  if (old > 0)
    tcp_reassembly_duplicate (tcb, segment->seq, segment->seq + old);
}

/* RFC 9293 3.10.7.4 (fifth): only the peer's FIN can come, again, and is acknowledged, again.  An
 * ACK that stands where it should is not. */
static void
receive_time_wait (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  if (segment->seq != tcb->RcvNxt && tcp_segment_sequence_bytes (segment) == 0)
    answer_nonsense (tcb, tick);
  else if (tcp_segment_sequence_bytes (segment) > 0)
    tcb->bits |= TCP_BIT_DUE_ACK;
  if ((segment->flags & TCP_FIN) != 0)
    tcp_slot_restart (tcb, tick);
}

static void
receive_congestion_mark (Tcb *tcb, const TcpSegment *segment)
{
  if ((segment->flags & TCP_CWR) != 0)
    tcb->bits &= ~(uint32_t)TCP_BIT_ECN_ECHO;
  if ((segment->tos & TOS_ECN_MASK) == TOS_CE) {
    tcp_counters (tcb)->congestion_marks_in++;
    tcb->bits |= TCP_BIT_ECN_ECHO;
  }
}

static void
heard (Tcb *tcb, int64_t tick)
{
  tcp_keepalive_heard (tcb, tick);
  if (tcp_state (tcb) == TcpConnectionFinWait2 && tcp_timer_is_running (tcb, TCP_TIMER_RETRANSMIT))
    tcp_slot_restart (tcb, tick); /* TIMER-06 */
}

static bool
holds_urgent (Tcb *tcb, const TcpSegment *segment)
{
  if (tcb->config->role != TCP_ROLE_TARGET)
    return false;
  if ((segment->flags & TCP_URG) != 0)
    tcb->bits |= TCP_BIT_URGENT_HELD;
  return (tcb->bits & TCP_BIT_URGENT_HELD) != 0;
}

/* RFC 9293 3.10.7.3: text and FIN of a SYN that crosses ours wait for the ACK that connects us.  (A
 * listener has offered no window yet: what comes along with the SYN is not taken.) */
static void
keep_with_syn (Tcb *tcb, const TcpSegment *syn)
{
  TcpRange range = syn->payload;
  uint32_t room = tcp_window_bytes (tcb);
  bool fits = range.bytes <= room;
  if (!fits)
    range.bytes = room;
  if (range.bytes > 0
      && !tcp_reassembly_queue (tcb, tcb->RcvNxt, range, (syn->flags & TCP_PSH) != 0))
    return;
  TcpDisorder *d = (syn->flags & TCP_FIN) != 0 && fits ? tcp_disorder_need (tcb) : NULL;
  if (d == NULL)
    return;
  d->has_fin = true;
  d->fin_seq = tcb->RcvNxt + range.bytes;
}

static void
take_kept (Tcb *tcb, int64_t tick, TcpNews *news)
{
  uint32_t before = tcb->RcvNxt;
  bool push = tcp_reassembly_connect (tcb);
  if (tcb->RcvNxt != before) {
    news->events |= TCP_NEWS_DATA | (push ? TCP_NEWS_PUSH : 0);
    withhold_ack (tcb, tcb->RcvNxt - before, tick);
  }
  if (queued_fin_is_next (tcb))
    receive_fin (tcb, tick, news);
}

static bool
carries_more (const TcpSegment *segment)
{
  return segment->payload.bytes > 0 || (segment->flags & TCP_FIN) != 0;
}

/* RFC 9293 3.10.7.3: what comes along with the SYN that connects us is processed like any other. */
static TcpNews
receive_syn_sent (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  TcpNews news = tcp_handshake_syn_sent (tcb, segment, tick);
  if (!carries_more (segment))
    return news;
  if (tcp_state (tcb) == TcpConnectionSynRcvd)
    keep_with_syn (tcb, segment);
  if ((news.events & TCP_NEWS_CONNECTED) == 0)
    return news;
  TcpSegment rest = *segment;
  rest.seq++;
  rest.flags &= (uint8_t)~TCP_SYN;
  receive_payload (tcb, &rest, tick, &news);
  return news;
}

/* RFC 9293 3.10.7.4: SynRcvd and all later states. */
static TcpNews
receive_general (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  TcpNews news = { 0 };
  if ((segment->flags & TCP_RST) != 0)
    return receive_reset (tcb, segment, tick);
  if ((segment->flags & TCP_SYN) != 0)
    return receive_syn (tcb, segment, tick);
  if (!timestamp_passes (tcb, segment, tick))
    return news;
  if (!is_acceptable (tcb, segment))
    return receive_unacceptable (tcb, segment, tick);
  if ((segment->flags & TCP_ACK) == 0)
    return news;
  if (tcp_state (tcb) == TcpConnectionSynRcvd) {
    if (!tcp_handshake_acked (tcb, segment, tick, &news))
      return news;
    if (tcb->disorder != NULL)
      take_kept (tcb, tick, &news);
  }
  if (!tcp_ack_is_acceptable (tcb, segment->ack)) {
    tcp_counters (tcb)->challenge_acks += answer_nonsense (tcb, tick); /* RFC 5961 5.2 */
    return news;
  }
  if (holds_urgent (tcb, segment)) {
    news.events |= TCP_NEWS_URGENT;
    return news;
  }
  if ((segment->flags & TCP_URG) != 0)
    news.events |= TCP_NEWS_URGENT;

  heard (tcb, tick);
  if (has_timestamps (tcb))
    remember_timestamp (tcb, segment, tick);
  if ((tcb->bits & TCP_BIT_ECN) != 0)
    receive_congestion_mark (tcb, segment);
  tcp_ack_receive (tcb, segment, tick, &news);
  if (tcp_state (tcb) == TcpConnectionClosed)
    return news;
  if (tcp_state (tcb) == TcpConnectionTimeWait)
    receive_time_wait (tcb, segment, tick);
  else
    receive_payload (tcb, segment, tick, &news);
  return news;
}

/* The segment that nearly always comes: established, in order, nothing unusual on either side. */
static bool
is_predicted (const Tcb *tcb, const TcpSegment *segment)
{
  const uint8_t unusual = TCP_FIN | TCP_SYN | TCP_RST | TCP_URG | TCP_ECE | TCP_CWR | TCP_ACK;
  const uint32_t busy = TCP_BIT_CHALLENGED | TCP_BIT_ECN | TCP_BIT_URGENT_HELD | TCP_BIT_IN_RECOVERY
                        | TCP_BIT_GAVE_UP;
  if (tcb->State != TcpConnectionEstablished || (segment->flags & unusual) != TCP_ACK
      || segment->seq != tcb->RcvNxt || tcb->disorder != NULL || (tcb->bits & busy) != 0
      || (segment->options & TCP_OPTION_SACK) != 0)
    return false;
  if (has_timestamps (tcb)
      && ((segment->options & TCP_OPTION_TIMESTAMP) == 0
          || tcp_seq_before (segment->ts_value, tcb->TsRecent)))
    return false;
  uint32_t newly_acked = segment->ack - tcb->SndUna;
  return newly_acked <= tcb->SndMax - tcb->SndUna && (newly_acked > 0 || segment->payload.bytes > 0)
         && segment->payload.bytes <= tcp_window_bytes (tcb);
}

static TcpNews
receive_predicted (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  TcpNews news = { 0 };
  tcp_keepalive_heard (tcb, tick);
  if (has_timestamps (tcb))
    remember_timestamp (tcb, segment, tick);
  if (segment->ack == tcb->SndUna && tcp_ack_window (tcb, segment) == tcb->SndWnd)
    tcb->SendWL1 = segment->seq; /* nothing new in it */
  else
    tcp_ack_receive (tcb, segment, tick, &news);
  if (segment->payload.bytes > 0)
    receive_next (tcb, segment->payload, segment->flags, tick, &news);
  return news;
}

static void
count (TcpCounters *counters, const TcpSegment *segment)
{
  const uint8_t no_window = TCP_SYN | TCP_RST | TCP_FIN;
  counters->segments_in++;
  counters->data_in += segment->payload.bytes > 0;
  counters->zero_windows_in += segment->window == 0 && (segment->flags & no_window) == 0;
}

TcpNews
tcp_receive (Tcb *tcb, const TcpSegment *segment, SimTime now)
{
  int64_t tick = tcp_tick (tcb->config, now);
  count (tcp_counters (tcb), segment);
  if (is_predicted (tcb, segment))
    return receive_predicted (tcb, segment, tick);
  if (tcb->config->drops_syn_fin && tcp_state (tcb) != TcpConnectionTimeWait
      && tcp_segment_is_syn_fin (segment))
    return (TcpNews){ 0 };
  switch (tcp_state (tcb)) {
  case TcpConnectionClosed:
    return tcp_handshake_closed (tcb, segment);
  case TcpConnectionListen:
    return tcp_handshake_listen (tcb, segment, tick);
  case TcpConnectionSynSent:
    return receive_syn_sent (tcb, segment, tick);
  case TcpConnectionSynRcvd:
  case TcpConnectionEstablished:
  case TcpConnectionFinWait1:
  case TcpConnectionFinWait2:
  case TcpConnectionCloseWait:
  case TcpConnectionClosing:
  case TcpConnectionLastAck:
  case TcpConnectionTimeWait:
    return receive_general (tcb, segment, tick);
  }
  SIM_UNREACHABLE ();
}
