/*
 * Fuzzing the TCP engine with libFuzzer: any bytes are an owner, a peer and a clock.
 *
 * An input opens a connection in some way and goes on with acts: segments as no peer would send
 * them and as one would, writes, reads, closes, timers, hand-overs to the other role.  After each
 * the engine's invariants are checked, each segment that it sends, and each byte that it delivers.
 *
 * Build with clang and -fsanitize=fuzzer,address,undefined; seeds are in corpus/segment.
 */
#include <glib.h>
#include <string.h>

#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/tcp.h"
#include "models/tcp/timer.h"
#include "models/tcp/window.h"
#include "sim/assert.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define STREAM_IN TCP_STREAM (3, TCP_FROM_PEER)
#define QUEUE_BYTES_MAX 20000
#define PULLED_MAX 50000 /* with SACK blocks in a least segment a byte goes at a time: twice that */
#define DAYS_MAX 90

typedef struct Fuzz {
  const uint8_t *data, *end;
  TcpConfig config[2]; /* by TcpRole */
  Tcb tcb;
  SimTime now;
  uint64_t written, acked;           /* our stream */
  uint64_t arrived, taken, consumed; /* the peer's: counted by RcvNxt, by reads */
  uint32_t rcv_nxt;                  /* when |arrived| was counted last */
  uint32_t right_edge;               /* of the window told last */
  bool told;                         /* |right_edge| is valid */
} Fuzz;

/* The input as numbers; zeros behind its end. */
static uint32_t
next_byte (Fuzz *f)
{
  return f->data < f->end ? *f->data++ : 0;
}

static uint32_t
next_u16 (Fuzz *f)
{
  uint32_t high = next_byte (f);
  return high << 8 | next_byte (f);
}

static bool
bit (uint32_t bits, int n)
{
  return (bits >> n & 1) != 0;
}

/* Opening */

static void
configure (Fuzz *f, TcpRole role, uint32_t bits)
{
  static const uint32_t ticks_per_s[] = { 1000, 100, 10, 1000 };
  f->config[role] = (TcpConfig){
    .store = tcp_store_new (0, bit (bits, 7) ? 3 : 0),
    .role = role,
    .ticks_per_s = ticks_per_s[bits & 3],
    .ack_frequency = bit (bits, 2) ? 1 : 2,
    .delayed_ack_ticks = bit (bits, 3) ? 0 : 20,
    .retransmissions_max = 4,
    .doubt_retransmissions = 2,
    .sws_prevention_ticks = bit (bits, 4) ? 0 : 30,
    .duplicate_ack_threshold = bit (bits, 5) ? 1 : 3,
    .rto_initial_ticks = 100,
    .rto_min_ticks = bit (bits, 6) ? 1 : 20,
    .rto_max_ticks = 6000,
    .fin_wait_2_ticks = bit (bits, 8) ? 0 : 500,
    .time_wait_ticks = 400,
    .keepalive_timeout_ticks = 700,
    .keepalive_interval_ticks = 100,
    .keepalive_probes = 3,
    .initial_window_segments = bit (bits, 9) ? 64 : 2,
    .slow_start_limit_segments = bit (bits, 10) ? 4 : 0,
    .ttl = 64,
    .congestion = bit (bits, 11) ? TCP_CONGESTION_CUBIC : TCP_CONGESTION_NEWRENO,
    .supports_sack = !bit (bits, 12),
    .supports_ecn = bit (bits, 13),
    .limited_transmit = !bit (bits, 14),
    .challenges_syn_at_next = bit (bits, 15),
    .window_follows = bit (bits, 2) && bit (bits, 15),
    .timestamp_clock_offset = role == TCP_ROLE_TARGET ? UINT32_C (4000000000) : 0,
  };
}

