/*
 * Two engines and a channel that loses, doubles and reorders.
 *
 * Functions are here and not in a file of their own because a test program is one file.
 *
 * Order       The earliest of arrivals and deadlines; end 0 before end 1; then as sent.
 * Owns        A Pair owns its stores; pair_clear gives all back.
 * Invariants  Every byte that arrives is checked: its stream, its place, and that it came once.
 */
#pragma once

#include "tests/support.h"

#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/tcp.h"
#include "sim/random.h"

typedef struct Pair Pair;

/* What a script does to one segment. */
typedef enum PairFate { PAIR_DELIVER, PAIR_DROP, PAIR_DELAY, PAIR_DOUBLE } PairFate;
typedef PairFate (*PairScript) (Pair *pair, int from, const TcpSegment *segment);

typedef struct PairEnd {
  TcpConfig config;
  TcpSetup setup;
  Tcb tcb;
  uint64_t to_write; /* not yet given to tcp_send */
  uint64_t written;
  uint64_t acked;
  uint64_t received;
  uint32_t events;
  uint32_t resets_sent;
  uint64_t segments_sent;
  uint64_t segments_resent;
  bool closes_when_written;
  bool closes_after_fin;
  bool reads_nothing;
} PairEnd;

typedef struct PairFlight {
  SimTime when;
  uint64_t order;
  int to;
  TcpSegment segment;
} PairFlight;

struct Pair {
  PairEnd end[2];
  SimTime now;
  SimDuration delay;
  PairScript script;     /* NULL: draws decide */
  uint32_t script_count; /* the script's own */
  uint32_t loss_permille, double_permille, delay_permille;
  SimStream stream;
  uint64_t draws;
  uint64_t sent;
  GArray *flights;
  uint64_t steps_max;
};

static inline TcpConfig
pair_config (void)
{
  return (TcpConfig){ .store = tcp_store_new (0, 0),
                      .role = TCP_ROLE_HOST,
                      .ticks_per_s = 1000,
                      .ack_frequency = 2,
                      .delayed_ack_ticks = 40,
                      .retransmissions_max = 15,
                      .sws_prevention_ticks = 200,
                      .duplicate_ack_threshold = 3,
                      .rto_initial_ticks = 1000,
                      .rto_min_ticks = 200,
                      .rto_max_ticks = 60000,
                      .fin_wait_2_ticks = 120000,
                      .time_wait_ticks = 60000,
                      .keepalive_timeout_ticks = 7200000,
                      .keepalive_interval_ticks = 1000,
                      .keepalive_probes = 10,
                      .initial_window_segments = 10,
                      .ttl = 64,
                      .limited_transmit = true,
                      .fast_convergence = true,
                      .supports_sack = true,
                      .supports_ecn = true };
}

static inline TcpSetup
pair_setup (int side)
{
  static const uint32_t isn[2] = { 1000, UINT32_C (4294900000) };
  return (TcpSetup){ .connection_id = 3,
                     .tuple =
                         side == 0 ? (TcpTuple){ 1, 2, 4000, 80 } : (TcpTuple){ 2, 1, 80, 4000 },
                     .ip_version = 4,
                     .send_isn = isn[side],
                     .receive_isn = isn[1 - side],
                     .receive_window_bytes = 65535,
                     .peer_window_bytes = 65535,
                     .local_mss = 1460,
                     .remote_mss = 1460,
                     .path_mtu_bytes = 1500 };
}

/* pair_prepare fills in what a test may then change before pair_establish. */
static inline void
pair_prepare (Pair *pair, uint64_t seed)
{
  *pair = (Pair){ .delay = sim_ms (10), .stream = sim_stream (seed, "pair"), .steps_max = 2000000 };
  pair->flights = g_array_new (FALSE, TRUE, sizeof (PairFlight));
  for (int side = 0; side < 2; side++) {
    pair->end[side].config = pair_config ();
    pair->end[side].setup = pair_setup (side);
  }
}

