#include "tests/tcp/pair.h"

#include "tests/tcp/solo.h"

#include "models/tcp/timer.h"

/* Everything that crosses. */
typedef struct Crossing {
  TCP_OFFLOAD_STATE_CONST constants;
  TCP_OFFLOAD_STATE_CACHED cached;
  TCP_OFFLOAD_STATE_DELEGATED delegated;
  TcpImport import;
} Crossing;

static Crossing
crossing_of (const Tcb *tcb, SimTime now)
{
  Crossing c;
  tcp_export_const (tcb, &c.constants);
  tcp_export_cached (tcb, &c.cached);
  tcp_export_delegated (tcb, now, &c.delegated);
  c.import = (TcpImport){ .connection_id = tcb->connection_id,
                          .tuple = tcb->tuple,
                          .ip_version = tcb->ip_version,
                          .path_mtu_bytes = tcb->path_mtu_bytes,
                          .send_queue_bytes = tcp_unacked_bytes (tcb),
                          .undelivered_bytes = tcb->rcv_held_bytes,
                          .fin_queued = (tcb->bits & TCP_BIT_FIN_QUEUED) != 0 };
  return c;
}

static void
assert_same_const (const TCP_OFFLOAD_STATE_CONST *a, const TCP_OFFLOAD_STATE_CONST *b)
{
  assert_int_equal (a->Flags, b->Flags);
  assert_int_equal (a->RemotePort, b->RemotePort);
  assert_int_equal (a->LocalPort, b->LocalPort);
  assert_int_equal (a->SndWindScale, b->SndWindScale);
  assert_int_equal (a->RcvWindScale, b->RcvWindScale);
  assert_int_equal (a->RemoteMss, b->RemoteMss);
  assert_int_equal (a->HashValue, b->HashValue);
}

static void
assert_same_cached (const TCP_OFFLOAD_STATE_CACHED *a, const TCP_OFFLOAD_STATE_CACHED *b)
{
  assert_int_equal (a->Flags, b->Flags);
  assert_int_equal (a->InitialRcvWnd, b->InitialRcvWnd);
  assert_int_equal (a->RcvIndicationSize, b->RcvIndicationSize);
  assert_int_equal (a->KaProbeCount, b->KaProbeCount);
  assert_int_equal (a->KaTimeout, b->KaTimeout);
  assert_int_equal (a->KaInterval, b->KaInterval);
  assert_int_equal (a->MaxRT, b->MaxRT);
  assert_int_equal (a->FlowLabel, b->FlowLabel);
  assert_int_equal (a->TtlOrHopLimit, b->TtlOrHopLimit);
  assert_int_equal (a->TosOrTrafficClass, b->TosOrTrafficClass);
  assert_int_equal (a->UserPriority, b->UserPriority);
}

static void
assert_same_delegated (const TCP_OFFLOAD_STATE_DELEGATED *a, const TCP_OFFLOAD_STATE_DELEGATED *b)
{
  assert_int_equal (a->State, b->State);
  assert_int_equal (a->RcvNxt, b->RcvNxt);
  assert_int_equal (a->RcvWnd, b->RcvWnd);
  assert_int_equal (a->SndUna, b->SndUna);
  assert_int_equal (a->SndNxt, b->SndNxt);
  assert_int_equal (a->SndMax, b->SndMax);
  assert_int_equal (a->SndWnd, b->SndWnd);
  assert_int_equal (a->MaxSndWnd, b->MaxSndWnd);
  assert_int_equal (a->SendWL1, b->SendWL1);
  assert_int_equal (a->CWnd, b->CWnd);
  assert_int_equal (a->SsThresh, b->SsThresh);
  assert_int_equal (a->SRtt, b->SRtt);
  assert_int_equal (a->RttVar, b->RttVar);
  assert_int_equal (a->TsRecent, b->TsRecent);
  assert_int_equal (a->TsRecentAge, b->TsRecentAge);
  assert_int_equal (a->TsTime, b->TsTime);
  assert_int_equal (a->TotalRT, b->TotalRT);
  assert_int_equal (a->DupAckCount, b->DupAckCount);
  assert_int_equal (a->SndWndProbeCount, b->SndWndProbeCount);
  assert_int_equal (a->KeepAlive.ProbeCount, b->KeepAlive.ProbeCount);
  assert_int_equal (a->KeepAlive.TimeoutDelta, b->KeepAlive.TimeoutDelta);
  assert_int_equal (a->Retransmit.Count, b->Retransmit.Count);
  assert_int_equal (a->Retransmit.TimeoutDelta, b->Retransmit.TimeoutDelta);
}