static TcpSetup
setup_of (Fuzz *f)
{
  static const uint32_t isn[] = { 0, 1000, UINT32_MAX - 2000, UINT32_C (0x7FFFFFFF) };
  static const uint32_t window[] = { 65535, 1, 3000, 1 << 20 };
  uint32_t bits = next_u16 (f);
  return (TcpSetup){ .connection_id = 3,
                     .tuple = { 1, 2, 4000, 80 },
                     .ip_version = bit (bits, 0) ? 6 : 4,
                     .send_isn = isn[bits >> 1 & 3],
                     .receive_isn = isn[bits >> 3 & 3],
                     .receive_window_bytes = window[bits >> 5 & 3],
                     .peer_window_bytes = window[bits >> 7 & 3],
                     .local_mss = 1460,
                     .remote_mss = bit (bits, 9) ? 100 : 1460,
                     .send_window_scale = bit (bits, 10) ? 14 : 0,
                     .receive_window_scale = bit (bits, 10) ? 7 : 0,
                     .window_scaling = bit (bits, 10),
                     .timestamps = bit (bits, 11),
                     .sack = bit (bits, 12),
                     .ecn = bit (bits, 13),
                     .nagle = bit (bits, 14),
                     .keepalive = bit (bits, 15),
                     .path_mtu_bytes = 1500 };
}

static void
open_connection (Fuzz *f)
{
  uint32_t how = next_byte (f);
  uint32_t bits = next_u16 (f);
  configure (f, TCP_ROLE_HOST, bits);
  configure (f, TCP_ROLE_TARGET, bits);
  TcpSetup setup = setup_of (f);
  const TcpConfig *config = &f->config[TCP_ROLE_HOST];

  f->now = sim_time_add (SIM_TIME_ZERO, sim_ms (next_byte (f)));
  switch (how & 3) {
  case 0:
    tcp_init_connect (&f->tcb, config, &setup, f->now);
    break;
  case 1:
    tcp_init_listen (&f->tcb, config, &setup, f->now);
    break;
  default:
    tcp_init_established (&f->tcb, config, &setup, f->now);
    break;
  }
  f->rcv_nxt = f->tcb.RcvNxt;
}

/* Invariants */

static void
check_send_side (const Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  SIM_ASSERT (tcp_seq_at_or_before (tcb->SndUna, tcb->SndNxt));
  SIM_ASSERT (tcp_seq_at_or_before (tcb->SndNxt, tcb->SndMax));
  SIM_ASSERT (tcp_seq_at_or_before (tcb->SndMax, tcb->send_end + 1));
  SIM_ASSERT (tcb->SndWnd <= tcb->MaxSndWnd);
  SIM_ASSERT (tcb->smss > 0);
  if (tcp_state_is_synchronized (tcp_state (tcb))) /* earlier, it is not yet known how much fits */
    SIM_ASSERT (tcb->CWnd >= tcb->smss);
  if (tcp_state (tcb) != TcpConnectionClosed)
    SIM_ASSERT (f->acked + tcp_unacked_bytes (tcb) == f->written);
}

static void
check_receive_side (const Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  SIM_ASSERT (tcp_seq_at_or_before (tcb->RcvNxt, tcb->rcv_adv));
  SIM_ASSERT (tcp_seq_at_or_before (tcb->last_ack_sent, tcb->RcvNxt));
  SIM_ASSERT (f->taken <= f->arrived);
  SIM_ASSERT (tcb->rcv_held_bytes == f->arrived - f->consumed);
}

static void
check_list (const TcpBlock *block, uint32_t from, uint32_t to, uint64_t *ret_bytes)
{
  *ret_bytes = 0;
  for (; block != NULL; block = block->next) {
    SIM_ASSERT (block->range.bytes > 0);
    SIM_ASSERT (tcp_seq_at_or_before (from, block->seq));
    from = tcp_block_end (block);
    SIM_ASSERT (tcp_seq_at_or_before (from, to));
    *ret_bytes += block->range.bytes;
  }
}

