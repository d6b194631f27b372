#include "tests/support.h"

#include <string.h>

#include "lab/human.h"
#include "lab/tables.h"
#include "tests/lab/sample.h"

static void
each_row_of_latencies_sums_to_its_total (G_GNUC_UNUSED void **state)
{
  Sample *sample = sample_new (20);
  g_autofree char *csv = lab_latency_csv (&sample->view);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  size_t n_rows;
  const LatencyRow *row = latency_rows (sample->latency, &n_rows);

  for (size_t i = 0; i < n_rows; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i + 1], ",", -1);
    guint n = g_strv_length (cells);
    int64_t sum = 0;
    for (guint c = 6; c + 1 < n; c++)
      sum += g_ascii_strtoll (cells[c], NULL, 10);
    assert_int_equal (sum, g_ascii_strtoll (cells[n - 1], NULL, 10));
    assert_int_equal (sum, sim_time_diff (row[i].end, row[i].begin).ps);
  }
  assert_string_equal (lines[n_rows + 1], "");
  sample_free (sample);
}

static void
latencies_have_a_column_for_each_used_stage_in_the_order_of_the_way (G_GNUC_UNUSED void **state)
{
  Sample *sample = sample_new (20);
  g_autofree char *csv = lab_latency_csv (&sample->view);

  assert_true (g_str_has_prefix (
      csv, "class,id,connection,path,begin_ps,end_ps,app_ps,host_ps,ndis-down_ps,team0-down_ps,"
           "miniport_ps,mailbox_ps,dma_ps,engine_ps,nic-tx_ps,wire_ps,peer_ps,wire-back_ps,"
           "nic-rx_ps,interrupt_ps,completion_ps,team0-up_ps,ndis-up_ps,host-up_ps,total_ps\n"
           "request,0,web/"));
  sample_free (sample);
}

static void
the_way_has_each_column_once (G_GNUC_UNUSED void **state)
{
  uint32_t way[LAB_WAY_COLUMNS];
  bool seen[LAB_WAY_COLUMNS] = { false };

  lab_view_way (way);
  for (uint32_t i = 0; i < LAB_WAY_COLUMNS; i++) {
    assert_true (way[i] < LAB_WAY_COLUMNS);
    assert_false (seen[way[i]]);
    seen[way[i]] = true;
  }
}

static void
owners_of_a_connection_follow_one_another_without_a_gap (G_GNUC_UNUSED void **state)
{
  Sample *sample = sample_new (3);
  g_autofree char *csv = lab_ownership_csv (&sample->view);
  g_auto (GStrv) lines = g_strsplit (csv, "\n", -1);
  static const char *const owners[] = { "host", "going-down", "target", "going-up",
                                        "host", "going-down", "target" };
  g_autofree char *end = g_strdup ("0");

  assert_string_equal (lines[0], "connection,owner,begin_ps,end_ps");
  for (size_t i = 0; i < G_N_ELEMENTS (owners); i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i + 1], ",", -1);
    assert_string_equal (cells[0], "web/0");
    assert_string_equal (cells[1], owners[i]);
    assert_string_equal (cells[2], end);
    g_free (end);
    end = g_strdup (cells[3]);
  }
  assert_int_equal (g_ascii_strtoll (end, NULL, 10), SAMPLE_END_PS);
  sample_free (sample);
}

static void
episodes_last_from_one_change_to_the_next (G_GNUC_UNUSED void **state)
{
  Sample *sample = sample_new (1);
  g_autoptr (GArray) spans = episodes_spans (sample->episodes, (SimTime){ SAMPLE_END_PS });
  const Episode *link = &g_array_index (spans, Episode, 0);
  const Episode *power = &g_array_index (spans, Episode, 1);

  assert_int_equal (spans->len, 2);
  assert_int_equal (link->kind, EPISODE_LINK);
  assert_int_equal (link->begin.ps, 40 * SIM_PS_PER_MS);
  assert_int_equal (link->end.ps, 42 * SIM_PS_PER_MS);
  assert_int_equal (power->kind, EPISODE_POWER);
  assert_int_equal (power->level, 3);
  assert_int_equal (power->end.ps, 77 * SIM_PS_PER_MS);
  sample_free (sample);
}

static void
an_episode_that_outlives_the_run_ends_with_it (G_GNUC_UNUSED void **state)
{
  Sample *sample = sample_new (1);
  g_autoptr (GArray) spans = episodes_spans (sample->episodes, (SimTime){ 70 * SIM_PS_PER_MS });

  assert_int_equal (g_array_index (spans, Episode, 1).end.ps, 70 * SIM_PS_PER_MS);
  assert_int_equal (episodes_event (sample->episodes, 0).outcome, EPISODE_DONE);
  assert_int_equal (episodes_event (sample->episodes, 4).outcome, EPISODE_UNDER_WAY);
  sample_free (sample);
}

static void
times_have_three_digits_and_a_unit_that_suits_them (G_GNUC_UNUSED void **state)
{
  static const struct {
    int64_t ps;
    const char *text;
  } table[] = {
    { 0, "0 ps" },
    { 999, "999 ps" },
    { 1000, "1.00 ns" },
    { 48234567, "48.2 µs" },
    { 999600, "1.00 µs" },
    { 262512000, "263 µs" },
    { 1069500000, "1.07 ms" },
    { -1500000, "-1.50 µs" },
    { 2 * SIM_PS_PER_S, "2.00 s" },
    { INT64_MAX, "9223372 s" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = lab_human_time (table[i].ps);
    assert_string_equal (text, table[i].text);
  }
}

static void
counts_set_off_their_thousands (G_GNUC_UNUSED void **state)
{
  static const struct {
    int64_t count;
    const char *text;
  } table[] = { { 0, "0" },
                { 999, "999" },
                { 1000, "1\u202f000" },
                { -123456, "-123\u202f456" },
                { 1234567, "1\u202f234\u202f567" } };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = lab_human_count (table[i].count);
    assert_string_equal (text, table[i].text);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_row_of_latencies_sums_to_its_total),
    cmocka_unit_test (latencies_have_a_column_for_each_used_stage_in_the_order_of_the_way),
    cmocka_unit_test (the_way_has_each_column_once),
    cmocka_unit_test (owners_of_a_connection_follow_one_another_without_a_gap),
    cmocka_unit_test (episodes_last_from_one_change_to_the_next),
    cmocka_unit_test (an_episode_that_outlives_the_run_ends_with_it),
    cmocka_unit_test (times_have_three_digits_and_a_unit_that_suits_them),
    cmocka_unit_test (counts_set_off_their_thousands),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