/* What is not in the structures but must follow from them. */
static void
assert_same_within (const Tcb *a, const Tcb *b)
{
  const uint32_t carried = TCP_BIT_FIN_QUEUED;
  if (tcp_state (a) == TcpConnectionClosed)
    return; /* nothing is left to follow */
  assert_int_equal (a->bits & carried, b->bits & carried);
  assert_int_equal (a->send_end, b->send_end);
  assert_int_equal (a->rcv_adv, b->rcv_adv);
  assert_int_equal (a->rcv_held_bytes, b->rcv_held_bytes);
  assert_int_equal (a->smss, b->smss);
  assert_int_equal (a->ttl, b->ttl);
  assert_int_equal (a->timer[TCP_TIMER_RETRANSMIT], b->timer[TCP_TIMER_RETRANSMIT]);
  assert_int_equal (a->timer[TCP_TIMER_KEEPALIVE], b->timer[TCP_TIMER_KEEPALIVE]);
  assert_int_equal (tcp_unsent_bytes (a), tcp_unsent_bytes (b));
  assert_int_equal (tcp_unacked_bytes (a), tcp_unacked_bytes (b));
  bool in_recovery = (a->bits & TCP_BIT_IN_RECOVERY) != 0;
  if (a->SndMax != a->SndUna)
    assert_int_equal (in_recovery, (b->bits & TCP_BIT_IN_RECOVERY) != 0);
}

static void
assert_identity (const Tcb *tcb, SimTime now)
{
  Tcb other;
  Crossing first = crossing_of (tcb, now);

  tcp_import (&other, tcb->config, &first.constants, &first.cached, &first.delegated, &first.import,
              now);

  Crossing second = crossing_of (&other, now);
  assert_same_const (&first.constants, &second.constants);
  assert_same_cached (&first.cached, &second.cached);
  assert_same_delegated (&first.delegated, &second.delegated);
  assert_same_within (tcb, &other);
  tcp_clear (&other);
}

/* A pair whose ends are moved and read at random, and where the walk has been. */
typedef struct Walk {
  Pair pair;
  TcpConfig other_config[2]; /* the role the end does not have now */
  uint64_t unconsumed[2];
  SimStream stream;
  uint64_t draws;
  uint32_t states_seen; /* bit per state */
  uint32_t checks, moves;
  uint32_t slots_zero, slots_stopped, slots_running, recoveries, shut, disordered, resent;
} Walk;

static uint64_t
draw_below (Walk *walk, uint64_t bound)
{
  return sim_draw_below (walk->stream, 0, walk->draws++, bound);
}

