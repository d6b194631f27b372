#include "tests/ndis/fake.h"

/* A driver that hands NDIS one structure, at one place, and notes the answer. */
typedef struct Attempt {
  NdisOptional which;
  const NDIS_OBJECT_HEADER *structure;
  bool in_protocol;
  unsigned times;
  NDIS_STATUS status;
} Attempt;

static void
attempt (void *context, Ndis *ndis)
{
  Attempt *attempt = context;
  for (unsigned i = 0; i < attempt->times; i++)
    attempt->status = NdisSetOptionalHandlers (ndis, attempt->which, attempt->structure);
}

static void
bind_nothing_else (void *context, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter)
{
  NDIS_BINDING_HANDLE binding;
  NdisOpenAdapterEx (ndis, adapter, context, &binding);
}

static const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS attempting_protocol = {
  .SetOptionsHandler = attempt,
  .BindAdapterHandlerEx = bind_nothing_else,
};

static NDIS_STATUS
initialize (NDIS_MINIPORT_HANDLE adapter, void *context)
{
  return NdisMSetMiniportAttributes (adapter, &(NDIS_MINIPORT_ATTRIBUTES){ .MiniportAdapterContext =
                                                                               context });
}

static const NDIS_MINIPORT_DRIVER_CHARACTERISTICS attempting_miniport = {
  .SetOptionsHandler = attempt,
  .InitializeHandlerEx = initialize,
};

static int
setup (void **state)
{
  *state = bench_new ();
  return 0;
}

static int
teardown (void **state)
{
  bench_free (*state);
  return 0;
}

/* Lets a host or a target make |attempt|. */
static void
make_attempt (Bench *bench, Attempt *made)
{
  Attempt none = { .times = 0 };
  NdisDriver drivers[] = {
    { "host", NULL, &attempting_protocol, made->in_protocol ? made : &none },
    { "target", &attempting_miniport, NULL, made->in_protocol ? &none : made },
  };

  bench_make_ndis (bench);
  ndis_start (bench->ndis, drivers, 2);
}

static NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS provider;
static NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS provider_tcp;
static NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS client;
static NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS client_tcp;

static void
reset_structures (void)
{
  provider = fake_provider;
  provider_tcp = fake_provider_tcp;
  client = fake_client;
  client_tcp = fake_client_tcp;
}

static NDIS_OBJECT_HEADER *
structure_of (NdisOptional which)
{
  NDIS_OBJECT_HEADER *const structures[] = { &provider.Header, &provider_tcp.Header, &client.Header,
                                             &client_tcp.Header };
  return structures[which];
}

static void
assert_refused (NdisOptional which, bool in_protocol, unsigned times)
{
  Bench *bench = bench_new ();
  Attempt made = { which, structure_of (which), in_protocol, times, NDIS_STATUS_PENDING };

  make_attempt (bench, &made);
  assert_int_equal (made.status, NDIS_STATUS_FAILURE);
  assert_false (ndis_chimney_is_open (bench->ndis));
  bench_free (bench);
}

static bool
is_client (NdisOptional which)
{
  return which == NDIS_OPTIONAL_CLIENT_GENERIC || which == NDIS_OPTIONAL_CLIENT_TCP;
}

#define EACH_STRUCTURE(which)                                                                  \
  for (NdisOptional which = NDIS_OPTIONAL_PROVIDER_GENERIC; which <= NDIS_OPTIONAL_CLIENT_TCP; \
       which++)

static void
a_structure_of_unknown_revision_is_refused (G_GNUC_UNUSED void **state)
{
  EACH_STRUCTURE (which)
  {
    reset_structures ();
    structure_of (which)->Revision = NDIS_REVISION_1 + 1;
    assert_refused (which, is_client (which), 1);
  }
}

static void
a_structure_of_wrong_size_is_refused (G_GNUC_UNUSED void **state)
{
  EACH_STRUCTURE (which)
  {
    reset_structures ();
    structure_of (which)->Size--;
    assert_refused (which, is_client (which), 1);
  }
}

static void
a_structure_that_lacks_an_entry_point_is_refused (G_GNUC_UNUSED void **state)
{
  reset_structures ();
  provider.QueryOffloadHandler = NULL;
  provider_tcp.TcpOffloadForwardHandler = NULL;
  client.IndicateOffloadEventHandler = NULL;
  client_tcp.TcpOffloadForwardCompleteHandler = NULL;
  EACH_STRUCTURE (which)
  assert_refused (which, is_client (which), 1);
}

static void
an_unknown_offload_type_is_refused (G_GNUC_UNUSED void **state)
{
  reset_structures ();
  provider_tcp.OffloadType = client_tcp.OffloadType = (NDIS_CHIMNEY_OFFLOAD_TYPE)1;
  assert_refused (NDIS_OPTIONAL_PROVIDER_TCP, false, 1);
  assert_refused (NDIS_OPTIONAL_CLIENT_TCP, true, 1);
}

static void
flags_of_the_system_are_refused (G_GNUC_UNUSED void **state)
{
  reset_structures ();
  provider.Flags = client.Flags = 1;
  assert_refused (NDIS_OPTIONAL_PROVIDER_GENERIC, false, 1);
  assert_refused (NDIS_OPTIONAL_CLIENT_GENERIC, true, 1);
}

static void
a_structure_is_taken_on_its_own_edge_only (G_GNUC_UNUSED void **state)
{
  reset_structures ();
  EACH_STRUCTURE (which)
  assert_refused (which, !is_client (which), 1);
}

static void
a_structure_is_taken_once (G_GNUC_UNUSED void **state)
{
  reset_structures ();
  EACH_STRUCTURE (which)
  assert_refused (which, is_client (which), 2);
}

