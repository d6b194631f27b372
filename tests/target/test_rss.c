#include "tests/target/target_bench.h"

/* RSS: which processor hears of which connection, and what happens when the table changes. */

static int
set_up (void **state)
{
  TargetConfig config = target_bench_config ();

  config.interrupts.vectors = 2;
  *state = target_bench_new (&config);
  target_bench_offload (*state, 0);
  return 0;
}

static int
tear_down (void **state)
{
  target_bench_free (*state);
  return 0;
}

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static void
set_table (TargetBench *b, uint8_t cpu, int64_t us)
{
  NDIS_OID_REQUEST request = { .Oid = OID_GEN_RECEIVE_SCALE_PARAMETERS, .is_set = true };

  for (unsigned i = 0; i < NDIS_RSS_TABLE_ENTRIES; i++)
    request.data.rss.indirection_table[i] = cpu;
  target_bench_do (b, oid_step, &request, us);
  assert_int_equal (request.status, NDIS_STATUS_SUCCESS);
}

/* The processor of the n-th indication. */
static int64_t
processor_of (const TargetBench *b, unsigned n)
{
  const SimRecord *record = bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, n);
  return record->column[3];
}

static void
data (TargetBench *b, uint32_t offset, int64_t us)
{
  peer_sends (b, 0, (PeerSegment){ RCV_NXT + offset, SND_UNA, TCP_ACK | TCP_PSH, 100 }, us);
}

static void
data_goes_up_on_the_processor_that_its_hash_points_to (void **state)
{
  TargetBench *b = *state;

  data (b, 0, 50);
  assert_int_equal (processor_of (b, 0), 0);
  set_table (b, 1, 50);
  data (b, 100, 50);
  assert_int_equal (processor_of (b, 1), 1);
}

static void
keep_busy (SimCpu *cpu, G_GNUC_UNUSED const SimStepArgs *args)
{
  sim_cpu_charge (cpu, 0, sim_cycles (100000));
}

static void
a_connection_follows_the_table_when_nothing_of_it_is_under_way (void **state)
{
  TargetBench *b = *state;
  SimWork work;

  sim_work_init (&work, SIM_LEVEL_DPC, keep_busy, (SimStepArgs){ .self = b });
  sim_cpu_queue (b->bench->cpu[0], &work);
  data (b, 0, 20);
  set_table (b, 1, 5);
  data (b, 100, 200);
  data (b, 200, 50);
  assert_int_equal (processor_of (b, 0), 0);
  assert_int_equal (processor_of (b, 2), 1);
  assert_true (bench_end (b->bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, 0)->number
               < bench_begin (b->bench, NDIS_CALL_NdisTcpOffloadReceiveHandler, 1)->number);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (data_goes_up_on_the_processor_that_its_hash_points_to),
    TEST (a_connection_follows_the_table_when_nothing_of_it_is_under_way),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