static void
walk_prepare (Walk *walk, uint64_t seed)
{
  Pair *pair = &walk->pair;
  pair_prepare (pair, seed);
  walk->stream = sim_stream (seed, "walk");
  walk->draws = 0;
  pair->loss_permille = (uint32_t)draw_below (walk, 4) * 25;
  pair->double_permille = 10;
  pair->delay_permille = (uint32_t)draw_below (walk, 3) * 40;
  bool sack = draw_below (walk, 2) != 0;
  bool timestamps = draw_below (walk, 2) != 0;
  bool scaling = draw_below (walk, 2) != 0;
  for (int side = 0; side < 2; side++) {
    PairEnd *end = &pair->end[side];
    end->setup.sack = sack;
    end->setup.timestamps = timestamps;
    end->setup.window_scaling = scaling;
    if (scaling) {
      end->setup.send_window_scale = 3;
      end->setup.receive_window_scale = 3;
    }
    end->setup.nagle = draw_below (walk, 2) != 0;
    end->setup.keepalive = draw_below (walk, 2) != 0;
    end->config.keepalive_timeout_ticks = 700;
    end->config.keepalive_interval_ticks = 300;
    end->config.fin_wait_2_ticks = 0;
    end->config.retransmissions_max = 200;
    end->config.timestamp_clock_offset = 5000 * (uint32_t)side;
    walk->other_config[side] = end->config;
    walk->other_config[side].role = TCP_ROLE_TARGET;
    walk->other_config[side].supports_sack = draw_below (walk, 2) != 0;
    walk->other_config[side].timestamp_clock_offset = 123456;
    walk->unconsumed[side] = 0;
    end->to_write = draw_below (walk, 120000);
  }
  pair_establish (pair);
}

static void
note_where_we_are (Walk *walk, const Tcb *tcb)
{
  TCP_OFFLOAD_STATE_DELEGATED d;
  tcp_export_delegated (tcb, walk->pair.now, &d);
  walk->checks++;
  walk->states_seen |= 1u << d.State;
  walk->slots_zero += d.Retransmit.TimeoutDelta == 0;
  walk->slots_stopped += d.Retransmit.TimeoutDelta == TCP_TIMER_STOPPED;
  walk->slots_running +=
      d.Retransmit.TimeoutDelta != 0 && d.Retransmit.TimeoutDelta != TCP_TIMER_STOPPED;
  walk->recoveries += (tcb->bits & TCP_BIT_IN_RECOVERY) != 0;
  walk->shut += d.SndWnd == 0;
  walk->disordered += tcb->disorder != NULL;
  walk->resent += d.SndNxt != d.SndMax;
}

/* The documented way: flush, send what that makes due, take what is ready, carry the rest. */
static void
walk_move (Walk *walk, int side)
{
  Pair *pair = &walk->pair;
  PairEnd *end = &pair->end[side];
  TcpRange range;
  tcp_flush_for_handover (&end->tcb, pair->now);
  pair_transmit (pair, side);
  assert_int_equal (end->tcb.delayed_segments, 0);
  assert_null (end->tcb.disorder);
  while (tcp_take_received (&end->tcb, 0, &range)) {
    assert_int_equal (range.offset, end->received);
    end->received += range.bytes;
    walk->unconsumed[side] += range.bytes;
  }
  Crossing c = crossing_of (&end->tcb, pair->now);
  assert_identity (&end->tcb, pair->now);
  uint32_t stamp = c.delegated.TsTime;

  TcpConfig old = end->config;
  end->config = walk->other_config[side];
  walk->other_config[side] = old;
  tcp_clear (&end->tcb);
  tcp_import (&end->tcb, &end->config, &c.constants, &c.cached, &c.delegated, &c.import, pair->now);
  TCP_OFFLOAD_STATE_DELEGATED after;
  tcp_export_delegated (&end->tcb, pair->now, &after);
  assert_int_equal (after.TsTime, stamp);
  walk->moves++;
  pair_settle (pair, side, (TcpNews){ 0 });
}

static void
walk_read_on (Walk *walk, int side)
{
  PairEnd *end = &walk->pair.end[side];
  end->reads_nothing = false;
  if (walk->unconsumed[side] > 0)
    tcp_consume (&end->tcb, (uint32_t)walk->unconsumed[side], walk->pair.now);
  walk->unconsumed[side] = 0;
  pair_settle (&walk->pair, side, (TcpNews){ 0 });
}

/* Between two steps anything may be asked of either end. */
static void
walk_interfere (Walk *walk)
{
  Pair *pair = &walk->pair;
  int side = (int)draw_below (walk, 2);
  PairEnd *end = &pair->end[side];
  switch (draw_below (walk, 40)) {
  case 0:
    if (tcp_state_can_offload (tcp_state (&end->tcb)))
      walk_move (walk, side);
    break;
  case 1:
    end->reads_nothing = true;
    break;
  case 2:
  case 3:
    walk_read_on (walk, side);
    break;
  case 4:
    end->closes_when_written = draw_below (walk, 20) == 0;
    break;
  default:
    break;
  }
}

