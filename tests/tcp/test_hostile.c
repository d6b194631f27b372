/* Whatever arrives, no assertion fails, the numbers stay in order and the stream stays whole. */
#include "tests/tcp/pair.h"

#include "models/tcp/timer.h"
#include "models/tcp/window.h"

static void
assert_sound (const Tcb *tcb)
{
  assert_true (tcp_seq_at_or_before (tcb->SndUna, tcb->SndNxt));
  assert_true (tcp_seq_at_or_before (tcb->SndNxt, tcb->SndMax));
  assert_true (tcp_seq_at_or_before (tcb->RcvNxt, tcb->rcv_adv));
  assert_true (tcb->CWnd >= tcb->smss || tcp_state (tcb) == TcpConnectionListen);
  bool in_recovery = (tcb->bits & TCP_BIT_IN_RECOVERY) != 0;
  if (tcb->DupAckCount >= tcb->config->duplicate_ack_threshold)
    assert_true (in_recovery);
  int64_t min = TCP_TICK_NEVER;
  for (int i = 0; i < TCP_N_TIMERS; i++)
    min = tcb->timer[i] < min ? tcb->timer[i] : min;
  assert_int_equal (tcb->deadline_tick, min);
  if (tcb->disorder == NULL)
    return;
  uint32_t bytes = 0;
  for (const TcpBlock *b = tcb->disorder->board; b != NULL; b = b->next) {
    bytes += b->range.bytes;
    assert_true (b->range.bytes > 0);
    assert_true (tcp_seq_at_or_before (tcb->SndUna, b->seq));
    assert_true (tcp_seq_at_or_before (tcp_block_end (b), tcb->SndMax));
    if (b->next != NULL)
      assert_true (tcp_seq_before (tcp_block_end (b), b->next->seq));
  }
  assert_int_equal (bytes, tcb->disorder->board_bytes);
  for (const TcpBlock *b = tcb->disorder->queue; b != NULL; b = b->next) {
    /* The text of a SYN waits at RcvNxt. */
    assert_true (tcp_seq_before (tcb->RcvNxt, b->seq) || tcp_state (tcb) == TcpConnectionSynRcvd);
    assert_true (tcp_seq_at_or_before (tcp_block_end (b), tcb->rcv_adv));
    if (b->next != NULL)
      assert_true (tcp_seq_at_or_before (tcp_block_end (b), b->next->seq));
    else
      assert_ptr_equal (b, tcb->disorder->queue_tail);
  }
}

typedef struct Attack {
  SimStream stream;
  uint64_t subject;
  uint64_t n;
} Attack;

static uint32_t
attack_draw (Attack *attack, uint32_t bound)
{
  return (uint32_t)sim_draw_below (attack->stream, attack->subject, attack->n++, bound);
}

/* Near one of the numbers that matter, or anywhere. */
static uint32_t
near_or_far (Attack *attack, uint32_t one, uint32_t other)
{
  uint32_t base = attack_draw (attack, 2) == 0 ? one : other;
  switch (attack_draw (attack, 4)) {
  case 0:
    return base;
  case 1:
    return base + attack_draw (attack, 7) - 3;
  case 2:
    return base + attack_draw (attack, 200000) - 100000;
  default:
    return (uint32_t)sim_draw (attack->stream, attack->subject, attack->n++);
  }
}

static TcpSegment
forged (Attack *attack, const Tcb *tcb)
{
  TcpSegment s = { .tuple = tcp_tuple_reversed (tcb->tuple),
                   .ip_version = 4,
                   .flags = (uint8_t)attack_draw (attack, 256),
                   .options = (uint8_t)attack_draw (attack, 32),
                   .window = (uint16_t)attack_draw (attack, 65536),
                   .window_scale = (uint8_t)attack_draw (attack, 256),
                   .mss = (uint16_t)attack_draw (attack, 65536),
                   .tos = (uint8_t)attack_draw (attack, 256),
                   .n_sack = (uint8_t)attack_draw (attack, 6) };
  if (attack_draw (attack, 3) > 0)
    s.flags = (s.flags & (TCP_PSH | TCP_URG | TCP_FIN)) | TCP_ACK;
  if (attack_draw (attack, 3) > 0)
    s.flags &= (uint8_t) ~(TCP_URG | TCP_FIN);
  s.seq = near_or_far (attack, tcb->RcvNxt, tcb->rcv_adv);
  s.ack = near_or_far (attack, tcb->SndUna, tcb->SndMax);
  s.ts_value = near_or_far (attack, tcb->TsRecent, tcb->TsRecent);
  s.ts_echo = near_or_far (attack, 0, 1000);
  s.urgent_pointer = (uint16_t)attack_draw (attack, 65536);
  if (attack_draw (attack, 2) == 0)
    s.payload = (TcpRange){ .offset = attack_draw (attack, 5000),
                            .stream_id = attack_draw (attack, 3),
                            .bytes = attack_draw (attack, 4000) };
  for (int i = 0; i < TCP_SACK_BLOCKS_MAX; i++) {
    s.sack[i].left = near_or_far (attack, tcb->SndUna, tcb->SndMax);
    s.sack[i].right = near_or_far (attack, s.sack[i].left, tcb->SndMax);
  }
  return s;
}

