/*
 * One engine on the bench: the test is its peer and its owner.
 *
 * Functions are here and not in a file of their own because a test program is one file.
 *
 * Units       Time in ticks of 1 ms.
 * Owns        A Solo owns its store; solo_clear gives all back.
 * Invariants  Own numbers begin at SOLO_OWN, the peer's at SOLO_PEER; segments have 1000 bytes.
 */
#pragma once

#include "tests/support.h"

#include "models/tcp/store.h"
#include "models/tcp/tcp.h"

#define SOLO_OWN UINT32_C (10000)
#define SOLO_PEER UINT32_C (50000)
#define SOLO_MSS 1000
#define SOLO_WINDOW 60000
#define SOLO_OUT_MAX 256

typedef struct Solo {
  TcpConfig config;
  TcpSetup setup;
  Tcb tcb;
  SimTime now;
  TcpNews news; /* of the last input */
  TcpSegment out[SOLO_OUT_MAX];
  uint32_t n_out; /* since the last solo_pull */
} Solo;

static inline TcpConfig
solo_config (TcpRole role)
{
  return (TcpConfig){ .store = tcp_store_new (0, 0),
                      .role = role,
                      .ticks_per_s = 1000,
                      .ack_frequency = 2,
                      .delayed_ack_ticks = 200,
                      .retransmissions_max = 5,
                      .doubt_retransmissions = 3,
                      .sws_prevention_ticks = 300,
                      .duplicate_ack_threshold = 3,
                      .rto_initial_ticks = 1000,
                      .rto_min_ticks = 1000,
                      .rto_max_ticks = 60000,
                      .fin_wait_2_ticks = 120000,
                      .time_wait_ticks = 240000,
                      .keepalive_timeout_ticks = 7200000,
                      .keepalive_interval_ticks = 1000,
                      .keepalive_probes = 10,
                      .initial_window_segments = 4,
                      .ttl = 64,
                      .limited_transmit = true,
                      .fast_convergence = true,
                      .supports_sack = true,
                      .supports_ecn = true };
}

static inline TcpSetup
solo_setup (void)
{
  return (TcpSetup){ .connection_id = 7,
                     .tuple = { 1, 2, 4000, 80 },
                     .ip_version = 4,
                     .send_isn = SOLO_OWN - 1,
                     .receive_isn = SOLO_PEER - 1,
                     .receive_window_bytes = SOLO_WINDOW,
                     .peer_window_bytes = SOLO_WINDOW,
                     .local_mss = SOLO_MSS,
                     .remote_mss = SOLO_MSS,
                     .path_mtu_bytes = 1500 };
}

/* solo_prepare fills in what a test may then change before solo_establish. */
static inline void
solo_prepare (Solo *solo, TcpRole role)
{
  *solo = (Solo){ .config = solo_config (role), .setup = solo_setup () };
}

static inline void
solo_establish (Solo *solo)
{
  tcp_init_established (&solo->tcb, &solo->config, &solo->setup, solo->now);
}

static inline void
solo_init (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo_establish (solo);
}

static inline void
solo_clear (Solo *solo)
{
  tcp_clear (&solo->tcb);
  tcp_store_free (solo->config.store);
}

/* solo_pull takes all that is due into |out| and returns how many. */
static inline uint32_t
solo_pull (Solo *solo)
{
  solo->n_out = 0;
  while (tcp_transmit_is_due (&solo->tcb, solo->now)) {
    assert_true (solo->n_out < SOLO_OUT_MAX);
    if (!tcp_transmit (&solo->tcb, 0, solo->now, &solo->out[solo->n_out]))
      continue;
    solo->n_out++;
  }
  TcpSegment none;
  assert_false (tcp_transmit (&solo->tcb, 0, solo->now, &none));
  return solo->n_out;
}

/* solo_segment is the peer's next segment: in order, acknowledging |ack|. */
static inline TcpSegment
solo_segment (const Solo *solo, uint32_t ack, uint32_t bytes)
{
  return (TcpSegment){ .tuple = tcp_tuple_reversed (solo->tcb.tuple),
                       .connection_id = solo->tcb.connection_id,
                       .seq = solo->tcb.RcvNxt,
                       .ack = ack,
                       .payload = { .offset = solo->tcb.RcvNxt - SOLO_PEER,
                                    .stream_id = TCP_STREAM (7, TCP_FROM_PEER),
                                    .bytes = bytes },
                       .window = SOLO_WINDOW,
                       .flags = TCP_ACK,
                       .ip_version = solo->tcb.ip_version,
                       .ttl = 64 };
}

static inline TcpNews
solo_receive (Solo *solo, TcpSegment segment)
{
  solo->news = tcp_receive (&solo->tcb, &segment, solo->now);
  return solo->news;
}

/* The three inputs that nearly every test uses. */
static inline TcpNews
solo_acked (Solo *solo, uint32_t ack)
{
  return solo_receive (solo, solo_segment (solo, ack, 0));
}

static inline TcpNews
solo_data_at (Solo *solo, uint32_t seq, uint32_t bytes)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndUna, bytes);
  s.seq = seq;
  s.payload.offset = seq - SOLO_PEER;
  return solo_receive (solo, s);
}

static inline TcpNews
solo_data (Solo *solo, uint32_t bytes)
{
  return solo_data_at (solo, solo->tcb.RcvNxt, bytes);
}

static inline TcpNews
solo_fin (Solo *solo)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndMax, 0);
  s.flags |= TCP_FIN;
  return solo_receive (solo, s);
}

static inline int64_t
solo_tick (const Solo *solo)
{
  return solo->now.ps / SIM_PS_PER_MS;
}

static inline void
solo_wait (Solo *solo, int64_t ticks)
{
  solo->now = sim_time_add (solo->now, sim_ms (ticks));
}

/* solo_expire goes to the next deadline and lets it run out; returns how many ticks that took. */
static inline int64_t
solo_expire (Solo *solo)
{
  SimTime deadline = tcp_deadline (&solo->tcb);
  assert_false (sim_time_is_never (deadline));
  assert_false (sim_time_before (deadline, solo->now));
  int64_t ticks = (deadline.ps - solo->now.ps) / SIM_PS_PER_MS;
  solo->now = deadline;
  solo->news = tcp_expire (&solo->tcb, solo->now);
  return ticks;
}

/* solo_send queues |segments| full ones and pulls what may go. */
static inline uint32_t
solo_send (Solo *solo, uint32_t segments)
{
  tcp_send (&solo->tcb, segments * SOLO_MSS);
  return solo_pull (solo);
}

static inline TCP_OFFLOAD_STATE_DELEGATED
solo_delegated (const Solo *solo)
{
  TCP_OFFLOAD_STATE_DELEGATED state;
  tcp_export_delegated (&solo->tcb, solo->now, &state);
  return state;
}