static void
walk_finish (Walk *walk)
{
  Pair *pair = &walk->pair;
  for (int side = 0; side < 2; side++) {
    walk_read_on (walk, side);
    pair->end[side].closes_when_written = true;
    pair_settle (pair, side, (TcpNews){ 0 });
  }
  pair_run (pair, sim_time_add (pair->now, sim_ms (50000000)));
}

static void
walk_run (Walk *walk, uint64_t seed)
{
  Pair *pair = &walk->pair;
  walk_prepare (walk, seed);
  uint64_t from_0 = pair->end[0].to_write;
  uint64_t from_1 = pair->end[1].to_write;
  pair_start (pair);
  for (int steps = 0; steps < 600; steps++) {
    if (!pair_step (pair, pair_seconds (100000)))
      break;
    walk_interfere (walk);
    for (int side = 0; side < 2; side++) {
      note_where_we_are (walk, &pair->end[side].tcb);
      assert_identity (&pair->end[side].tcb, pair->now);
    }
  }
  walk_finish (walk);

  assert_int_equal (pair->end[1].received, from_0);
  assert_int_equal (pair->end[0].received, from_1);
  for (int side = 0; side < 2; side++) {
    /* A reset is the answer of a closed host to a stray ACK: all was said before. */
    const uint32_t all = TCP_NEWS_FIN | TCP_NEWS_FIN_ACKED;
    if ((pair->end[side].events & TCP_NEWS_RESET) != 0)
      assert_int_equal (pair->end[side].events & all, all);
  }
  for (int side = 0; side < 2; side++) {
    tcp_clear (&pair->end[side].tcb);
    assert_int_equal (tcp_store_connections (pair->end[side].config.store), 0);
  }
  pair_clear (pair);
}

