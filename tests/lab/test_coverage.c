#include "tests/support.h"

#include "lab/coverage.h"
#include "tests/lab/fragment.h"

/* A stack with one intermediate driver: the target is layer 2. */
static const WorldConfig config = { .n_connections = 4, .n_ims = 1 };

G_STATIC_ASSERT (TcpOffloadState == 16 && NeighborOffloadState == 3);

#define CALL(id, name, layer, rest) \
  "10 call-begin crossing=" #id " call=" name " layer=" #layer " " rest
#define NODE(id, what) "10 node crossing=" #id " object=31 role=2 " what
#define DOWN                                                           \
  CALL (1, "MiniportInitiateOffload", 1, "op=7"), NODE (1, "type=16"), \
      CALL (2, "MiniportInitiateOffload", 2, "op=7"), NODE (2, "type=16")
#define COMPLETED                                                                    \
  CALL (3, "NdisMInitiateOffloadComplete", 2, "op=7"), NODE (3, "type=16 status=0"), \
      CALL (4, "NdisMInitiateOffloadComplete", 1, "op=7"), NODE (4, "type=16 status=0")
#define LIVE "12 context-live context=5 object=31 connection=1"
#define QUERY(id) CALL (id, "MiniportQueryOffload", 2, "op=8"), NODE (id, "type=16")

#define LINES_MAX 24

/* A fragment, and the place that its last line reaches. */
typedef struct Row {
  const char *lines[LINES_MAX];
  LabCoverageTable table;
  const char *place;
} Row;

static const Row rows[] = {
  { { CALL (1, "MiniportInitiateOffload", 1, "op=7"), NODE (1, "type=16"),
      CALL (2, "MiniportInitiateOffload", 2, "op=7"), NODE (2, "type=16") },
    LAB_COVERAGE_OPERATIONS,
    "initiate, connection, going-down, D0" },
  { { CALL (1, "MiniportInitiateOffload", 1, "op=7"), NODE (1, "type=3"),
      CALL (2, "MiniportInitiateOffload", 2, "op=7"), NODE (2, "type=3") },
    LAB_COVERAGE_OPERATIONS,
    "initiate, neighbor, going-down, D0" },
  { { DOWN, COMPLETED, QUERY (5) }, LAB_COVERAGE_OPERATIONS, "query, connection, target, D0" },
  { { DOWN, COMPLETED, QUERY (5), QUERY (6) }, LAB_COVERAGE_OVERLAPS, "query, query, connection" },
  { { DOWN, CALL (3, "NdisMInitiateOffloadComplete", 2, "op=7"), NODE (3, "type=16 status=8") },
    LAB_COVERAGE_RESULTS,
    "initiate, connection, NDIS_STATUS_OFFLOAD_TCP_ENTRIES" },
  { { LIVE, CALL (5, "MiniportTcpOffloadSend", 2, "object=31") },
    LAB_COVERAGE_CALLS,
    "send, ESTABLISHED" },
  { { LIVE, "13 connection-state connection=1 side=1 from=4 to=7",
      CALL (5, "NdisTcpOffloadEventHandler", 2, "object=31 arg0=1") },
    LAB_COVERAGE_CALLS,
    "TcpIndicateDisconnect, CLOSE_WAIT" },
  { { LIVE, CALL (5, "MiniportTcpOffloadDisconnect", 2, "object=31 arg0=1") },
    LAB_COVERAGE_POWER,
    "abortive disconnect, D0" },
  { { LIVE, CALL (4, "MiniportOidRequest", 2, "arg0=8 arg1=1"),
      CALL (5, "NdisTcpOffloadSendComplete", 2, "object=31") },
    LAB_COVERAGE_POWER,
    "send completion, on the way to sleep" },
  { { CALL (5, "NdisTcpOffloadEventHandler", 2, "object=31 arg0=2 arg1=4") },
    LAB_COVERAGE_REASONS,
    "ReceivedUrgentData" },
  { { CALL (5, "NdisMIndicateStatusEx", 2, "arg0=28") },
    LAB_COVERAGE_INDICATIONS,
    "NDIS_STATUS_UPLOAD_ALL" },
  { { CALL (5, "NdisOidRequest", 0, "arg0=8 arg1=1") },
    LAB_COVERAGE_OIDS,
    "OID_PNP_SET_POWER, set" },
  { { "13 connection-state connection=1 side=2 from=4 to=7" },
    LAB_COVERAGE_TRANSITIONS,
    "peer, ESTABLISHED, CLOSE_WAIT" },
};

