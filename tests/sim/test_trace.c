#include "tests/support.h"

#include "sim/trace.h"

enum { TRACE_CALL, TRACE_FRAME, TRACE_OWNER, TRACE_NOTE, N_KINDS };
enum { TRACE_N_CALL = 2, TRACE_N_FRAME = 1, TRACE_N_OWNER = 2, TRACE_N_NOTE = 1 };

#define PRINT(name) (1u << SIM_PRINT_##name)

static const SimTraceKind KINDS[N_KINDS] = {
  [TRACE_CALL] = { "call", "call", 2, PRINT (ORDER) | PRINT (TIMING), { "verb", "blocks" } },
  [TRACE_FRAME] = { "frame", "wire", 1, PRINT (WIRE) | PRINT (TIMING), { "bytes" } },
  [TRACE_OWNER] = { "owner", "state", 2, PRINT (OWNERSHIP), { "connection", "owner" } },
  [TRACE_NOTE] = { "note", "debug", 1, 0, { "value" } },
};

typedef struct Fixture {
  Sim *sim;
  SimTrace *trace;
} Fixture;

typedef struct Seen {
  uint32_t count;
  char names[64]; /* of the readers, in the order they were called */
  SimRecord last;
} Seen;

typedef struct Reader {
  Seen *seen;
  char name;
} Reader;

static int
set_up (void **state)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  fixture->sim = sim_new (1);
  fixture->trace = sim_trace (fixture->sim);
  sim_trace_set_kinds (fixture->trace, KINDS, N_KINDS);
  *state = fixture;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *fixture = *state;
  sim_free (fixture->sim);
  g_free (fixture);
  return 0;
}

static void
read_record (void *data, const SimRecord *record)
{
  Reader *reader = data;
  reader->seen->names[reader->seen->count++] = reader->name;
  reader->seen->last = *record;
}

static void
do_nothing (G_GNUC_UNUSED Sim *sim, G_GNUC_UNUSED void *data)
{
}

/* Lets the clock of an idle machine stand at |ps|. */
static void
move_to (Sim *sim, int64_t ps)
{
  SimEvent event;
  sim_event_init (&event, SIM_PHASE_OBSERVE, 0, do_nothing, NULL);
  sim_event_schedule (sim, &event, (SimTime){ ps + 1 });
  sim_run (sim, (SimLimits){ .until = { ps } });
  sim_event_cancel (sim, &event);
}

static void
a_kind_that_nobody_reads_or_prints_makes_no_record (void **state)
{
  Fixture *fixture = *state;
  assert_false (sim_trace_wants (fixture->trace, TRACE_NOTE));
  assert_true (sim_trace_wants (fixture->trace, TRACE_CALL));
  TRACE (fixture->trace, 1, NOTE, 5);
  assert_int_equal (sim_trace_records (fixture->trace), 0);
  TRACE (fixture->trace, 1, CALL, 5, 6);
  assert_int_equal (sim_trace_records (fixture->trace), 1);
}

static void
readers_see_their_kinds_in_the_order_they_were_added (void **state)
{
  Fixture *fixture = *state;
  static const uint16_t notes_and_calls[] = { TRACE_NOTE, TRACE_CALL };
  static const uint16_t calls[] = { TRACE_CALL };
  Seen seen = { 0 };
  Reader a = { &seen, 'a' }, b = { &seen, 'b' }, c = { &seen, 'c' };
  sim_trace_add_reader (fixture->trace, read_record, &a, calls, 1);
  sim_trace_add_reader (fixture->trace, read_record, &b, NULL, 0);
  sim_trace_add_reader (fixture->trace, read_record, &c, notes_and_calls, 2);
  TRACE (fixture->trace, 1, NOTE, 1);
  TRACE (fixture->trace, 1, CALL, 1, 2);
  TRACE (fixture->trace, 1, FRAME, 1);
  assert_string_equal (seen.names, "bcabcb");
}

static void
a_record_has_time_number_actor_and_columns (void **state)
{
  Fixture *fixture = *state;
  Seen seen = { 0 };
  Reader reader = { &seen, 'r' };
  sim_trace_add_reader (fixture->trace, read_record, &reader, NULL, 0);
  move_to (fixture->sim, 1234);
  TRACE (fixture->trace, 8, NOTE, -1);
  TRACE (fixture->trace, 9, CALL, INT64_MIN, 77);
  assert_int_equal (seen.last.when.ps, 1234);
  assert_int_equal (seen.last.number, 1);
  assert_int_equal (seen.last.actor_id, 9);
  assert_int_equal (seen.last.kind, TRACE_CALL);
  assert_int_equal (seen.last.n_columns, 2);
  assert_int_equal (seen.last.column[0], INT64_MIN);
  assert_int_equal (seen.last.column[1], 77);
  assert_int_equal (seen.last.column[2], 0);
}