static void
export_then_import_is_the_identity_wherever_a_walk_leads (G_GNUC_UNUSED void **state)
{
  Walk walk = { 0 };
  for (uint64_t seed = 0; seed < 150; seed++)
    walk_run (&walk, seed);

  /* The walk is worth something only if it has been everywhere. */
  static const TCP_OFFLOAD_CONNECTION_STATE wanted[] = {
    TcpConnectionClosed,    TcpConnectionEstablished, TcpConnectionFinWait1, TcpConnectionFinWait2,
    TcpConnectionCloseWait, TcpConnectionClosing,     TcpConnectionLastAck,  TcpConnectionTimeWait
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    assert_true ((walk.states_seen & 1u << wanted[i]) != 0);
  assert_true (walk.checks > 20000);
  assert_true (walk.moves > 200);
  assert_true (walk.slots_zero > 10);
  assert_true (walk.slots_stopped > 100);
  assert_true (walk.slots_running > 1000);
  assert_true (walk.recoveries > 100);
  assert_true (walk.shut > 100);
  assert_true (walk.disordered > 100);
  assert_true (walk.resent > 100);
}

static void
prepare_target (const Solo *host, TcpConfig *ret_config)
{
  *ret_config = host->config;
  ret_config->role = TCP_ROLE_TARGET;
}

static void
offload (Solo *host, const TcpConfig *config, Tcb *target)
{
  Crossing c = crossing_of (&host->tcb, host->now);
  tcp_import (target, config, &c.constants, &c.cached, &c.delegated, &c.import, host->now);
}

static void
what_was_sent_before_goes_first_after_the_offload (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  TcpSegment s;
  solo_init (&host);
  solo_send (&host, 6);
  solo_expire (&host); /* SndNxt goes back to SndUna */
  prepare_target (&host, &config);
  offload (&host, &config, &target);
  assert_int_equal (target.SndNxt, SOLO_OWN);
  assert_int_equal (target.SndMax, SOLO_OWN + 4000);
  tcp_send (&target, 1000); /* posted later */
  target.CWnd = 60000;

  for (uint32_t i = 0; i < 7; i++) {
    assert_true (tcp_transmit (&target, 0, host.now, &s));
    assert_int_equal (s.seq, SOLO_OWN + i * 1000);
  }
  assert_false (tcp_transmit (&target, 0, host.now, &s));
  tcp_clear (&target);
  solo_clear (&host);
}

static void
an_ack_for_what_the_host_sent_is_the_targets (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_init (&host);
  solo_send (&host, 3);
  prepare_target (&host, &config);
  offload (&host, &config, &target);
  TcpSegment s = solo_segment (&host, SOLO_OWN + 2000, 0);

  TcpNews news = tcp_receive (&target, &s, host.now);

  assert_int_equal (news.acked_bytes, 2000);
  assert_int_equal (target.SndUna, SOLO_OWN + 2000);
  tcp_clear (&target);
  solo_clear (&host);
}

/* STATE-27, STATE-25 */
static void
a_keepalive_goes_on_with_what_is_left_of_it_or_stays_stopped (G_GNUC_UNUSED void **state)
{
  for (int enabled = 0; enabled < 2; enabled++) {
    Solo host;
    TcpConfig config;
    Tcb target;
    solo_prepare (&host, TCP_ROLE_HOST);
    host.setup.keepalive = true;
    host.config.keepalive_timeout_ticks = 20000;
    solo_establish (&host);
    solo_wait (&host, 5000);
    prepare_target (&host, &config);
    Crossing c = crossing_of (&host.tcb, host.now);
    assert_int_equal (c.delegated.KeepAlive.TimeoutDelta, 15000);
    if (enabled == 0)
      c.delegated.KeepAlive.TimeoutDelta = TCP_TIMER_STOPPED;
    tcp_import (&target, &config, &c.constants, &c.cached, &c.delegated, &c.import, host.now);

    SimTime due = tcp_deadline (&target);
    assert_int_equal (sim_time_is_never (due), enabled == 0);
    if (enabled != 0)
      assert_int_equal ((due.ps - host.now.ps) / SIM_PS_PER_MS, 15000);
    tcp_clear (&target);
    solo_clear (&host);
  }
}

static void
backoff_goes_on_where_it_was (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_init (&host);
  solo_send (&host, 1);
  solo_expire (&host);
  solo_pull (&host);
  solo_expire (&host);
  solo_pull (&host); /* the third timeout is due in 4000 */
  solo_wait (&host, 1500);
  prepare_target (&host, &config);
  offload (&host, &config, &target);

  assert_int_equal (target.RetransmitCount, 2);
  SimTime due = tcp_deadline (&target);
  assert_int_equal ((due.ps - host.now.ps) / SIM_PS_PER_MS, 2500);
  tcp_expire (&target, due);

  assert_int_equal (target.RetransmitCount, 3);
  assert_int_equal ((tcp_deadline (&target).ps - due.ps) / SIM_PS_PER_MS, 8000);
  tcp_clear (&target);
  solo_clear (&host);
}

static void
an_uploaded_zero_fires_at_once (G_GNUC_UNUSED void **state)
{
  Solo host;
  solo_init (&host);
  solo_send (&host, 1);
  Crossing c = crossing_of (&host.tcb, host.now);
  c.delegated.Retransmit.TimeoutDelta = 0;

  tcp_import_delegated (&host.tcb, &c.delegated, &c.import, host.now);

  assert_int_equal (tcp_deadline (&host.tcb).ps, host.now.ps);
  TcpNews news = tcp_expire (&host.tcb, host.now);
  assert_true ((news.events & TCP_NEWS_RETRANSMITTED) != 0);
  solo_clear (&host);
}

static void
a_target_that_gave_up_lets_the_host_close (G_GNUC_UNUSED void **state)
{
  Solo target;
  solo_prepare (&target, TCP_ROLE_TARGET);
  solo_establish (&target);
  solo_send (&target, 1);
  for (int i = 0; i < 6; i++) {
    solo_expire (&target);
    solo_pull (&target);
  }
  TcpConfig config = target.config;
  config.role = TCP_ROLE_HOST;
  Tcb host;
  offload (&target, &config, &host);

  TcpNews news = tcp_expire (&host, target.now);

  assert_int_equal (news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  tcp_clear (&host);
  solo_clear (&target);
}

static void
fin_wait_2_is_carried_or_stays_stopped (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_init (&host);
  tcp_close (&host.tcb, host.now);
  solo_pull (&host);
  solo_acked (&host, SOLO_OWN + 1);
  solo_wait (&host, 20000);
  prepare_target (&host, &config);
  offload (&host, &config, &target);
  assert_int_equal ((tcp_deadline (&target).ps - host.now.ps) / SIM_PS_PER_MS, 100000);

  Crossing c = crossing_of (&host.tcb, host.now);
  c.delegated.Retransmit.TimeoutDelta = TCP_TIMER_STOPPED;
  tcp_import (&target, &config, &c.constants, &c.cached, &c.delegated, &c.import, host.now);
  TcpSegment s;
  assert_false (tcp_transmit (&target, 0, host.now, &s));

  assert_true (sim_time_is_never (tcp_deadline (&target)));
  tcp_clear (&target);
  solo_clear (&host);
}

static void
a_withheld_ack_goes_first_and_what_is_beyond_a_gap_is_dropped (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.sack = true;
  solo_establish (&solo);
  solo_data_at (&solo, SOLO_PEER + 5000, 1000);
  solo_pull (&solo);
  solo_wait (&solo, 1);
  solo_data_at (&solo, SOLO_PEER, 1000);
  solo.tcb.bits &= ~(uint32_t)TCP_BIT_DUE_ACK;
  solo.tcb.delayed_segments = 1;

  tcp_flush_for_handover (&solo.tcb, solo.now);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 1000);
  assert_int_equal (solo.out[0].options & TCP_OPTION_SACK, 0);
  assert_null (solo.tcb.disorder);
  assert_int_equal (solo_delegated (&solo).RcvNxt, SOLO_PEER + 1000);
  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  solo_clear (&solo);
}

/* TIMER-30, TIMER-04 */
static void
a_flush_stops_the_timers_that_do_not_go_along (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  int64_t tick = tcp_tick (solo.tcb.config, solo.now);
  tcp_timer_resume (&solo.tcb, TCP_TIMER_SEND_SWS, 5, tick);
  tcp_timer_resume (&solo.tcb, TCP_TIMER_RECEIVE_SWS, 5, tick);
  tcp_timer_resume (&solo.tcb, TCP_TIMER_DELAYED_ACK, 5, tick);
  tcp_timer_resume (&solo.tcb, TCP_TIMER_KEEPALIVE, 5, tick);

  tcp_flush_for_handover (&solo.tcb, solo.now);

  assert_int_equal (tcp_timer_delta (&solo.tcb, TCP_TIMER_SEND_SWS, tick), TCP_TIMER_STOPPED);
  assert_int_equal (tcp_timer_delta (&solo.tcb, TCP_TIMER_RECEIVE_SWS, tick), TCP_TIMER_STOPPED);
  assert_int_equal (tcp_timer_delta (&solo.tcb, TCP_TIMER_DELAYED_ACK, tick), TCP_TIMER_STOPPED);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 5);
  solo_clear (&solo);
}

