#include "models/tcp/handshake.h"

#include "models/tcp/congestion.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/options.h"
#include "models/tcp/rtt.h"
#include "models/tcp/state.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"
#include "sim/assert.h"

#define RTO_AFTER_LOST_SYN_S 3 /* RFC 6298 5.7 */
#define REFUSAL_TTL 64         /* RFC 9293 3.9.2: the IP default */

static void
refuse (Tcb *tcb, const TcpSegment *segment)
{
  if ((segment->flags & TCP_RST) != 0 || tcb->config->role == TCP_ROLE_TARGET)
    return;
  if ((segment->flags & TCP_ACK) != 0)
    tcp_reset_due (tcb, segment->ack);
  else
    tcp_reset_due_with_ack (tcb, 0, segment->seq + tcp_segment_sequence_bytes (segment));
}

TcpNews
tcp_handshake_closed (Tcb *tcb, const TcpSegment *segment)
{
  refuse (tcb, segment);
  return (TcpNews){ 0 };
}

void
tcp_handshake_begin (Tcb *tcb, uint32_t send_isn)
{
  tcb->SndUna = send_isn;
  tcb->SndNxt = send_isn;
  tcb->SndMax = send_isn;
  tcb->send_end = send_isn + 1;
  tcb->recover = send_isn;
}

/* The peer's SYN: its number, its window and what the two agree on. */
static void
take_syn (Tcb *tcb, const TcpSegment *syn, int64_t tick)
{
  uint32_t offered = tcb->rcv_adv - tcb->RcvNxt;
  tcb->RcvNxt = syn->seq + 1;
  tcb->rcv_adv = tcb->RcvNxt + offered;
  tcb->last_ack_sent = tcb->RcvNxt;
  tcb->bits |= TCP_BIT_FIRST_ACK;
  tcb->SndWnd = syn->window;
  tcb->MaxSndWnd = syn->window;
  tcb->SendWL1 = syn->seq;
  tcb->ts_recent_tick = tick;
  tcp_options_agree (tcb, syn);
}

static void
establish (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  bool syn_lost = tcb->RetransmitCount > 0;
  tcp_rtt_acked (tcb, segment, tick);
  if (tcb->SRtt == 0 && syn_lost)
    tcb->RttVar = (uint16_t)(RTO_AFTER_LOST_SYN_S * tcb->config->ticks_per_s);
  tcb->SndUna++;
  if (tcp_seq_before (tcb->SndNxt, tcb->SndUna))
    tcb->SndNxt = tcb->SndUna;
  tcb->recover = tcb->SndUna - 1;
  tcb->RetransmitCount = 0;
  tcb->backoff = 0;
  tcb->TotalRT = 0;
  tcb->last_send_tick = tick;

  bool stepped = tcp_state_step (tcb, TCP_EVENT_SYN_ACKED);
  SIM_ASSERT (stepped);
  if ((tcb->bits & TCP_BIT_FIN_QUEUED) != 0)
    tcp_state_step (tcb, TCP_EVENT_CLOSE);
  tcp_congestion_open (tcb, syn_lost);
  tcp_keepalive_restart (tcb, tick);
  tcp_slot_restart (tcb, tick);
  news->events |= TCP_NEWS_CONNECTED | TCP_NEWS_PROGRESS;
}

TcpNews
tcp_handshake_listen (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  if ((segment->flags & (TCP_RST | TCP_ACK | TCP_SYN)) != TCP_SYN) {
    if ((segment->flags & (TCP_RST | TCP_ACK)) == TCP_ACK)
      refuse (tcb, segment);
    return (TcpNews){ 0 };
  }
  take_syn (tcb, segment, tick);
  bool stepped = tcp_state_step (tcb, TCP_EVENT_SYN);
  SIM_ASSERT (stepped);
  return (TcpNews){ 0 }; /* SndNxt is still SndUna: a SYN+ACK is due */
}

TcpNews
tcp_handshake_syn_sent (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  TcpNews news = { 0 };
  bool has_ack = (segment->flags & TCP_ACK) != 0;
  bool ack_is_good = has_ack && tcb->SndMax != tcb->SndUna && segment->ack == tcb->SndUna + 1;
  if (has_ack && !ack_is_good) {
    refuse (tcb, segment);
    return news;
  }
  if ((segment->flags & TCP_RST) != 0)
    return ack_is_good ? tcp_teardown (tcb, TCP_EVENT_RESET, TCP_NEWS_RESET) : news;
  if ((segment->flags & TCP_SYN) == 0)
    return news;

  take_syn (tcb, segment, tick);
  if (ack_is_good) {
    establish (tcb, segment, tick, &news);
    tcb->bits |= TCP_BIT_DUE_ACK;
    return news;
  }
  bool stepped = tcp_state_step (tcb, TCP_EVENT_SYN); /* simultaneous open */
  SIM_ASSERT (stepped);
  tcb->SndNxt = tcb->SndUna;
  return news;
}

bool
tcp_handshake_acked (Tcb *tcb, const TcpSegment *segment, int64_t tick, TcpNews *news)
{
  SIM_ASSERT (tcp_state (tcb) == TcpConnectionSynRcvd);
  if (tcb->SndMax == tcb->SndUna || segment->ack != tcb->SndUna + 1) {
    refuse (tcb, segment);
    return false;
  }
  tcb->SndWnd = (uint32_t)segment->window << tcb->SndWindScale;
  tcb->MaxSndWnd = tcb->SndWnd > tcb->MaxSndWnd ? tcb->SndWnd : tcb->MaxSndWnd;
  tcb->SendWL1 = segment->seq;
  establish (tcb, segment, tick, news);
  return true;
}

TcpNews
tcp_hard_error (Tcb *tcb, uint32_t seq)
{
  bool is_connecting =
      tcp_state (tcb) == TcpConnectionSynSent || tcp_state (tcb) == TcpConnectionSynRcvd;
  if (!is_connecting || seq - tcb->SndUna >= tcb->SndMax - tcb->SndUna)
    return (TcpNews){ 0 };
  return tcp_teardown (tcb, TCP_EVENT_RESET, TCP_NEWS_RESET);
}

bool
tcp_refuse (const TcpSegment *segment, TcpSegment *ret_reset)
{
  if ((segment->flags & TCP_RST) != 0)
    return false;
  *ret_reset = (TcpSegment){ .tuple = tcp_tuple_reversed (segment->tuple),
                             .connection_id = segment->connection_id,
                             .flags = TCP_RST,
                             .ip_version = segment->ip_version,
                             .ttl = REFUSAL_TTL };
  if ((segment->flags & TCP_ACK) != 0) {
    ret_reset->seq = segment->ack;
  } else {
    ret_reset->flags |= TCP_ACK;
    ret_reset->ack = segment->seq + tcp_segment_sequence_bytes (segment);
  }
  return true;
}

bool
tcp_time_wait_yields (const Tcb *tcb, const TcpSegment *syn)
{
  if (tcp_state (tcb) != TcpConnectionTimeWait
      || (syn->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
    return false;
  bool both_stamped = (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0
                      && (syn->options & TCP_OPTION_TIMESTAMP) != 0;
  if (both_stamped && syn->ts_value != tcb->TsRecent)
    return tcp_seq_before (tcb->TsRecent, syn->ts_value);
  return tcp_seq_before (tcb->RcvNxt, syn->seq);
}