static void
check_disorder (const Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  const TcpDisorder *d = tcb->disorder;
  uint64_t bytes;
  if (d == NULL)
    return;
  /* The text of a SYN that crossed ours waits at RcvNxt. */
  uint32_t gap = tcp_state (tcb) == TcpConnectionSynRcvd ? 0 : 1;
  check_list (d->queue, tcb->RcvNxt + gap, tcb->rcv_adv, &bytes);
  check_list (d->board, tcb->SndUna, tcb->SndMax, &bytes);
  SIM_ASSERT (bytes == d->board_bytes);
}

static void
check_timers (const Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  int64_t first = TCP_TICK_NEVER;
  for (int timer = 0; timer < TCP_N_TIMERS; timer++)
    first = MIN (first, tcb->timer[timer]);
  SIM_ASSERT (tcb->deadline_tick == first);
  if (tcp_state (tcb) != TcpConnectionClosed)
    return;
  SIM_ASSERT (first == TCP_TICK_NEVER);
  SIM_ASSERT (tcb->disorder == NULL);
}

static void
check (Fuzz *f)
{
  check_send_side (f);
  check_receive_side (f);
  check_disorder (f);
  check_timers (f);
}

static void
take_news (Fuzz *f, TcpNews news)
{
  f->acked += news.acked_bytes;
  SIM_ASSERT (f->acked <= f->written);
  bool is_closed = tcp_state (&f->tcb) == TcpConnectionClosed;
  SIM_ASSERT (is_closed || (news.events & TCP_NEWS_CLOSED) == 0);
}

/* What RcvNxt has moved by; SYN and FIN take a number and are no bytes. */
static void
count_arrived (Fuzz *f, bool was_synchronized, uint32_t events)
{
  uint32_t moved = f->tcb.RcvNxt - f->rcv_nxt;
  f->rcv_nxt = f->tcb.RcvNxt;
  if (!was_synchronized) {
    f->arrived = f->tcb.rcv_held_bytes + f->consumed; /* the SYN, and what came along */
    return;
  }
  SIM_ASSERT (moved <= INT32_MAX);
  f->arrived += moved - ((events & TCP_NEWS_FIN) != 0 ? 1 : 0);
}

/* Sending */

static void
check_sent (Fuzz *f, const TcpSegment *s, uint32_t una, uint32_t window)
{
  const Tcb *tcb = &f->tcb;
  uint32_t end = s->seq + s->payload.bytes;
  SIM_ASSERT (s->payload.bytes <= tcb->smss);
  if (s->payload.bytes > 0) {
    bool is_probe = window == 0 && s->payload.bytes == 1;
    SIM_ASSERT (tcp_seq_at_or_before (una, s->seq));
    SIM_ASSERT (tcp_seq_at_or_before (end, tcb->send_end));
    SIM_ASSERT (is_probe || window == 0 || tcp_seq_at_or_before (end, tcb->SndMax));
  }
  if ((s->flags & (TCP_RST | TCP_ACK)) != TCP_ACK || (s->flags & TCP_SYN) != 0)
    return;
  uint32_t edge = s->ack + ((uint32_t)s->window << tcb->RcvWindScale);
  SIM_ASSERT (s->ack == tcb->RcvNxt);
  SIM_ASSERT (tcp_seq_at_or_before (edge, tcb->rcv_adv));
  /* RFC 9293 3.8.6: the edge moves left by what scaling rounds off, and by no more. */
  if (f->told)
    SIM_ASSERT (tcp_seq_before (f->right_edge, edge + (UINT32_C (1) << tcb->RcvWindScale)));
  f->right_edge = edge;
  f->told = true;
}