static void
with_nothing_withheld_a_flush_sends_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  tcp_flush_for_handover (&solo.tcb, solo.now);

  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
the_one_shot_flags_act_on_the_import (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_prepare (&host, TCP_ROLE_HOST);
  host.setup.keepalive = true;
  solo_establish (&host);
  solo_wait (&host, 5000);
  prepare_target (&host, &config);
  Crossing c = crossing_of (&host.tcb, host.now);
  c.delegated.TotalRT = 99;
  c.cached.Flags |= TCP_FLAG_MAX_RT_RESTART | TCP_FLAG_KEEP_ALIVE_RESTART;

  tcp_import (&target, &config, &c.constants, &c.cached, &c.delegated, &c.import, host.now);

  Crossing after = crossing_of (&target, host.now);
  assert_int_equal (after.delegated.TotalRT, 0);
  assert_int_equal (after.delegated.KeepAlive.TimeoutDelta, 7200000);
  assert_int_equal (after.cached.Flags, TCP_FLAG_KEEP_ALIVE_ENABLED);
  tcp_clear (&target);
  solo_clear (&host);
}

static void
numbers_out_of_order_are_a_bug_of_the_caller (G_GNUC_UNUSED void **state)
{
  Solo host;
  solo_init (&host);
  Crossing c = crossing_of (&host.tcb, host.now);
  c.delegated.SndNxt = c.delegated.SndUna - 1;

  expect_assert_failure (tcp_import_delegated (&host.tcb, &c.delegated, &c.import, host.now));
  solo_clear (&host);
}

