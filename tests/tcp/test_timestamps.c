#include "tests/tcp/solo.h"

#include "models/tcp/rtt.h"

/* The two worked tables of "Examples of timestamp processing": a host and a NIC whose clocks
 * differ, and each row as the documents print it.  Two misprints are read as what the arithmetic
 * says: step 9 prints 210 - 100 for 250 - 100, and the last TsEchoed is printed 35050 for 350. */

typedef struct Sides {
  Solo host;
  TcpConfig nic_config;
  Tcb nic;
  int64_t stack_time; /* what the host's clock says */
  int64_t nic_time;
} Sides;

static void
sides_begin (Sides *sides)
{
  solo_prepare (&sides->host, TCP_ROLE_HOST);
  sides->host.config.rto_min_ticks = 1;
  sides->host.setup.timestamps = true;
  solo_establish (&sides->host);
  sides->nic_config = sides->host.config;
  sides->nic_config.role = TCP_ROLE_TARGET;
  sides->nic_config.sws_prevention_ticks = 0;
}

/* Time passes: |now| in ticks of the simulator, and what the two clocks say then. */
static void
clocks_say (Sides *sides, int64_t now, int64_t stack_time, int64_t nic_time)
{
  sides->host.now = sim_time_add (SIM_TIME_ZERO, sim_ms (now));
  sides->host.config.timestamp_clock_offset = (uint32_t)(stack_time - now);
  sides->nic_config.timestamp_clock_offset = (uint32_t)(nic_time - now);
  sides->stack_time = stack_time;
  sides->nic_time = nic_time;
}

static uint32_t
sent_timestamp (Sides *sides, Tcb *tcb)
{
  TcpSegment s;
  tcp_send (tcb, 1);
  assert_true (tcp_transmit (tcb, 0, sides->host.now, &s));
  assert_true ((s.options & TCP_OPTION_TIMESTAMP) != 0);
  return s.ts_value;
}

/* The smoothed round trip after an ACK that echoes |ts_echo|, forgetting earlier ones. */
static uint32_t
measured (Sides *sides, Tcb *tcb, uint32_t ts_echo)
{
  TcpSegment s = solo_segment (&sides->host, tcb->SndMax, 0);
  s.seq = tcb->RcvNxt;
  s.options |= TCP_OPTION_TIMESTAMP;
  s.ts_value = 1;
  s.ts_echo = ts_echo;
  tcb->SRtt = 0;
  tcp_receive (tcb, &s, sides->host.now);
  return tcb->SRtt / 8;
}

static uint32_t
moved (Sides *sides, const Tcb *from, Tcb *to, bool down)
{
  TCP_OFFLOAD_STATE_CONST constants;
  TCP_OFFLOAD_STATE_CACHED cached;
  TCP_OFFLOAD_STATE_DELEGATED delegated;
  TcpImport import = { .connection_id = 7,
                       .tuple = from->tuple,
                       .ip_version = 4,
                       .path_mtu_bytes = 1500,
                       .send_queue_bytes = tcp_unacked_bytes (from) };
  tcp_export_const (from, &constants);
  tcp_export_cached (from, &cached);
  tcp_export_delegated (from, sides->host.now, &delegated);
  if (down)
    tcp_import (to, &sides->nic_config, &constants, &cached, &delegated, &import, sides->host.now);
  else
    tcp_import_delegated (to, &delegated, &import, sides->host.now);
  return delegated.TsTime;
}

static void
the_first_table_gives_samples_of_five_throughout (G_GNUC_UNUSED void **state)
{
  Sides sides;
  sides_begin (&sides);
  clocks_say (&sides, 100, 100, 200);
  assert_int_equal (sent_timestamp (&sides, &sides.host.tcb), 100);
  assert_int_equal (moved (&sides, &sides.host.tcb, &sides.nic, true), 100);
  assert_int_equal ((int32_t)sides.nic.ts_delta, -100);

  clocks_say (&sides, 105, 105, 205);
  assert_int_equal (measured (&sides, &sides.nic, 100), 5); /* 205 - 100 - 100 */
  clocks_say (&sides, 110, 110, 210);
  assert_int_equal (sent_timestamp (&sides, &sides.nic), 110);
  clocks_say (&sides, 115, 115, 215);
  assert_int_equal (measured (&sides, &sides.nic, 110), 5); /* 215 - 100 - 110 */

  clocks_say (&sides, 150, 150, 250);
  assert_int_equal (sent_timestamp (&sides, &sides.nic), 150);
  assert_int_equal (moved (&sides, &sides.nic, &sides.host.tcb, false), 150);
  assert_int_equal ((int32_t)sides.host.tcb.ts_delta, 0);
  clocks_say (&sides, 155, 155, 255);
  assert_int_equal (measured (&sides, &sides.host.tcb, 150), 5); /* 155 + 0 - 150 */
  tcp_clear (&sides.nic);
  solo_clear (&sides.host);
}

