#include "models/tcp/rtt.h"

#include "models/tcp/store.h"
#include "models/tcp/timer.h"

#define SRTT_TICKS_MAX (UINT16_MAX >> 3)

void
tcp_rtt_sample (Tcb *tcb, uint32_t rtt_ticks)
{
  int32_t rtt = rtt_ticks < 1                ? 1
                : rtt_ticks > SRTT_TICKS_MAX ? SRTT_TICKS_MAX
                                             : (int32_t)rtt_ticks;
  tcb->backoff = 0;
  tcp_counters (tcb)->rtt_samples++;
  if (tcb->SRtt == 0) { /* RFC 6298 2.2 */
    tcb->SRtt = (uint16_t)(rtt << 3);
    tcb->RttVar = (uint16_t)(rtt << 1);
    return;
  }
  /* RFC 6298 2.3, with SRtt = 8 SRTT and RttVar = 4 RTTVAR. */
  int32_t error = rtt - (tcb->SRtt >> 3);
  int32_t magnitude = error < 0 ? -error : error;
  int32_t variation = tcb->RttVar + magnitude - (tcb->RttVar >> 2);
  tcb->SRtt = (uint16_t)(tcb->SRtt + error);
  tcb->RttVar = (uint16_t)(variation > UINT16_MAX ? UINT16_MAX : variation);
}

void
tcp_rtt_acked (Tcb *tcb, const TcpSegment *segment, int64_t tick)
{
  if ((tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0) {
    uint32_t rtt_ticks = tcp_timestamp (tcb, tick) - segment->ts_echo;
    if ((segment->options & TCP_OPTION_TIMESTAMP) != 0 && rtt_ticks <= INT32_MAX)
      tcp_rtt_sample (tcb, rtt_ticks);
  } else if ((tcb->bits & TCP_BIT_TIMING_RTT) != 0 && tcp_seq_before (tcb->rtt_seq, segment->ack)) {
    tcb->bits &= ~(uint32_t)TCP_BIT_TIMING_RTT;
    int64_t rtt_ticks = tick - tcb->rtt_tick;
    tcp_rtt_sample (tcb, rtt_ticks > INT32_MAX ? INT32_MAX : (uint32_t)rtt_ticks);
  }
}

void
tcp_rtt_sent (Tcb *tcb, uint32_t seq, int64_t tick)
{
  if ((tcb->bits & TCP_BIT_TIMING_RTT) != 0)
    return;
  tcb->bits |= TCP_BIT_TIMING_RTT;
  tcb->rtt_seq = seq;
  tcb->rtt_tick = tick;
}

void
tcp_rtt_resent (Tcb *tcb, uint32_t seq)
{
  /* Karn: an ACK up to the timed byte could be for either copy, or held back by the lost one. */
  if (tcp_seq_at_or_before (seq, tcb->rtt_seq))
    tcb->bits &= ~(uint32_t)TCP_BIT_TIMING_RTT;
}

static uint32_t
max_u32 (uint32_t a, uint32_t b)
{
  return a > b ? a : b;
}

static uint32_t
variance_min_ticks (const TcpConfig *config)
{
  return max_u32 (config->rto_variance_min_ticks, 1);
}

uint32_t
tcp_rto_ticks (const Tcb *tcb)
{
  const TcpConfig *config = tcb->config;
  uint32_t rto = config->rto_initial_ticks;
  if (tcb->SRtt != 0)
    rto = (uint32_t)(tcb->SRtt >> 3) + max_u32 (tcb->RttVar, variance_min_ticks (config));
  else if (tcb->RttVar != 0)
    rto = tcb->RttVar; /* RFC 6298 5.7: the SYN was lost */
  if (rto < config->rto_min_ticks)
    rto = config->rto_min_ticks;
  return rto < config->rto_max_ticks ? rto : config->rto_max_ticks;
}

uint32_t
tcp_rto_shifted_ticks (const Tcb *tcb, uint32_t doublings)
{
  uint64_t rto = (uint64_t)tcp_rto_ticks (tcb) << (doublings < 31 ? doublings : 31);
  return rto < tcb->config->rto_max_ticks ? (uint32_t)rto : tcb->config->rto_max_ticks;
}