static void
transmit (Fuzz *f)
{
  TcpSegment segment;
  uint32_t pulled = 0;
  for (;;) {
    uint32_t una = f->tcb.SndUna;
    uint32_t window = f->tcb.SndWnd;
    bool is_due = tcp_transmit_is_due (&f->tcb, f->now);
    if (!tcp_transmit (&f->tcb, 0, f->now, &segment))
      break;
    SIM_ASSERT (is_due);
    SIM_ASSERT (++pulled < PULLED_MAX);
    check_sent (f, &segment, una, window);
    check (f);
  }
  SIM_ASSERT (!tcp_transmit_is_due (&f->tcb, f->now));
}

/* Receiving */

static TcpSegment
plain_segment (const Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  return (TcpSegment){ .tuple = tcp_tuple_reversed (tcb->tuple),
                       .connection_id = 3,
                       .seq = tcb->RcvNxt,
                       .ack = tcb->SndMax,
                       .ts_value = tcb->TsRecent,
                       .ts_echo = (uint32_t)tcp_tick (tcb->config, f->now)
                                  + tcb->config->timestamp_clock_offset + tcb->ts_delta,
                       .window = 60000,
                       .flags = TCP_ACK,
                       .options = (tcb->const_flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0
                                      ? TCP_OPTION_TIMESTAMP
                                      : 0,
                       .ip_version = tcb->ip_version,
                       .ttl = 64 };
}

static void
receive (Fuzz *f, TcpSegment *s)
{
  bool was_synchronized = tcp_state_is_synchronized (tcp_state (&f->tcb))
                          || tcp_state (&f->tcb) == TcpConnectionSynRcvd;
  /* Byte k of the stream stands where RcvNxt would be after k bytes; a SYN stands before them. */
  uint32_t first = s->seq + ((s->flags & TCP_SYN) != 0 ? 1 : 0);
  uint32_t base = was_synchronized ? f->tcb.RcvNxt : first;
  s->payload.stream_id = STREAM_IN;
  s->payload.offset = f->arrived + (uint64_t)(int64_t)tcp_seq_diff (first, base);
  TcpNews news = tcp_receive (&f->tcb, s, f->now);
  count_arrived (f, was_synchronized, news.events);
  take_news (f, news);
}

/* A number near one that matters. */
static uint32_t
near (Fuzz *f, const uint32_t *marks, uint32_t n_marks)
{
  uint32_t choice = next_byte (f);
  uint32_t mark = marks[(choice & 7) % n_marks];
  switch (choice >> 3 & 3) {
  case 0:
    return mark;
  case 1:
    return mark + next_byte (f) - 128;
  case 2:
    return mark + next_u16 (f);
  default:
    return mark - next_u16 (f);
  }
}

static void
add_options (Fuzz *f, TcpSegment *s)
{
  const Tcb *tcb = &f->tcb;
  const uint32_t stamps[] = { tcb->TsRecent, tcb->TsRecent + 1, s->ts_echo, UINT32_MAX / 2 };
  const uint32_t blocks[] = { tcb->SndUna, tcb->SndNxt, tcb->SndMax, tcb->send_end };
  s->options = (uint8_t)next_byte (f) & 0x1F;
  s->mss = (uint16_t)next_u16 (f);
  s->window_scale = (uint8_t)next_byte (f);
  if ((s->options & TCP_OPTION_TIMESTAMP) != 0) {
    s->ts_value = near (f, stamps, 4);
    s->ts_echo = near (f, stamps, 4);
  }
  if ((s->options & TCP_OPTION_SACK) != 0) {
    s->n_sack = (uint8_t)(next_byte (f) % (TCP_SACK_BLOCKS_MAX + 1));
    for (int i = 0; i < s->n_sack; i++)
      s->sack[i] = (TcpSackBlock){ near (f, blocks, 4), near (f, blocks, 4) };
  }
}

static void
act_any_segment (Fuzz *f)
{
  const Tcb *tcb = &f->tcb;
  const uint32_t seqs[] = { tcb->RcvNxt, tcb->RcvNxt - 1, tcb->rcv_adv, tcb->rcv_adv - 1 };
  const uint32_t acks[] = { tcb->SndUna, tcb->SndNxt, tcb->SndMax, tcb->send_end };
  TcpSegment s = plain_segment (f);
  uint32_t shape = next_byte (f);
  s.flags = (uint8_t)next_byte (f);
  s.seq = near (f, seqs, 4);
  s.ack = near (f, acks, 4);
  if (bit (shape, 0))
    s.payload.bytes = bit (shape, 1) ? next_u16 (f) : next_byte (f);
  if (bit (shape, 2))
    s.window = (uint16_t)next_u16 (f);
  if (bit (shape, 3))
    add_options (f, &s);
  if (bit (shape, 4))
    s.tos = 3;
  if (bit (shape, 5))
    s.urgent_pointer = (uint16_t)next_u16 (f);
  receive (f, &s);
}

static void
act_data (Fuzz *f)
{
  TcpSegment s = plain_segment (f);
  uint32_t shape = next_byte (f);
  s.payload.bytes = 1 + next_u16 (f) % 1460;
  s.seq += (shape & 7) * 1000; /* a gap */
  s.ts_value += shape >> 3 & 1;
  if (bit (shape, 4))
    s.flags |= TCP_PSH;
  if (bit (shape, 5))
    s.flags |= TCP_FIN;
  if (bit (shape, 6))
    s.ack = f->tcb.SndUna;
  receive (f, &s);
}

static void
act_acknowledgment (Fuzz *f)
{
  TcpSegment s = plain_segment (f);
  uint32_t shape = next_byte (f);
  uint32_t flight = f->tcb.SndMax - f->tcb.SndUna;
  s.ack = f->tcb.SndUna + (uint32_t)((uint64_t)flight * (shape & 7) / 7);
  s.ts_value += shape >> 3 & 1;
  s.window = (uint16_t)(bit (shape, 4) ? next_u16 (f) : f->tcb.SndWnd >> f->tcb.SndWindScale);
  if (bit (shape, 5) && flight > 0) {
    s.options |= TCP_OPTION_SACK;
    s.n_sack = 1;
    s.sack[0].left = f->tcb.SndUna + next_u16 (f) % flight;
    s.sack[0].right = s.sack[0].left + 1 + next_u16 (f) % flight;
  }
  if (bit (shape, 6))
    s.flags |= TCP_ECE;
  receive (f, &s);
}

/* What answers whatever stands before the connection now. */
static void
act_handshake (Fuzz *f)
{
  TcpSegment s = plain_segment (f);
  uint32_t shape = next_byte (f);
  s.flags = TCP_SYN | (bit (shape, 0) ? TCP_ACK : 0);
  s.seq = bit (shape, 1) ? UINT32_MAX - 5 : 70000;
  s.ack = f->tcb.SndUna + 1;
  s.options = (uint8_t)(shape >> 2 & 0x0F);
  s.mss = bit (shape, 6) ? 536 : 1460;
  s.window_scale = 7;
  receive (f, &s);
}

static void
act_read (Fuzz *f)
{
  TcpRange range;
  uint32_t limit = next_byte (f) * 100;
  uint32_t ranges_max = 1 + next_byte (f) % 8;
  for (uint32_t i = 0; i < ranges_max && tcp_take_received (&f->tcb, limit, &range); i++) {
    SIM_ASSERT (range.stream_id == STREAM_IN);
    SIM_ASSERT (range.offset == f->taken);
    SIM_ASSERT (range.bytes > 0);
    f->taken += range.bytes;
    SIM_ASSERT (f->taken <= f->arrived);
  }
}

static void
act_consume (Fuzz *f)
{
  uint32_t bytes = next_u16 (f);
  uint64_t unconsumed = f->taken - f->consumed;
  bytes = (uint32_t)MIN (bytes, unconsumed);
  tcp_consume (&f->tcb, bytes, f->now);
  f->consumed += bytes;
}

/* The user */

static void
act_write (Fuzz *f)
{
  uint32_t bytes = next_u16 (f);
  Tcb *tcb = &f->tcb;
  if (!tcp_state_can_send (tcp_state (tcb)) || (tcb->bits & TCP_BIT_FIN_QUEUED) != 0)
    return;
  if (tcp_unacked_bytes (tcb) + bytes > QUEUE_BYTES_MAX)
    return;
  tcp_send (tcb, bytes);
  f->written += bytes;
}

static bool
has_row (const Fuzz *f, TcpStateEvent event)
{
  TCP_OFFLOAD_CONNECTION_STATE next;
  return tcp_state_next (tcp_state (&f->tcb), event, &next);
}

static void
act_close (Fuzz *f)
{
  bool may = (f->tcb.bits & TCP_BIT_FIN_QUEUED) == 0
             && (has_row (f, TCP_EVENT_CLOSE) || tcp_state (&f->tcb) == TcpConnectionSynRcvd);
  if (may)
    take_news (f, tcp_close (&f->tcb, f->now));
}

static void
act_abort (Fuzz *f)
{
  if (next_byte (f) == 7 && has_row (f, TCP_EVENT_ABORT))
    take_news (f, tcp_abort (&f->tcb, f->now));
}

static void
act_change (Fuzz *f)
{
  TCP_OFFLOAD_STATE_CACHED cached;
  uint32_t what = next_byte (f);
  if (bit (what, 0))
    tcp_hurry_ack (&f->tcb);
  if (bit (what, 1))
    tcp_set_path_mtu (&f->tcb, 68 + next_u16 (f) % 9000);
  if (!bit (what, 2))
    return;
  tcp_export_cached (&f->tcb, &cached);
  cached.Flags = (uint16_t)(next_byte (f) & 0x1F);
  cached.InitialRcvWnd = 1 + next_u16 (f);
  cached.MaxRT = bit (what, 3) ? next_u16 (f) : 0;
  tcp_update_cached (&f->tcb, &cached, f->now);
}

/* Time */

static void
expire (Fuzz *f)
{
  if (!sim_time_before (f->now, tcp_deadline (&f->tcb)))
    take_news (f, tcp_expire (&f->tcb, f->now));
}

static bool
may_go_to (SimTime then)
{
  return then.ps < (int64_t)DAYS_MAX * 86400 * SIM_PS_PER_S;
}

static void
act_wait (Fuzz *f)
{
  SimTime then = sim_time_add (f->now, sim_ms (next_byte (f)));
  if (may_go_to (then))
    f->now = then;
  expire (f);
}

static void
act_deadline (Fuzz *f)
{
  SimTime then = tcp_deadline (&f->tcb);
  if (sim_time_is_never (then) || !may_go_to (then))
    return;
  f->now = sim_time_max (f->now, then);
  expire (f);
}

/* Hand-over */

typedef struct Crossing {
  TCP_OFFLOAD_STATE_CONST constants;
  TCP_OFFLOAD_STATE_CACHED cached;
  TCP_OFFLOAD_STATE_DELEGATED delegated;
} Crossing;

static Crossing
export_all (const Tcb *tcb, SimTime now)
{
  Crossing c;
  memset (&c, 0, sizeof c);
  tcp_export_const (tcb, &c.constants);
  tcp_export_cached (tcb, &c.cached);
  tcp_export_delegated (tcb, now, &c.delegated);
  return c;
}

static void
check_same (const Crossing *a, const Crossing *b)
{
  const TCP_OFFLOAD_STATE_DELEGATED *x = &a->delegated, *y = &b->delegated;
  SIM_ASSERT (x->State == y->State && x->RcvNxt == y->RcvNxt && x->RcvWnd == y->RcvWnd);
  SIM_ASSERT (x->SndUna == y->SndUna && x->SndNxt == y->SndNxt && x->SndMax == y->SndMax);
  SIM_ASSERT (x->SndWnd == y->SndWnd && x->MaxSndWnd == y->MaxSndWnd);
  SIM_ASSERT (x->SendWL1 == y->SendWL1 && x->CWnd == y->CWnd && x->SsThresh == y->SsThresh);
  SIM_ASSERT (x->SRtt == y->SRtt && x->RttVar == y->RttVar && x->TsRecent == y->TsRecent);
  SIM_ASSERT (x->TsTime == y->TsTime && x->TotalRT == y->TotalRT);
  SIM_ASSERT (x->DupAckCount == y->DupAckCount && x->SndWndProbeCount == y->SndWndProbeCount);
  SIM_ASSERT (x->KeepAlive.ProbeCount == y->KeepAlive.ProbeCount);
  SIM_ASSERT (x->KeepAlive.TimeoutDelta == y->KeepAlive.TimeoutDelta);
  SIM_ASSERT (x->Retransmit.Count == y->Retransmit.Count);
  SIM_ASSERT (x->Retransmit.TimeoutDelta == y->Retransmit.TimeoutDelta);
  SIM_ASSERT (a->constants.Flags == b->constants.Flags);
  SIM_ASSERT (a->cached.InitialRcvWnd == b->cached.InitialRcvWnd);
}

static void
read_all (Fuzz *f)
{
  TcpRange range;
  while (tcp_take_received (&f->tcb, 0, &range)) {
    SIM_ASSERT (range.offset == f->taken);
    f->taken += range.bytes;
  }
}

static void
act_move (Fuzz *f)
{
  Tcb *tcb = &f->tcb;
  if (!tcp_state_can_offload (tcp_state (tcb)))
    return;
  tcp_flush_for_handover (tcb, f->now);
  transmit (f);
  read_all (f);
  SIM_ASSERT (tcb->delayed_segments == 0 || (tcb->bits & TCP_BIT_URGENT_HELD) != 0);
  TcpImport import = { .connection_id = 3,
                       .tuple = tcb->tuple,
                       .ip_version = tcb->ip_version,
                       .path_mtu_bytes = tcb->path_mtu_bytes,
                       .send_queue_bytes = tcp_unacked_bytes (tcb),
                       .undelivered_bytes = tcb->rcv_held_bytes,
                       .fin_queued = (tcb->bits & TCP_BIT_FIN_QUEUED) != 0 };
  TcpRole other = tcb->config->role == TCP_ROLE_HOST ? TCP_ROLE_TARGET : TCP_ROLE_HOST;
  Crossing before = export_all (tcb, f->now);
  tcp_clear (tcb);
  tcp_import (tcb, &f->config[other], &before.constants, &before.cached, &before.delegated, &import,
              f->now);
  Crossing after = export_all (tcb, f->now);
  check_same (&before, &after);
}

typedef void (*Act) (Fuzz *f);
static const Act acts[] = {
  act_any_segment, act_data,  act_acknowledgment, act_handshake, act_read, act_consume,
  act_write,       act_close, act_abort,          act_change,    act_wait, act_deadline,
  act_move,        transmit,  act_any_segment,    act_data,
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Fuzz fuzz = { .data = data, .end = data + size };
  Fuzz *f = &fuzz;
  open_connection (f);
  check (f);
  while (f->data < f->end) {
    uint32_t act = next_byte (f);
    acts[act & 15](f);
    check (f);
    if (bit (act, 4))
      transmit (f);
  }
  transmit (f);
  read_all (f);
  SIM_ASSERT (f->taken == f->arrived || tcp_state (&f->tcb) == TcpConnectionClosed);
  tcp_clear (&f->tcb);
  for (int role = 0; role < 2; role++) {
    SIM_ASSERT (tcp_store_connections (f->config[role].store) == 0);
    SIM_ASSERT (tcp_store_blocks (f->config[role].store) == 0);
    tcp_store_free (f->config[role].store);
  }
  return 0;
}
