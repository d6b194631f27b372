#include "tests/support.h"

#include "lab/chart.h"
#include "tests/lab/fragment.h"

/* A stack with one intermediate driver: the target is layer 2. */
static const TimelineEvent events[] = { { .id = "bulk", .verb = TIMELINE_OFFLOAD } };
static const WorldConfig config = { .n_connections = 2,
                                    .n_ims = 1,
                                    .im = { { .name = "vlan0" } },
                                    .target_above = 1,
                                    .n_groups = 1,
                                    .group = { { .name = "web", .count = 2 } },
                                    .event = (TimelineEvent *)events,
                                    .n_events = 1 };

/* The connection's object is not known: those of the connections have no object here. */
static const char *const lines[] = {
  "1000000 timeline event=0 phase=0",
  "2000000 owner connection=1 owner=1 op=7",
  "2000000 owner connection=0 owner=1 op=7",
  "3000000 wire-send connection=1 sender=2 direction=1 seq=700 flags=4 payload=0",
  "4000000 wire-send connection=1 sender=2 direction=1 seq=700 flags=24 payload=10",
  "5000000 wire-drop connection=1 sender=2 direction=1 seq=700 flags=24 payload=10 reason=1",
  "6000000 wire-arrive connection=1 sender=2 direction=1 seq=700 flags=4 payload=0",
  "7000000 context-live context=5 object=31 connection=1",
  "8000000 connection-state connection=1 side=1 from=4 to=0",
  "9000000 call-begin crossing=9 call=NdisMIndicateStatusEx layer=2 arg0=28",
  "9500000 call-begin crossing=10 call=MiniportOidRequest layer=1 arg0=8 arg1=1",
  "9700000 power part=2 from=0 to=3",
  "9800000 link up=0",
  "9900000 app-event connection=1 side=0 what=3",
  NULL
};

static LabChart *
play (SimTime at)
{
  Fragment *fragment = fragment_new ();
  LabChartFocus focus = { "why", "why it is so", 1, SIM_TIME_ZERO, SIM_TIME_NEVER, at };
  LabChart *chart = lab_chart_new (&config, &focus);

  lab_chart_watch (chart, sim_trace (fragment->sim));
  fragment_play (fragment, lines, 20000000);
  fragment_free (fragment);
  return chart;
}

static void
a_chart_says_who_called_whom_in_order (void **state)
{
  (void)state;
  static const char wanted[] =
      "web/1: why it is so\n"
      "        us    host        vlan0       target      peer        \n"
      "              (from 0.001000000 ms)\n"
      "  0.000000    =====================================   event bulk (offload) begins\n"
      "  1.000000    *           |           |           |   owner: going-down\n"
      "  2.000000    |           |           |           o   sends RST 0\n"
      "  3.000000    |           |           |           o   sends PSH ACK 0, 10 B\n"
      "  4.000000    |           |           |<----X-----|   lost: PSH ACK 0, 10 B\n"
      "  5.000000    |           |           |<----------|   RST 0\n"
      "  5.000000    #####################################   why\n"
      "  6.000000    |           |           *           |   context is live\n"
      "  7.000000    |           |           *           |   CLOSED, was ESTABLISHED\n"
      "  8.000000    |           |<----------|           |   NdisMIndicateStatusEx: UPLOAD_ALL\n"
      "  8.500000    |---------->|           |           |   MiniportOidRequest: "
      "OID_PNP_SET_POWER\n"
      "  8.700000    |           |           *           |   D3, was D0\n"
      "  8.800000    |           |           *           |   link down\n"
      "  8.900000    *           |           |           |   application: aborted\n";
  g_autoptr (LabChart) chart = play ((SimTime){ 6000000 });
  g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);
  g_autofree char *text = lab_chart_text (sheet);

  assert_string_equal (text, wanted);
}

static void
frames_are_joined_to_their_departures (void **state)
{
  (void)state;
  g_autoptr (LabChart) chart = play (SIM_TIME_NEVER);
  g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);

  assert_int_equal (g_array_index (sheet->rows, LabChartRow, 4).departed, 3);
  assert_int_equal (g_array_index (sheet->rows, LabChartRow, 5).departed, 2);
  assert_int_equal (g_array_index (sheet->rows, LabChartRow, 5).owner, OWNER_GOING_DOWN);
}

static void
the_pictures_hold_the_same_rows (void **state)
{
  (void)state;
  g_autoptr (LabChart) chart = play ((SimTime){ 6000000 });
  g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);
  g_autofree char *svg = lab_chart_svg (sheet);
  g_autofree char *mermaid = lab_chart_mermaid (sheet);

  for (guint i = 0; i < sheet->rows->len; i++) {
    const LabChartRow *row = &g_array_index (sheet->rows, LabChartRow, i);
    if (row->kind == LAB_CHART_DEPART)
      continue;
    assert_non_null (strstr (svg, row->label));
    assert_non_null (strstr (mermaid, row->label));
  }
  assert_non_null (strstr (mermaid, "L2->>L1: NdisMIndicateStatusEx"));
  assert_non_null (strstr (mermaid, "L3--xL2: PSH ACK"));
}

/* A picture outside a page has no style sheet: readers of SVG alone know neither it nor variables. */
static void
the_picture_needs_no_style_sheet (void **state)
{
  (void)state;
  g_autoptr (LabChart) chart = play ((SimTime){ 6000000 });
  g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);
  g_autofree char *svg = lab_chart_svg (sheet);

  assert_null (strstr (svg, "var("));
  assert_null (strstr (svg, "style="));
  assert_non_null (strstr (svg, "fill=\"#ffffff\"/>"));
}

/* Of many rows those next to the marked instant are kept. */
static void
a_long_stretch_keeps_what_is_next_to_the_mark (void **state)
{
  enum { N = 300, MARKED = 150 };
  (void)state;
  Fragment *fragment = fragment_new ();
  LabChartFocus focus = { "why", "", 1, SIM_TIME_ZERO, SIM_TIME_NEVER, { MARKED } };
  g_autoptr (LabChart) chart = lab_chart_new (&config, &focus);
  char *many[N + 1] = { NULL };

  for (int i = 0; i < N; i++)
    many[i] = g_strdup_printf ("%d link up=%d", i, i % 2);
  lab_chart_watch (chart, sim_trace (fragment->sim));
  fragment_play (fragment, (const char *const *)many, N + 1);
  g_autoptr (LabChartSheet) sheet = lab_chart_sheet (chart);
  assert_true (sheet->has_earlier && sheet->has_later);
  assert_int_equal (sheet->rows->len, LAB_CHART_ROWS_BEFORE + LAB_CHART_ROWS_AFTER + 1);
  assert_int_equal (g_array_index (sheet->rows, LabChartRow, 0).when.ps,
                    MARKED - LAB_CHART_ROWS_BEFORE + 1);
  assert_int_equal (g_array_index (sheet->rows, LabChartRow, LAB_CHART_ROWS_BEFORE).kind,
                    LAB_CHART_MARK);
  for (int i = 0; i < N; i++)
    g_free (many[i]);
  fragment_free (fragment);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_chart_says_who_called_whom_in_order),
    cmocka_unit_test (frames_are_joined_to_their_departures),
    cmocka_unit_test (the_pictures_hold_the_same_rows),
    cmocka_unit_test (the_picture_needs_no_style_sheet),
    cmocka_unit_test (a_long_stretch_keeps_what_is_next_to_the_mark),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