static void
duplicates_for_the_hosts_loss_start_no_recovery_at_the_target (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_init (&host);
  solo_send (&host, 4);
  solo_expire (&host);
  solo_pull (&host);
  prepare_target (&host, &config);
  offload (&host, &config, &target);
  TcpSegment s = solo_segment (&host, SOLO_OWN, 0);

  for (int i = 0; i < 5; i++)
    tcp_receive (&target, &s, host.now);

  assert_int_equal (target.bits & TCP_BIT_IN_RECOVERY, 0);
  assert_int_equal (target.CWnd, SOLO_MSS);
  tcp_clear (&target);
  solo_clear (&host);
}

static void
the_target_goes_on_echoing_timestamps (G_GNUC_UNUSED void **state)
{
  Solo host;
  TcpConfig config;
  Tcb target;
  solo_prepare (&host, TCP_ROLE_HOST);
  host.setup.timestamps = true;
  solo_establish (&host);
  TcpSegment s = solo_segment (&host, SOLO_OWN, 1000);
  s.options = TCP_OPTION_TIMESTAMP;
  s.ts_value = 70;
  solo_receive (&host, s);
  tcp_flush_for_handover (&host.tcb, host.now);
  solo_pull (&host);
  prepare_target (&host, &config);
  offload (&host, &config, &target);
  assert_int_equal (target.TsRecent, 70);
  s = solo_segment (&host, SOLO_OWN, 2000);
  s.options = TCP_OPTION_TIMESTAMP;
  s.ts_value = 90;

  tcp_receive (&target, &s, host.now);

  assert_true (tcp_transmit (&target, 0, host.now, &s));
  assert_int_equal (s.ts_echo, 90);
  tcp_clear (&target);
  solo_clear (&host);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (export_then_import_is_the_identity_wherever_a_walk_leads),
    cmocka_unit_test (what_was_sent_before_goes_first_after_the_offload),
    cmocka_unit_test (an_ack_for_what_the_host_sent_is_the_targets),
    cmocka_unit_test (a_keepalive_goes_on_with_what_is_left_of_it_or_stays_stopped),
    cmocka_unit_test (backoff_goes_on_where_it_was),
    cmocka_unit_test (duplicates_for_the_hosts_loss_start_no_recovery_at_the_target),
    cmocka_unit_test (the_target_goes_on_echoing_timestamps),
    cmocka_unit_test (an_uploaded_zero_fires_at_once),
    cmocka_unit_test (a_target_that_gave_up_lets_the_host_close),
    cmocka_unit_test (fin_wait_2_is_carried_or_stays_stopped),
    cmocka_unit_test (a_withheld_ack_goes_first_and_what_is_beyond_a_gap_is_dropped),
    cmocka_unit_test (a_flush_stops_the_timers_that_do_not_go_along),
    cmocka_unit_test (with_nothing_withheld_a_flush_sends_nothing),
    cmocka_unit_test (the_one_shot_flags_act_on_the_import),
    cmocka_unit_test (numbers_out_of_order_are_a_bug_of_the_caller),
  };
  return cmocka_run_group_tests_name ("hand-over", tests, NULL, NULL);
}
