/*
 * The near end of a wire for tests: a bare TCP engine per connection where the NIC would be, and
 * the records of what both ends do.
 *
 * Functions are here and not in a file of their own because a test program is one file.
 *
 * Owns        A Bench owns its machine, wire, peers and near ends; bench_free gives all back.
 * Invariants  Connection c goes from address 2 + c, port 4000 + c, to address 1, port 80.  What
 *             arrives is checked byte by byte (broken_bytes).
 */
#pragma once

#include "tests/support.h"

#include "models/tcp/store.h"
#include "models/wire/peer.h"

#define BENCH_CONNECTIONS_MAX 16
#define BENCH_WIRE_ACTOR 10
#define BENCH_PEER_ACTOR 100

typedef struct Bench Bench;

typedef struct NearEnd {
  Bench *bench;
  Tcb tcb;
  SimEvent event;
  uint32_t connection_id;
  uint64_t written_bytes, received_bytes, broken_bytes;
  SimTime received_last; /* when the last byte came */
  uint32_t events;       /* TcpEvents seen so far */
  TcpSegment held;       /* refused by the wire */
  bool is_holding;
  bool closes_after_fin; /* answers the peer's FIN with its own */
  uint64_t spoil_offset; /* of sent ranges, from here on: a defect */
} NearEnd;

struct Bench {
  Sim *sim;
  Wire *wire;
  Peers *peers;
  TcpConfig tcp;
  uint32_t n_connections;
  NearEnd end[BENCH_CONNECTIONS_MAX];
  GArray *records; /* SimRecord of what the tests ask about */
};

typedef struct BenchSpec {
  uint64_t seed;
  uint32_t n_connections;
  WireConfig wire;
} BenchSpec;

#define BENCH_WINDOW_BYTES 65535
#define BENCH_MSS 1460 /* 1448 beside timestamps */
#define BENCH_HOST_ISN 1000
#define BENCH_PEER_ISN UINT32_C (4294960000) /* wraps early */

/* 10 Gbit/s, 10 us, no loss, one connection, seed 1. */
static inline BenchSpec
bench_plain (void)
{
  return (BenchSpec){ .seed = 1,
                      .n_connections = 1,
                      .wire = { .rate_bits_per_s = INT64_C (10000000000),
                                .one_way = { 10 * SIM_PS_PER_US },
                                .queue_bytes = 256 * 1024,
                                .loss_denominator = 1,
                                .actor_id = BENCH_WIRE_ACTOR } };
}

static inline TcpConfig
bench_host_like (void)
{
  return (TcpConfig){ .role = TCP_ROLE_HOST,
                      .ticks_per_s = 1000,
                      .ack_frequency = 2,
                      .delayed_ack_ticks = 40,
                      .retransmissions_max = 5,
                      .doubt_retransmissions = 3,
                      .sws_prevention_ticks = 5000,
                      .duplicate_ack_threshold = 3,
                      .rto_initial_ticks = 1000,
                      .rto_min_ticks = 200,
                      .rto_max_ticks = 60000,
                      .fin_wait_2_ticks = 2000,
                      .time_wait_ticks = 500,
                      .keepalive_timeout_ticks = 7200000,
                      .keepalive_interval_ticks = 1000,
                      .keepalive_probes = 5,
                      .initial_window_segments = 10,
                      .ttl = 64,
                      .limited_transmit = true };
}

static inline void
bench_keep_record (void *data, const SimRecord *record)
{
  g_array_append_vals (data, record, 1);
}

static inline void
bench_complete (NearEnd *end, TcpSegment *segment)
{
  uint32_t acked_seq = end->tcb.SndUna;
  uint64_t acked = end->written_bytes - tcp_unacked_bytes (&end->tcb);

  segment->connection_id = end->connection_id;
  segment->payload.stream_id = TCP_STREAM (end->connection_id, TCP_TO_PEER);
  segment->payload.offset =
      acked + (uint64_t)(int64_t)tcp_seq_diff (segment->seq, acked_seq) + end->spoil_offset;
}

static inline void
bench_transmit (NearEnd *end)
{
  Bench *bench = end->bench;

  for (;;) {
    if (!end->is_holding) {
      if (!tcp_transmit (&end->tcb, 0, sim_now (bench->sim), &end->held))
        return;
      bench_complete (end, &end->held);
    }
    end->is_holding = !wire_send (bench->wire, WIRE_END_NIC, SIDE_HOST, &end->held);
    if (end->is_holding)
      return;
  }
}

static inline void
bench_settle (NearEnd *end, TcpNews news)
{
  Sim *sim = end->bench->sim;
  TcpRange range, next = { .stream_id = TCP_STREAM (end->connection_id, TCP_FROM_PEER) };

  end->events |= news.events;
  while (tcp_take_received (&end->tcb, 0, &range)) {
    next.offset = end->received_bytes;
    if (!tcp_range_continues (next, range))
      end->broken_bytes += range.bytes;
    end->received_bytes += range.bytes;
    end->received_last = sim_now (sim);
    tcp_consume (&end->tcb, range.bytes, sim_now (sim));
  }
  if ((news.events & TCP_NEWS_FIN) && end->closes_after_fin)
    end->events |= tcp_close (&end->tcb, sim_now (sim)).events;
  bench_transmit (end);
  if (sim_time_is_never (tcp_deadline (&end->tcb)))
    sim_event_cancel (sim, &end->event);
  else
    sim_event_schedule (sim, &end->event, sim_time_max (tcp_deadline (&end->tcb), sim_now (sim)));
}

static inline void
bench_expire (Sim *sim, void *data)
{
  NearEnd *end = data;
  bench_settle (end, tcp_expire (&end->tcb, sim_now (sim)));
}