static void
the_second_table_follows_a_clock_that_drifts (G_GNUC_UNUSED void **state)
{
  Sides sides;
  sides_begin (&sides);
  clocks_say (&sides, 100, 100, 200);
  assert_int_equal (sent_timestamp (&sides, &sides.host.tcb), 100);
  moved (&sides, &sides.host.tcb, &sides.nic, true);
  clocks_say (&sides, 105, 105, 205);
  assert_int_equal (measured (&sides, &sides.nic, 100), 5);

  clocks_say (&sides, 150, 200, 250); /* the host's clock has run ahead */
  assert_int_equal (sent_timestamp (&sides, &sides.nic), 150);
  assert_int_equal (moved (&sides, &sides.nic, &sides.host.tcb, false), 150);
  assert_int_equal ((int32_t)sides.host.tcb.ts_delta, -50);
  clocks_say (&sides, 155, 205, 255);
  assert_int_equal (measured (&sides, &sides.host.tcb, 150), 5); /* 205 - 50 - 150 */
  clocks_say (&sides, 200, 250, 300);
  assert_int_equal (sent_timestamp (&sides, &sides.host.tcb), 200);
  clocks_say (&sides, 205, 255, 305);
  assert_int_equal (measured (&sides, &sides.host.tcb, 200), 5); /* 255 - 50 - 200 */

  clocks_say (&sides, 220, 400, 320);
  assert_int_equal (sent_timestamp (&sides, &sides.host.tcb), 350);
  assert_int_equal (moved (&sides, &sides.host.tcb, &sides.nic, true), 350);
  assert_int_equal ((int32_t)sides.nic.ts_delta, 30);
  clocks_say (&sides, 225, 405, 325);
  assert_int_equal (measured (&sides, &sides.nic, 350), 5); /* 325 + 30 - 350 */
  tcp_clear (&sides.nic);
  solo_clear (&sides.host);
}

static void
with_timestamps (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_HOST);
  solo->setup.timestamps = true;
  solo_establish (solo);
}

static TcpNews
stamped (Solo *solo, uint32_t seq, uint32_t bytes, uint32_t ts_value)
{
  TcpSegment s = solo_segment (solo, solo->tcb.SndUna, bytes);
  s.seq = seq;
  s.payload.offset = seq - SOLO_PEER;
  s.options |= TCP_OPTION_TIMESTAMP;
  s.ts_value = ts_value;
  return solo_receive (solo, s);
}

static void
every_segment_carries_a_timestamp_or_none_does (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  stamped (&solo, SOLO_PEER, 1000, 77);
  solo_send (&solo, 2);
  for (uint32_t i = 0; i < solo.n_out; i++) {
    assert_true ((solo.out[i].options & TCP_OPTION_TIMESTAMP) != 0);
    assert_int_equal (solo.out[i].ts_echo, 77);
  }
  tcp_abort (&solo.tcb, solo.now);
  solo_pull (&solo);
  assert_true ((solo.out[0].options & TCP_OPTION_TIMESTAMP) != 0);
  solo_clear (&solo);

  solo_init (&solo);
  solo_send (&solo, 2);
  assert_int_equal ((solo.out[0].options | solo.out[1].options) & TCP_OPTION_TIMESTAMP, 0);
  solo_clear (&solo);
}

static void
the_echo_is_that_of_the_segment_the_ack_waits_for (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  stamped (&solo, SOLO_PEER, 100, 50);
  stamped (&solo, SOLO_PEER + 100, 100, 60); /* of two delayed ones, the first */
  solo_pull (&solo);
  assert_int_equal (solo.out[0].ts_echo, 50);

  stamped (&solo, SOLO_PEER + 1000, 100, 70); /* beyond a gap: not this one */
  solo_pull (&solo);

  assert_int_equal (solo.out[0].ts_echo, 50);
  solo_clear (&solo);
}