static inline void
pair_establish (Pair *pair)
{
  for (int side = 0; side < 2; side++)
    tcp_init_established (&pair->end[side].tcb, &pair->end[side].config, &pair->end[side].setup,
                          pair->now);
}

static inline void
pair_init (Pair *pair, uint64_t seed)
{
  pair_prepare (pair, seed);
  pair_establish (pair);
}

static inline void
pair_clear (Pair *pair)
{
  for (int side = 0; side < 2; side++) {
    tcp_clear (&pair->end[side].tcb);
    assert_int_equal (tcp_store_blocks (pair->end[side].config.store), 0);
    tcp_store_free (pair->end[side].config.store);
  }
  g_array_free (pair->flights, TRUE);
}

static inline uint32_t
pair_stream_of (int from)
{
  return TCP_STREAM (3, from == 0 ? TCP_TO_PEER : TCP_FROM_PEER);
}

static inline void
pair_fly (Pair *pair, int to, const TcpSegment *segment, SimDuration extra)
{
  PairFlight flight = { .when = sim_time_add (sim_time_add (pair->now, pair->delay), extra),
                        .order = pair->sent++,
                        .to = to,
                        .segment = *segment };
  g_array_append_val (pair->flights, flight);
}

static inline PairFate
pair_draw_fate (Pair *pair)
{
  uint64_t n = pair->draws++;
  if (sim_draw_chance (pair->stream, 0, n, pair->loss_permille, 1000))
    return PAIR_DROP;
  if (sim_draw_chance (pair->stream, 1, n, pair->double_permille, 1000))
    return PAIR_DOUBLE;
  if (sim_draw_chance (pair->stream, 2, n, pair->delay_permille, 1000))
    return PAIR_DELAY;
  return PAIR_DELIVER;
}

static inline void
pair_put (Pair *pair, int from, const TcpSegment *segment)
{
  PairFate fate = pair->script != NULL ? pair->script (pair, from, segment) : pair_draw_fate (pair);
  switch (fate) {
  case PAIR_DROP:
    return;
  case PAIR_DELAY:
    pair_fly (pair, 1 - from, segment,
              sim_us ((int64_t)sim_draw_below (pair->stream, 3, pair->draws++, 15000)));
    return;
  case PAIR_DOUBLE:
    pair_fly (pair, 1 - from, segment, sim_us (100));
    pair_fly (pair, 1 - from, segment, SIM_DURATION_ZERO);
    return;
  case PAIR_DELIVER:
    pair_fly (pair, 1 - from, segment, SIM_DURATION_ZERO);
    return;
  }
}

static inline void
pair_transmit (Pair *pair, int side)
{
  PairEnd *end = &pair->end[side];
  TcpSegment segment;
  while (tcp_transmit_is_due (&end->tcb, pair->now)) {
    uint32_t una = end->tcb.SndUna;
    uint32_t max = end->tcb.SndMax;
    if (!tcp_transmit (&end->tcb, 0, pair->now, &segment))
      continue;
    if (segment.payload.bytes > 0)
      segment.payload = (TcpRange){ .offset = end->acked + (segment.seq - una),
                                    .stream_id = pair_stream_of (side),
                                    .bytes = segment.payload.bytes };
    end->segments_sent++;
    if (tcp_segment_sequence_bytes (&segment) > 0 && tcp_seq_before (segment.seq, max))
      end->segments_resent++;
    if ((segment.flags & TCP_RST) != 0)
      end->resets_sent++;
    assert_true (segment.payload.bytes <= end->tcb.smss);
    pair_put (pair, side, &segment);
  }
}

static inline void
pair_write (PairEnd *end)
{
  uint64_t queued = tcp_unacked_bytes (&end->tcb);
  uint64_t chunk = queued < 200000 ? 200000 - queued : 0;
  if (chunk > end->to_write)
    chunk = end->to_write;
  if (chunk > 0 && tcp_state_can_send (tcp_state (&end->tcb))) {
    tcp_send (&end->tcb, (uint32_t)chunk);
    end->to_write -= chunk;
    end->written += chunk;
  }
}

