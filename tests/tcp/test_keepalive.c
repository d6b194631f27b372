#include "tests/tcp/solo.h"

static void
with_keepalive (Solo *solo)
{
  solo_prepare (solo, TCP_ROLE_TARGET);
  solo->setup.keepalive = true;
  solo->config.keepalive_timeout_ticks = 20000;
  solo->config.keepalive_interval_ticks = 1500;
  solo->config.keepalive_probes = 3;
  solo_establish (solo);
}

static void
probes_start_after_the_idle_time_and_follow_at_the_interval (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);

  assert_int_equal (solo_expire (&solo), 20000);
  for (uint32_t probe = 1; probe <= 3; probe++) {
    assert_int_equal (solo_pull (&solo), 1);
    assert_int_equal (solo.out[0].seq, SOLO_OWN - 1);
    assert_int_equal (solo.out[0].payload.bytes, 0);
    assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, probe);
    assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 1500);
    assert_int_equal (solo_expire (&solo), 1500);
  }

  assert_int_equal (solo.news.events, TCP_NEWS_TIMED_OUT | TCP_NEWS_CLOSED);
  assert_int_equal (solo_pull (&solo), 0);
  solo_clear (&solo);
}

static void
an_answer_begins_the_idle_time_anew (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);
  solo_expire (&solo);
  solo_pull (&solo);
  solo_expire (&solo);
  solo_pull (&solo);

  solo_acked (&solo, SOLO_OWN);

  assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, 0);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 20000);
  solo_clear (&solo);
}

static void
a_disabled_keepalive_never_probes (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);

  assert_true (sim_time_is_never (tcp_deadline (&solo.tcb)));
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, TCP_TIMER_STOPPED);
  solo_clear (&solo);
}

static void
what_is_outstanding_is_no_idleness (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);
  solo.config.keepalive_timeout_ticks = 100;
  solo.tcb.KaTimeout = 100;
  solo_acked (&solo, SOLO_OWN);
  solo_send (&solo, 1);

  assert_int_equal (solo_expire (&solo), 100);

  assert_int_equal (solo_pull (&solo), 0);
  assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, 0);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 1500);
  solo_clear (&solo);
}

static void
a_peers_probe_is_answered (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_init (&solo);
  TcpSegment probe = solo_segment (&solo, SOLO_OWN, 0);
  probe.seq--;

  solo_receive (&solo, probe);

  assert_int_equal (solo_pull (&solo), 1);
  assert_int_equal (solo.out[0].ack, SOLO_PEER);
  solo_clear (&solo);
}

static TCP_OFFLOAD_STATE_CACHED
cached_of (const Solo *solo)
{
  TCP_OFFLOAD_STATE_CACHED cached;
  tcp_export_cached (&solo->tcb, &cached);
  return cached;
}

static void
an_update_switches_keepalive_on_and_off (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);
  TCP_OFFLOAD_STATE_CACHED cached = cached_of (&solo);
  cached.Flags &= (uint16_t)~TCP_FLAG_KEEP_ALIVE_ENABLED;

  tcp_update_cached (&solo.tcb, &cached, solo.now);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, TCP_TIMER_STOPPED);
  cached.Flags |= TCP_FLAG_KEEP_ALIVE_ENABLED;
  cached.KaTimeout = 7000;
  tcp_update_cached (&solo.tcb, &cached, solo.now);

  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 7000);
  solo_clear (&solo);
}

static void
the_restart_flag_measures_idle_time_anew (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);
  solo_wait (&solo, 5000);
  TCP_OFFLOAD_STATE_CACHED cached = cached_of (&solo);
  tcp_update_cached (&solo.tcb, &cached, solo.now);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 15000);

  cached.Flags |= TCP_FLAG_KEEP_ALIVE_RESTART;
  tcp_update_cached (&solo.tcb, &cached, solo.now);

  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 20000);
  assert_int_equal (cached_of (&solo).Flags, TCP_FLAG_KEEP_ALIVE_ENABLED); /* one-shot */
  solo_clear (&solo);
}