static void
kinds_are_what_was_declared (void **state)
{
  Fixture *fixture = *state;
  assert_int_equal (sim_trace_n_kinds (fixture->trace), N_KINDS);
  assert_string_equal (sim_trace_kind (fixture->trace, TRACE_OWNER)->columns[1], "owner");
  expect_assert_failure (sim_trace_kind (fixture->trace, N_KINDS));
  expect_assert_failure (sim_trace_set_kinds (fixture->trace, KINDS, N_KINDS));
}

typedef struct Prints {
  uint64_t print[SIM_N_PRINTS];
} Prints;

/* Two calls, then a frame, then an owner, at |ps|; |swap| turns the calls round. */
static Prints
prints_of (int64_t ps, bool swap, int64_t frame_bytes, int64_t owner)
{
  Prints prints;
  Sim *sim = sim_new (1);
  SimTrace *trace = sim_trace (sim);
  sim_trace_set_kinds (trace, KINDS, N_KINDS);
  move_to (sim, ps);
  TRACE (trace, 1, CALL, swap ? 2 : 1, 0);
  TRACE (trace, 1, CALL, swap ? 1 : 2, 0);
  TRACE (trace, 2, FRAME, frame_bytes);
  TRACE (trace, 3, OWNER, 5, owner);
  TRACE (trace, 4, NOTE, ps);
  for (unsigned print = 0; print < SIM_N_PRINTS; print++)
    prints.print[print] = sim_trace_print (trace, (SimPrint)print);
  sim_free (sim);
  return prints;
}

/* Which prints differ, as a bit set. */
static unsigned
difference (Prints a, Prints b)
{
  unsigned set = 0;
  for (unsigned print = 0; print < SIM_N_PRINTS; print++)
    set |= (unsigned)(a.print[print] != b.print[print]) << print;
  return set;
}

static void
each_fingerprint_sees_its_ingredient_and_no_other (G_GNUC_UNUSED void **state)
{
  Prints base = prints_of (10, false, 1500, 1);
  assert_int_equal (difference (base, prints_of (10, false, 1500, 1)), 0);
  assert_int_equal (difference (base, prints_of (11, false, 1500, 1)), PRINT (TIMING));
  assert_int_equal (difference (base, prints_of (10, true, 1500, 1)),
                    PRINT (ORDER) | PRINT (TIMING));
  assert_int_equal (difference (base, prints_of (10, false, 1501, 1)),
                    PRINT (WIRE) | PRINT (TIMING));
  assert_int_equal (difference (base, prints_of (10, false, 1500, 2)), PRINT (OWNERSHIP));
}

/* Every compiler, level and machine has to give these. */
static void
fingerprints_are_the_same_everywhere (G_GNUC_UNUSED void **state)
{
  Prints base = prints_of (10, false, 1500, 1);
  assert_int_equal (base.print[SIM_PRINT_ORDER], UINT64_C (0xdbeefb24f110ee47));
  assert_int_equal (base.print[SIM_PRINT_TIMING], UINT64_C (0x2ec7a1d7223f3e35));
}

static void
a_reader_does_not_change_a_fingerprint (void **state)
{
  Fixture *fixture = *state;
  Seen seen = { 0 };
  Reader reader = { &seen, 'r' };
  sim_trace_add_reader (fixture->trace, read_record, &reader, NULL, 0);
  Prints base = prints_of (0, false, 1500, 1);
  TRACE (fixture->trace, 1, CALL, 1, 0);
  TRACE (fixture->trace, 9, NOTE, 3);
  TRACE (fixture->trace, 1, CALL, 2, 0);
  assert_int_equal (sim_trace_print (fixture->trace, SIM_PRINT_ORDER), base.print[SIM_PRINT_ORDER]);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_kind_that_nobody_reads_or_prints_makes_no_record),
    TEST (readers_see_their_kinds_in_the_order_they_were_added),
    TEST (a_record_has_time_number_actor_and_columns),
    TEST (kinds_are_what_was_declared),
    TEST (each_fingerprint_sees_its_ingredient_and_no_other),
    TEST (fingerprints_are_the_same_everywhere),
    TEST (a_reader_does_not_change_a_fingerprint),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