static void
begin (PairEnd *end, Attack *attack, SimTime now)
{
  end->config.role = attack_draw (attack, 2) == 0 ? TCP_ROLE_HOST : TCP_ROLE_TARGET;
  end->config.congestion =
      attack_draw (attack, 2) == 0 ? TCP_CONGESTION_NEWRENO : TCP_CONGESTION_CUBIC;
  end->setup.timestamps = attack_draw (attack, 2) == 0;
  end->setup.sack = attack_draw (attack, 2) == 0;
  end->setup.window_scaling = attack_draw (attack, 2) == 0;
  end->setup.ecn = attack_draw (attack, 2) == 0;
  end->setup.keepalive = attack_draw (attack, 2) == 0;
  end->setup.no_options = attack_draw (attack, 8) == 0;
  end->setup.ecn_accept = attack_draw (attack, 2) == 0;
  end->config.believes_reset_in_window = attack_draw (attack, 4) == 0;
  end->config.resets_at_syn_in_window = attack_draw (attack, 4) == 0;
  end->config.ignores_reset_in_time_wait = attack_draw (attack, 2) == 0;
  end->config.drops_syn_fin = attack_draw (attack, 4) == 0;
  switch (attack_draw (attack, 6)) {
  case 0:
    end->config.role = TCP_ROLE_HOST;
    tcp_init_listen (&end->tcb, &end->config, &end->setup, now);
    break;
  case 1:
    end->config.role = TCP_ROLE_HOST;
    tcp_init_connect (&end->tcb, &end->config, &end->setup, now);
    break;
  default:
    tcp_init_established (&end->tcb, &end->config, &end->setup, now);
    break;
  }
}

/* The owner's part: takes, sends, closes, pulls. */
static void
own (PairEnd *end, Attack *attack, SimTime now)
{
  TcpRange range;
  TcpSegment out;
  TCP_OFFLOAD_CONNECTION_STATE next;
  while (tcp_take_received (&end->tcb, attack_draw (attack, 3000), &range))
    if (attack_draw (attack, 3) > 0)
      tcp_consume (&end->tcb, range.bytes, now);
  bool is_open = (end->tcb.bits & TCP_BIT_FIN_QUEUED) == 0;
  if (is_open && tcp_state_can_send (tcp_state (&end->tcb))
      && tcp_unacked_bytes (&end->tcb) < 100000)
    tcp_send (&end->tcb, attack_draw (attack, 5000));
  if (is_open && attack_draw (attack, 60) == 0
      && tcp_state_next (tcp_state (&end->tcb), TCP_EVENT_CLOSE, &next))
    tcp_close (&end->tcb, now);
  for (int i = 0; i < 200 && tcp_transmit_is_due (&end->tcb, now); i++) {
    assert_true (i < 199);
    if (tcp_transmit (&end->tcb, attack_draw (attack, 2) * 20000, now, &out))
      assert_true (tcp_segment_header_bytes (&out) <= 60);
  }
}

static void
forged_segments_break_nothing (G_GNUC_UNUSED void **state)
{
  uint32_t states_seen = 0;
  for (uint64_t run = 0; run < 400; run++) {
    Pair pair;
    pair_prepare (&pair, run);
    PairEnd *end = &pair.end[0];
    Attack attack = { sim_stream (11, "attack"), run, 0 };
    begin (end, &attack, pair.now);
    for (int i = 0; i < 300; i++) {
      own (end, &attack, pair.now);
      assert_sound (&end->tcb);
      states_seen |= 1u << tcp_state (&end->tcb);
      TcpSegment s = forged (&attack, &end->tcb);
      tcp_receive (&end->tcb, &s, pair.now);
      assert_sound (&end->tcb);
      pair.now = sim_time_add (pair.now, sim_ms (attack_draw (&attack, 50)));
      if (!sim_time_before (pair.now, tcp_deadline (&end->tcb)))
        tcp_expire (&end->tcb, pair.now);
      assert_sound (&end->tcb);
    }
    tcp_clear (&pair.end[1].tcb);
    tcp_clear (&end->tcb);
    tcp_store_free (end->config.store);
    tcp_store_free (pair.end[1].config.store);
    g_array_free (pair.flights, TRUE);
  }
  assert_int_equal (states_seen, (1u << TCP_N_STATES) - 1);
}

static void
an_attacker_off_the_path_cannot_spoil_a_stream (G_GNUC_UNUSED void **state)
{
  for (uint64_t seed = 0; seed < 20; seed++) {
    Pair pair;
    pair_prepare (&pair, seed);
    pair.loss_permille = 10;
    pair.end[0].setup.sack = true;
    pair.end[1].setup.sack = true;
    pair_establish (&pair);
    pair.end[0].to_write = 60000;
    pair.end[1].to_write = 60000;
    Attack attack = { sim_stream (12, "blind"), seed, 0 };
    pair_start (&pair);
    for (int i = 0; i < 4000 && pair_step (&pair, pair_seconds (1000)); i++) {
      /* Wild guesses: neither number is near a window. */
      TcpSegment s = forged (&attack, &pair.end[0].tcb);
      s.seq = pair.end[0].tcb.RcvNxt + 1000000 + attack_draw (&attack, 2000000000);
      pair_settle (&pair, 0, tcp_receive (&pair.end[0].tcb, &s, pair.now));
    }
    pair_run (&pair, pair_seconds (2000));

    assert_int_equal (pair.end[0].received, 60000);
    assert_int_equal (pair.end[1].received, 60000);
    pair_clear (&pair);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (forged_segments_break_nothing),
    cmocka_unit_test (an_attacker_off_the_path_cannot_spoil_a_stream),
  };
  return cmocka_run_group_tests_name ("hostile segments", tests, NULL, NULL);
}