static inline void
bench_arrive (void *data, const TcpSegment *segment)
{
  Bench *bench = data;
  assert_in_range (segment->connection_id, 0, bench->n_connections - 1);
  NearEnd *end = &bench->end[segment->connection_id];
  bench_settle (end, tcp_receive (&end->tcb, segment, sim_now (bench->sim)));
}

static inline void
bench_room (void *data)
{
  Bench *bench = data;
  for (uint32_t i = 0; i < bench->n_connections; i++)
    if (bench->end[i].bench != NULL)
      bench_transmit (&bench->end[i]);
}

static inline Bench *
bench_new (const BenchSpec *spec)
{
  static const uint16_t kinds[] = { TRACE_WIRE_SEND,   TRACE_WIRE_DROP, TRACE_STAGE,
                                    TRACE_APP_DELIVER, TRACE_APP_SEND,  TRACE_CONNECTION_STATE,
                                    TRACE_APP_EVENT };
  Bench *bench = g_new0 (Bench, 1);

  bench->sim = sim_new (spec->seed);
  bench->records = g_array_new (FALSE, FALSE, sizeof (SimRecord));
  sim_trace_set_kinds (sim_trace (bench->sim), trace_kinds, TRACE_N_KINDS);
  sim_trace_add_reader (sim_trace (bench->sim), bench_keep_record, bench->records, kinds,
                        G_N_ELEMENTS (kinds));
  bench->wire = wire_new (bench->sim, &spec->wire);
  bench->tcp = bench_host_like ();
  bench->tcp.store = tcp_store_new (0, 0);
  bench->n_connections = spec->n_connections;
  bench->peers = peers_new (bench->sim, bench->wire,
                            &(PeersConfig){ .tcp = bench_host_like (),
                                            .n_connections = spec->n_connections,
                                            .actor_id = BENCH_PEER_ACTOR });
  wire_attach (bench->wire, WIRE_END_NIC,
               &(WireListener){ .arrive = bench_arrive, .room = bench_room, .data = bench });
  return bench;
}

static inline void
bench_free (Bench *bench)
{
  for (uint32_t i = 0; i < bench->n_connections; i++)
    if (bench->end[i].bench != NULL) {
      sim_event_cancel (bench->sim, &bench->end[i].event);
      tcp_clear (&bench->end[i].tcb);
    }
  tcp_store_free (bench->tcp.store);
  peers_free (bench->peers);
  wire_free (bench->wire);
  sim_free (bench->sim);
  g_array_free (bench->records, TRUE);
  g_free (bench);
}

/* bench_connect makes connection |connection_id| with |traffic|, both ends established. */
static inline NearEnd *
bench_connect (Bench *bench, uint32_t connection_id, const Traffic *traffic)
{
  NearEnd *end = &bench->end[connection_id];
  TcpSetup setup = { .connection_id = connection_id,
                     .tuple = { 2 + connection_id, 1, (uint16_t)(4000 + connection_id), 80 },
                     .ip_version = 4,
                     .send_isn = BENCH_HOST_ISN,
                     .receive_isn = BENCH_PEER_ISN,
                     .receive_window_bytes = BENCH_WINDOW_BYTES,
                     .peer_window_bytes = BENCH_WINDOW_BYTES,
                     .local_mss = BENCH_MSS,
                     .remote_mss = BENCH_MSS,
                     .timestamps = true,
                     .path_mtu_bytes = 1500 };

  assert_in_range (connection_id, 0, BENCH_CONNECTIONS_MAX - 1);
  end->bench = bench;
  end->connection_id = connection_id;
  tcp_init_established (&end->tcb, &bench->tcp, &setup, sim_now (bench->sim));
  sim_event_init (&end->event, SIM_PHASE_HOST, connection_id, bench_expire, end);

  setup.tuple = tcp_tuple_reversed (setup.tuple);
  setup.send_isn = BENCH_PEER_ISN;
  setup.receive_isn = BENCH_HOST_ISN;
  peers_add (bench->peers, &setup, traffic);
  return end;
}

static inline void
bench_write (NearEnd *end, uint32_t bytes)
{
  end->written_bytes += bytes;
  tcp_send (&end->tcb, bytes);
  bench_settle (end, (TcpNews){ 0 });
}

static inline void
bench_close (NearEnd *end)
{
  bench_settle (end, tcp_close (&end->tcb, sim_now (end->bench->sim)));
}

/* bench_run lets |duration| pass. */
static inline void
bench_run (Bench *bench, SimDuration duration)
{
  sim_run (bench->sim, (SimLimits){ .until = sim_time_add (sim_now (bench->sim), duration),
                                    .max_events = 10000000 });
}

/* The |nth| record of |kind|, NULL if there are fewer. */
static inline const SimRecord *
bench_record (const Bench *bench, uint16_t kind, unsigned nth)
{
  for (guint i = 0; i < bench->records->len; i++) {
    const SimRecord *record = &g_array_index (bench->records, SimRecord, i);
    if (record->kind == kind && nth-- == 0)
      return record;
  }
  return NULL;
}

static inline unsigned
bench_count (const Bench *bench, uint16_t kind)
{
  unsigned count = 0;
  while (bench_record (bench, kind, count) != NULL)
    count++;
  return count;
}

/* APP_EVENT records of the peers with |what|. */
static inline unsigned
bench_count_app (const Bench *bench, TraceAppEvent what)
{
  unsigned count = 0;
  for (guint i = 0; i < bench->records->len; i++) {
    const SimRecord *record = &g_array_index (bench->records, SimRecord, i);
    count += record->kind == TRACE_APP_EVENT && record->column[1] == SIDE_PEER
             && record->column[2] == (int64_t)what;
  }
  return count;
}