static void
an_older_timestamp_is_dropped_and_answered (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  stamped (&solo, SOLO_PEER, 1000, 500);
  stamped (&solo, SOLO_PEER + 1000, 1000, 501);
  solo_pull (&solo);

  TcpNews news = stamped (&solo, SOLO_PEER + 2000, 1000, 499);

  assert_int_equal (news.events, 0);
  assert_int_equal (solo.tcb.RcvNxt, SOLO_PEER + 2000);
  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER + 2000);
  solo_clear (&solo);
}

static void
after_24_days_an_older_timestamp_proves_nothing (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  stamped (&solo, SOLO_PEER, 900, 500);
  solo_expire (&solo);
  solo_pull (&solo); /* the delayed ACK */
  solo_wait (&solo, INT64_C (24) * 24 * 3600 * 1000 + 1);

  TcpNews news = stamped (&solo, SOLO_PEER + 900, 1000, 499);

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_int_equal (solo.tcb.TsRecent, 499);
  solo_clear (&solo);
}

static void
the_first_timestamp_may_be_any (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);

  TcpNews news = stamped (&solo, SOLO_PEER, 1000, UINT32_C (0xF0000000));

  assert_true ((news.events & TCP_NEWS_DATA) != 0);
  assert_int_equal (solo.tcb.TsRecent, UINT32_C (0xF0000000));
  solo_clear (&solo);
}

static void
a_segment_without_the_agreed_option_is_dropped (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);

  TcpNews news = solo_data (&solo, 1000);

  assert_int_equal (news.events, 0);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
each_ack_is_a_sample_even_of_what_was_sent_twice (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  solo_wait (&solo, 5000);
  solo_send (&solo, 1);
  solo_expire (&solo);
  solo_pull (&solo);
  uint32_t stamp = solo.out[0].ts_value;
  solo_wait (&solo, 30);
  TcpSegment s = solo_segment (&solo, solo.tcb.SndMax, 0);
  s.options |= TCP_OPTION_TIMESTAMP;
  s.ts_value = 1;
  s.ts_echo = stamp;

  solo_receive (&solo, s);

  assert_int_equal (solo.tcb.SRtt, 8 * 30);
  assert_int_equal (solo.tcb.backoff, 0);
  solo_clear (&solo);
}

static void
an_echo_from_the_future_is_no_sample (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_timestamps (&solo);
  solo_send (&solo, 1);
  TcpSegment s = solo_segment (&solo, solo.tcb.SndMax, 0);
  s.options |= TCP_OPTION_TIMESTAMP;
  s.ts_value = 1;
  s.ts_echo = 1000000;

  solo_receive (&solo, s);

  assert_int_equal (solo.tcb.SRtt, 0);
  solo_clear (&solo);
}

static void
timestamps_count_in_ticks (G_GNUC_UNUSED void **state)
{
  static const uint32_t rate[] = { 10, 100, 1000 };
  for (size_t i = 0; i < G_N_ELEMENTS (rate); i++) {
    Solo solo;
    solo_prepare (&solo, TCP_ROLE_HOST);
    solo.setup.timestamps = true;
    solo.config.ticks_per_s = rate[i];
    solo_establish (&solo);
    solo_send (&solo, 1);
    uint32_t first = solo.out[0].ts_value;
    solo_wait (&solo, 3000);
    solo_send (&solo, 1);

    assert_int_equal (solo.out[0].ts_value - first, 3 * rate[i]);
    solo_clear (&solo);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_first_table_gives_samples_of_five_throughout),
    cmocka_unit_test (the_second_table_follows_a_clock_that_drifts),
    cmocka_unit_test (every_segment_carries_a_timestamp_or_none_does),
    cmocka_unit_test (the_echo_is_that_of_the_segment_the_ack_waits_for),
    cmocka_unit_test (an_older_timestamp_is_dropped_and_answered),
    cmocka_unit_test (after_24_days_an_older_timestamp_proves_nothing),
    cmocka_unit_test (the_first_timestamp_may_be_any),
    cmocka_unit_test (a_segment_without_the_agreed_option_is_dropped),
    cmocka_unit_test (each_ack_is_a_sample_even_of_what_was_sent_twice),
    cmocka_unit_test (an_echo_from_the_future_is_no_sample),
    cmocka_unit_test (timestamps_count_in_ticks),
  };
  return cmocka_run_group_tests_name ("timestamps", tests, NULL, NULL);
}