static LabCoverage *
play (const char *const *lines)
{
  Fragment *fragment = fragment_new ();
  LabCoverage *coverage = lab_coverage_new ();

  lab_coverage_watch (coverage, sim_trace (fragment->sim), &config);
  fragment_play (fragment, lines, 1000);
  fragment_free (fragment);
  return coverage;
}

/* The place of a name; the table's number of places if there is none. */
static uint32_t
place_named (LabCoverageTable table, const char *name)
{
  for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
    g_autofree char *own = lab_coverage_place_name (table, place);
    if (strcmp (own, name) == 0)
      return place;
  }
  fail_msg ("%s has no place \"%s\"", lab_coverage_info (table)->name, name);
  return 0;
}

static void
each_place_is_reached_by_its_record (void **state)
{
  (void)state;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (LabCoverage) coverage = play (rows[i].lines);
    uint32_t place = place_named (rows[i].table, rows[i].place);
    if (lab_coverage_count (coverage, rows[i].table, place) == 0)
      fail_msg ("row %zu: \"%s\" was not reached", i, rows[i].place);
    assert_null (lab_coverage_excuse (rows[i].table, place));
  }
}

static void
what_an_end_takes_over_is_no_transition (void **state)
{
  static const char *const lines[] = { "10 owner connection=1 owner=0",
                                       "10 connection-state connection=1 side=0 from=4 to=6",
                                       "10 connection-state connection=2 side=1 from=0 to=4",
                                       NULL };
  (void)state;
  g_autoptr (LabCoverage) coverage = play (lines);
  LabCoverageShare share = lab_coverage_share (coverage, LAB_COVERAGE_TRANSITIONS);

  assert_int_equal (share.reached, 0);
  assert_int_equal (share.beyond, 0);
}

static void
what_cannot_be_is_counted_apart (void **state)
{
  static const char *const lines[] = { "10 connection-state connection=1 side=2 from=4 to=10",
                                       NULL };
  (void)state;
  g_autoptr (LabCoverage) coverage = play (lines);
  LabCoverageShare share = lab_coverage_share (coverage, LAB_COVERAGE_TRANSITIONS);

  assert_int_equal (share.reached, 0);
  assert_int_equal (share.beyond, 1);
}

static void
counts_of_several_processes_add_up (void **state)
{
  (void)state;
  g_autoptr (LabCoverage) sum = lab_coverage_new ();
  g_autoptr (LabCoverage) one = play (rows[12].lines);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  uint32_t place = place_named (rows[12].table, rows[12].place);

  lab_coverage_pack (one, bytes);
  lab_coverage_add (sum, bytes->data, bytes->len);
  lab_coverage_add (sum, bytes->data, bytes->len);
  assert_int_equal (lab_coverage_count (sum, rows[12].table, place), 2);
}

static void
coordinates_and_places_are_one_to_one (void **state)
{
  (void)state;
  for (LabCoverageTable table = 0; table < LAB_N_COVERAGE_TABLES; table++) {
    const LabCoverageInfo *info = lab_coverage_info (table);
    for (uint32_t place = 0; place < lab_coverage_places (table); place++) {
      uint32_t at[LAB_COVERAGE_AXES_MAX], back = 0;
      lab_coverage_at (table, place, at);
      for (uint32_t i = 0; i < info->n_axes; i++) {
        assert_true (at[i] < info->axis[i].n);
        assert_non_null (info->axis[i].value (at[i]));
        back = back * info->axis[i].n + at[i];
      }
      assert_int_equal (back, place);
    }
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_place_is_reached_by_its_record),
    cmocka_unit_test (what_an_end_takes_over_is_no_transition),
    cmocka_unit_test (what_cannot_be_is_counted_apart),
    cmocka_unit_test (counts_of_several_processes_add_up),
    cmocka_unit_test (coordinates_and_places_are_one_to_one),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
