#include "models/tcp/options.h"

#include "sim/assert.h"

#define IP4_AND_TCP_HEADER_BYTES 40
#define IP6_AND_TCP_HEADER_BYTES 60
/* RFC 791's least datagram less the headers leaves little; this much data every link carries. */
#define SMSS_BYTES_MIN 8

uint16_t
tcp_options_mss_of_mtu (uint32_t path_mtu_bytes, uint8_t ip_version)
{
  uint32_t headers = ip_version == 6 ? IP6_AND_TCP_HEADER_BYTES : IP4_AND_TCP_HEADER_BYTES;
  uint32_t mss = path_mtu_bytes > headers ? path_mtu_bytes - headers : 0;
  return mss < UINT16_MAX ? (uint16_t)mss : UINT16_MAX;
}

/* RFC 6691: an MSS does not know of options, which come off the payload. */
static uint16_t
payload_of_mss (const Tcb *tcb, uint32_t mss)
{
  uint32_t options = (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0 ? TCP_TIMESTAMP_BYTES : 0;
  return (uint16_t)(mss > options + SMSS_BYTES_MIN ? mss - options : SMSS_BYTES_MIN);
}

void
tcp_options_size_segments (Tcb *tcb)
{
  uint32_t mss = tcp_options_mss_of_mtu (tcb->path_mtu_bytes, tcb->ip_version);
  tcb->smss = payload_of_mss (tcb, tcb->RemoteMss < mss ? tcb->RemoteMss : mss);
  tcb->peer_smss = payload_of_mss (tcb, tcb->local_mss);
}

void
tcp_options_offer (const Tcb *tcb, TcpSegment *syn)
{
  if ((tcb->bits & TCP_BIT_NO_OPTIONS) == 0) {
    syn->options |= TCP_OPTION_MSS;
    syn->mss = tcb->local_mss;
  }
  if ((tcb->const_flags & TCP_FLAG_WINDOW_SCALING_ENABLED) != 0) {
    syn->options |= TCP_OPTION_WINDOW_SCALE;
    syn->window_scale = tcb->RcvWindScale;
  }
  if ((tcb->const_flags & TCP_FLAG_SACK_ENABLED) != 0)
    syn->options |= TCP_OPTION_SACK_PERMITTED;
  if ((tcb->bits & TCP_BIT_ECN_OFFER) != 0)
    syn->flags |= (syn->flags & TCP_ACK) != 0 ? TCP_ECE : TCP_ECE | TCP_CWR;
}

static void
agree_ecn (Tcb *tcb, const TcpSegment *syn)
{
  uint8_t marks = syn->flags & (TCP_ECE | TCP_CWR);
  uint8_t wanted = (syn->flags & TCP_ACK) != 0 ? TCP_ECE : TCP_ECE | TCP_CWR;
  bool crosses = (tcb->bits & TCP_BIT_ECN_ACCEPT) != 0 && (syn->flags & TCP_ACK) == 0;
  if (((tcb->bits & TCP_BIT_ECN_OFFER) != 0 || crosses) && marks == wanted)
    tcb->bits |= TCP_BIT_ECN | TCP_BIT_ECN_OFFER; /* our SYN+ACK says so, RFC 3168 6.1.1 */
  else
    tcb->bits &= ~(uint32_t)(TCP_BIT_ECN_OFFER | TCP_BIT_ECN);
}

void
tcp_options_agree (Tcb *tcb, const TcpSegment *syn)
{
  tcb->RemoteMss = tcb->ip_version == 6 ? TCP_MSS_DEFAULT_IP6 : TCP_MSS_DEFAULT_IP4;
  if ((syn->options & TCP_OPTION_MSS) != 0)
    tcb->RemoteMss = syn->mss;

  if ((syn->options & TCP_OPTION_WINDOW_SCALE) != 0
      && (tcb->const_flags & TCP_FLAG_WINDOW_SCALING_ENABLED) != 0) {
    /* RFC 7323 2.3: a larger shift counts as 14. */
    tcb->SndWindScale =
        syn->window_scale < TCP_WINDOW_SCALE_MAX ? syn->window_scale : TCP_WINDOW_SCALE_MAX;
  } else {
    tcb->const_flags &= (uint8_t)~TCP_FLAG_WINDOW_SCALING_ENABLED;
    tcb->SndWindScale = 0;
    tcb->RcvWindScale = 0;
  }
  if ((syn->options & TCP_OPTION_SACK_PERMITTED) == 0)
    tcb->const_flags &= (uint8_t)~TCP_FLAG_SACK_ENABLED;
  if ((syn->options & TCP_OPTION_TIMESTAMP) == 0)
    tcb->const_flags &= (uint8_t)~TCP_FLAG_TIMESTAMP_ENABLED;
  else
    tcb->TsRecent = syn->ts_value;
  agree_ecn (tcb, syn);
  tcp_options_size_segments (tcb);
}