static void
the_max_rt_flag_clears_total_rt_and_resets_changed_keepalive (G_GNUC_UNUSED void **state)
{
  Solo solo;
  with_keepalive (&solo);
  solo.tcb.TotalRT = 1234;
  solo_wait (&solo, 5000);
  TCP_OFFLOAD_STATE_CACHED cached = cached_of (&solo);
  cached.Flags |= TCP_FLAG_MAX_RT_RESTART;
  cached.MaxRT = 9000;
  tcp_update_cached (&solo.tcb, &cached, solo.now);
  assert_int_equal (solo.tcb.TotalRT, 0);
  assert_int_equal (solo.tcb.MaxRT, 9000);
  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 15000);

  cached.KaInterval = 77;
  tcp_update_cached (&solo.tcb, &cached, solo.now);

  assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, 20000);
  solo_clear (&solo);
}

/* TCPV-10, UPD-12 */
static void
each_changed_keepalive_value_resets_its_timer_or_count (G_GNUC_UNUSED void **state)
{
  enum { NOTHING, COUNT, TIMEOUT, INTERVAL, N_CHANGES };
  for (int change = NOTHING; change < N_CHANGES; change++)
    for (int restarts = 0; restarts < 2; restarts++) {
      Solo solo;
      with_keepalive (&solo);
      solo_expire (&solo);
      assert_int_equal (solo_pull (&solo), 1);
      solo_wait (&solo, 300);
      assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, 1);
      TCP_OFFLOAD_STATE_CACHED cached = cached_of (&solo);
      cached.Flags |= restarts != 0 ? TCP_FLAG_MAX_RT_RESTART : 0;
      if (change == COUNT)
        cached.KaProbeCount++;
      cached.KaTimeout += change == TIMEOUT;
      cached.KaInterval += change == INTERVAL;

      tcp_update_cached (&solo.tcb, &cached, solo.now);

      bool is_reset = restarts != 0 && change != NOTHING;
      uint32_t left = is_reset ? cached.KaTimeout : 1200;
      assert_int_equal (solo_delegated (&solo).KeepAlive.ProbeCount, is_reset ? 0 : 1);
      assert_int_equal (solo_delegated (&solo).KeepAlive.TimeoutDelta, left);
      solo_clear (&solo);
    }
}

static void
header_fields_follow_an_update (G_GNUC_UNUSED void **state)
{
  Solo solo;
  solo_prepare (&solo, TCP_ROLE_TARGET);
  solo.setup.ip_version = 6;
  solo_establish (&solo);
  TCP_OFFLOAD_STATE_CACHED cached = cached_of (&solo);
  cached.TtlOrHopLimit = 9;
  cached.TosOrTrafficClass = 0x28;
  cached.FlowLabel = 0xABCDE;
  cached.UserPriority = 5;

  tcp_update_cached (&solo.tcb, &cached, solo.now);
  solo_send (&solo, 1);

  assert_int_equal (solo.out[0].ttl, 9);
  assert_int_equal (solo.out[0].tos, 0x28);
  assert_int_equal (solo.out[0].flow_label, 0xABCDE);
  assert_int_equal (solo.out[0].vlan_tag >> 13, 5);
  solo_clear (&solo);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (probes_start_after_the_idle_time_and_follow_at_the_interval),
    cmocka_unit_test (an_answer_begins_the_idle_time_anew),
    cmocka_unit_test (a_disabled_keepalive_never_probes),
    cmocka_unit_test (what_is_outstanding_is_no_idleness),
    cmocka_unit_test (a_peers_probe_is_answered),
    cmocka_unit_test (an_update_switches_keepalive_on_and_off),
    cmocka_unit_test (the_restart_flag_measures_idle_time_anew),
    cmocka_unit_test (the_max_rt_flag_clears_total_rt_and_resets_changed_keepalive),
    cmocka_unit_test (each_changed_keepalive_value_resets_its_timer_or_count),
    cmocka_unit_test (header_fields_follow_an_update),
  };
  return cmocka_run_group_tests_name ("keepalive", tests, NULL, NULL);
}