static inline bool
pair_may_close (const PairEnd *end)
{
  TCP_OFFLOAD_CONNECTION_STATE next;
  return (end->tcb.bits & TCP_BIT_FIN_QUEUED) == 0
         && tcp_state_is_synchronized (tcp_state (&end->tcb))
         && tcp_state_next (tcp_state (&end->tcb), TCP_EVENT_CLOSE, &next);
}

static inline void
pair_settle (Pair *pair, int side, TcpNews news)
{
  PairEnd *end = &pair->end[side];
  TcpRange range;
  end->events |= news.events;
  end->acked += news.acked_bytes;
  while (!end->reads_nothing && tcp_take_received (&end->tcb, 0, &range)) {
    assert_int_equal (range.stream_id, pair_stream_of (1 - side));
    assert_int_equal (range.offset, end->received);
    end->received += range.bytes;
    tcp_consume (&end->tcb, range.bytes, pair->now);
  }
  pair_write (end);
  bool wants_close =
      (end->closes_when_written && end->to_write == 0)
      || (end->closes_after_fin && (end->events & TCP_NEWS_FIN) != 0 && end->to_write == 0);
  if (wants_close && pair_may_close (end))
    end->events |= tcp_close (&end->tcb, pair->now).events;
  pair_transmit (pair, side);
}

/* Index of the earliest flight, or -1. */
static inline int
pair_next_flight (const Pair *pair)
{
  int best = -1;
  for (guint i = 0; i < pair->flights->len; i++) {
    const PairFlight *f = &g_array_index (pair->flights, PairFlight, i);
    const PairFlight *b = best < 0 ? NULL : &g_array_index (pair->flights, PairFlight, (guint)best);
    if (b == NULL || f->when.ps < b->when.ps || (f->when.ps == b->when.ps && f->order < b->order))
      best = (int)i;
  }
  return best;
}

/* pair_step lets the next thing happen, unless that is after |until|; false: nothing did. */
static inline bool
pair_step (Pair *pair, SimTime until)
{
  int index = pair_next_flight (pair);
  SimTime arrival =
      index < 0 ? SIM_TIME_NEVER : g_array_index (pair->flights, PairFlight, (guint)index).when;
  SimTime d0 = tcp_deadline (&pair->end[0].tcb);
  SimTime d1 = tcp_deadline (&pair->end[1].tcb);
  SimTime next = sim_time_min (arrival, sim_time_min (d0, d1));
  if (sim_time_is_never (next) || sim_time_before (until, next))
    return false;
  pair->now = sim_time_max (pair->now, next);
  if (sim_time_equal (next, arrival)) {
    PairFlight flight = g_array_index (pair->flights, PairFlight, (guint)index);
    g_array_remove_index_fast (pair->flights, (guint)index);
    PairEnd *end = &pair->end[flight.to];
    pair_settle (pair, flight.to, tcp_receive (&end->tcb, &flight.segment, pair->now));
  } else {
    int side = sim_time_equal (next, d0) ? 0 : 1;
    pair_settle (pair, side, tcp_expire (&pair->end[side].tcb, pair->now));
  }
  return true;
}

static inline void
pair_start (Pair *pair)
{
  for (int side = 0; side < 2; side++)
    pair_settle (pair, side, (TcpNews){ 0 });
}

/* pair_run goes on until nothing is left before |until|. */
static inline void
pair_run (Pair *pair, SimTime until)
{
  uint64_t steps = 0;
  while (pair_step (pair, until)) {
    steps++;
    assert_true (steps < pair->steps_max);
  }
}

static inline SimTime
pair_seconds (int64_t s)
{
  return sim_time_add (SIM_TIME_ZERO, sim_ms (1000 * s));
}