static void
a_registration_is_written_down (void **state)
{
  Bench *bench = *state;
  Attempt made = { NDIS_OPTIONAL_PROVIDER_TCP, &fake_provider_tcp.Header, false, 1,
                   NDIS_STATUS_PENDING };

  make_attempt (bench, &made);
  assert_int_equal (made.status, NDIS_STATUS_SUCCESS);
  const SimRecord *record = bench_record (bench, TRACE_REGISTER, 1, NDIS_OPTIONAL_PROVIDER_TCP, 0);
  const int64_t expected[] = { 1,
                               NDIS_OPTIONAL_PROVIDER_TCP,
                               NDIS_REVISION_1,
                               sizeof fake_provider_tcp,
                               5,
                               NdisTcpChimneyOffload,
                               0,
                               NDIS_CALL_MiniportSetOptions };
  assert_non_null (record);
  assert_memory_equal (record->column, expected, sizeof expected);
}

static void
drivers_start_from_the_bottom_up (void **state)
{
  Bench *bench = *state;

  bench_start (bench, NULL, 0);
  assert_crossings (
      bench, "MiniportSetOptions@1( NdisSetOptionalHandlers@1() NdisSetOptionalHandlers@1())"
             " ProtocolSetOptions@0( NdisSetOptionalHandlers@0() NdisSetOptionalHandlers@0())"
             " MiniportInitializeEx@1( NdisMSetMiniportAttributes@1()"
             " NdisMGetOffloadHandlers@1()) NdisOpenAdapterEx@0()");
  assert_true (ndis_chimney_is_open (bench->ndis));
  assert_int_equal (ndis_adapter_layer (bench->target.adapter), 1);
  assert_int_equal (bench->log->len - bench_count (bench, TRACE_CALL_BEGIN, -1, 0)
                        - bench_count (bench, TRACE_CALL_END, -1, 0),
                    bench_count (bench, TRACE_REGISTER, -1, 0));
}

static void
the_table_of_handlers_is_gone_after_initialization (void **state)
{
  Bench *bench = *state;

  bench_start (bench, NULL, 0);
  assert_null (bench->target.handed_out->NdisTcpOffloadSendComplete);
  assert_non_null (bench->target.events.NdisTcpOffloadSendComplete);
}

static NDIS_STATUS
ask_for_unknown_type (NDIS_MINIPORT_HANDLE adapter, void *context)
{
  const NDIS_TCP_OFFLOAD_EVENT_HANDLERS *handlers = NULL;
  NDIS_STATUS status = NdisMGetOffloadHandlers (adapter, (NDIS_CHIMNEY_OFFLOAD_TYPE)1, &handlers);

  assert_int_equal (status, NDIS_STATUS_NOT_SUPPORTED);
  assert_null (handlers);
  return initialize (adapter, context);
}

static void
an_unknown_chimney_type_has_no_handlers (void **state)
{
  Bench *bench = *state;
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS miniport = attempting_miniport;
  Attempt none = { .times = 0 };
  NdisDriver drivers[] = { { "host", NULL, &attempting_protocol, &none },
                           { "target", &miniport, NULL, &none } };

  miniport.InitializeHandlerEx = ask_for_unknown_type;
  bench_make_ndis (bench);
  ndis_start (bench->ndis, drivers, 2);
  assert_int_equal (bench_end (bench, NDIS_CALL_NdisMGetOffloadHandlers, 0)->column[4],
                    NDIS_STATUS_NOT_SUPPORTED);
}

static void
a_target_that_registers_nothing_blocks_the_chimney (void **state)
{
  Bench *bench = *state;
  FakeObjects objects;

  bench->target.registers = false;
  bench_start (bench, NULL, 0);
  bench_forget (bench);
  assert_false (ndis_chimney_is_open (bench->ndis));

  fake_objects_init (bench, &objects);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST root = fake_tree (bench, &objects);
  root->OffloadHandle = NULL;
  bench_run (bench, initiate_step, root);
  assert_crossings (bench, "NdisInitiateOffload@0() ProtocolInitiateOffloadComplete@0()");
  assert_ptr_equal (heard_at (bench->host.heard, 0)->tree, root);
  assert_int_equal (root->Status, NDIS_STATUS_SUCCESS);
  assert_int_equal (root->DependentBlockList->Status, NDIS_STATUS_FAILURE);
  assert_int_equal (root->DependentBlockList->DependentBlockList->NextBlock->Status,
                    NDIS_STATUS_FAILURE);
  assert_int_equal (root->model.holder, NDIS_HOLDER_HOST);
  block_tree_free (root);
}

static void
registration_has_its_place_at_the_start (void **state)
{
  Bench *bench = *state;

  bench_start (bench, NULL, 0);
  expect_assert_failure (
      NdisSetOptionalHandlers (bench->ndis, NDIS_OPTIONAL_CLIENT_TCP, &fake_client_tcp.Header));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_structure_of_unknown_revision_is_refused),
    cmocka_unit_test (a_structure_of_wrong_size_is_refused),
    cmocka_unit_test (a_structure_that_lacks_an_entry_point_is_refused),
    cmocka_unit_test (an_unknown_offload_type_is_refused),
    cmocka_unit_test (flags_of_the_system_are_refused),
    cmocka_unit_test (a_structure_is_taken_on_its_own_edge_only),
    cmocka_unit_test (a_structure_is_taken_once),
    TEST (a_registration_is_written_down),
    TEST (drivers_start_from_the_bottom_up),
    TEST (the_table_of_handlers_is_gone_after_initialization),
    TEST (an_unknown_chimney_type_has_no_handlers),
    TEST (a_target_that_registers_nothing_blocks_the_chimney),
    TEST (registration_has_its_place_at_the_start),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
