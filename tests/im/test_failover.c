/* A failover driver over two targets. */
#include "tests/im/im_bench.h"

typedef struct Team {
  Bench *bench;
  ImDriver *im;
  FakeTarget second;
  FakeObjects objects;
  unsigned told, told_well;
} Team;

static void
change_is_over (void *data, G_GNUC_UNUSED uint32_t tag, bool succeeded)
{
  Team *team = data;
  team->told++;
  team->told_well += succeeded;
}

static Team *
team_new (bool stays)
{
  Team *team = g_new0 (Team, 1);
  static const uint32_t above[] = { 0, 0, 1, 1 };
  ImConfig config = { .driver = "failover",
                      .name = "team",
                      .permits_offload = true,
                      .stays_on_link_loss = stays,
                      .layer = 1,
                      .below = { 2, 3 },
                      .n_below = 2,
                      .actor_id = 20 };

  team->bench = bench_new ();
  team->second = team->bench->target;
  team->second.waiting = g_array_new (FALSE, FALSE, sizeof (FakeRequest));
  team->second.heard = g_array_new (FALSE, FALSE, sizeof (FakeRequest));
  sim_work_init (&team->second.dpc, SIM_LEVEL_DPC, target_step,
                 (SimStepArgs){ .self = &team->second });
  bench_make_ndis (team->bench);
  team->im = im_driver_new (team->bench->ndis, &config);
  const NdisDriver drivers[] = {
    { "host", NULL, &fake_protocol, &team->bench->host },
    im_driver_as_ndis (team->im),
    { "target", &fake_miniport, NULL, &team->bench->target },
    { "second", &fake_miniport, NULL, &team->second },
  };
  ndis_start_tree (team->bench->ndis, drivers, above, G_N_ELEMENTS (drivers));
  fake_objects_init (team->bench, &team->objects);
  bench_forget (team->bench);
  return team;
}

static void
team_free (Team *team)
{
  im_driver_free (team->im);
  g_array_free (team->second.waiting, TRUE);
  g_array_free (team->second.heard, TRUE);
  bench_free (team->bench);
  g_free (team);
}

static void
change (Team *team, uint32_t port)
{
  im_driver_fail_over (team->im, port, (ImCaller){ change_is_over, team, 0 });
  sim_run (team->bench->sim, (SimLimits){ .until = SIM_TIME_NEVER });
}

/* The statuses that the driver indicated, in order. */
static char *
statuses (const Team *team)
{
  GString *text = g_string_new (NULL);

  for (unsigned n = 0;; n++) {
    const SimRecord *begin =
        bench_record (team->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_ProtocolStatusEx, n);
    if (begin == NULL)
      return g_string_free (text, FALSE);
    if (begin->column[5] == 0)
      g_string_append_printf (text, "%s ",
                              begin->column[8] == NDIS_STATUS_OFFLOAD_PAUSE      ? "pause"
                              : begin->column[8] == NDIS_STATUS_UPLOAD_ALL       ? "upload-all"
                              : begin->column[8] == NDIS_STATUS_OFFLOAD_RESUME   ? "resume"
                              : begin->column[8] == NDIS_STATUS_MEDIA_DISCONNECT ? "disconnect"
                              : begin->column[8] == NDIS_STATUS_MEDIA_CONNECT    ? "connect"
                                                                                 : "other");
  }
}

static void
assert_statuses (const Team *team, const char *expected)
{
  g_autofree char *text = statuses (team);
  assert_string_equal (text, expected);
}

static void
terminate_all (Team *team)
{
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST tree = fake_tree (team->bench, &team->objects);
  bench_run (team->bench, terminate_step, tree);
  block_tree_free (tree);
}

static void
with_nothing_offloaded_the_change_is_immediate (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  change (team, UINT32_MAX);
  assert_statuses (team, "pause upload-all resume ");
  assert_int_equal (team->told_well, 1);
  bench_forget (team->bench);
  bench_offload (team->bench, &team->objects);
  assert_int_equal (team->second.heard->len, 1);
  assert_int_equal (team->bench->target.contexts, 0);
  team_free (team);
}

static void
the_change_waits_until_everything_has_been_terminated (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  bench_offload (team->bench, &team->objects);
  change (team, 1);
  assert_statuses (team, "pause upload-all ");
  assert_int_equal (team->told, 0);
  terminate_all (team);
  assert_statuses (team, "pause upload-all resume ");
  assert_int_equal (team->told_well, 1);
  assert_int_equal (im_driver_stats (team->im).entries, 0);
  team_free (team);
}

static void
a_send_in_between_ends_with_upload_in_progress (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);
  NDIS_OFFLOAD_HANDLE *handle = &team->objects.tcp[0];

  bench_offload (team->bench, &team->objects);
  change (team, 1);
  NET_BUFFER_LIST *list = fake_list (team->bench, handle, 0, 100);
  ImRequestStep send = { NdisOffloadTcpSend, handle, list, 0 };
  bench_run (team->bench, im_request_step, &send);
  assert_int_equal (list->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (team->bench->target.heard->len, 0);
  assert_int_equal (im_driver_stats (team->im).calls, 0);
  ndis_nbl_put (team->bench->ndis, list);
  team_free (team);
}

static void
an_initiate_that_still_comes_goes_to_the_old_target_and_is_waited_for (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);
  FakeObjects others = { fake_handle (team->bench, 11, UINT32_MAX),
                         fake_handle (team->bench, 12, UINT32_MAX),
                         { fake_handle (team->bench, 13, 80), fake_handle (team->bench, 14, 81) } };

  bench_offload (team->bench, &team->objects);
  change (team, 1);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST fresh = fake_tree (team->bench, &others);
  bench_run (team->bench, initiate_step, fresh);
  assert_int_equal (team->bench->target.heard->len, 1);
  assert_int_equal (fresh->Status, NDIS_STATUS_SUCCESS);
  terminate_all (team);
  assert_int_equal (team->told, 0);
  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST again = fake_tree (team->bench, &others);
  bench_run (team->bench, terminate_step, again);
  assert_int_equal (team->told_well, 1);
  assert_int_equal (team->second.heard->len, 0);
  block_tree_free (fresh);
  block_tree_free (again);
  team_free (team);
}

static void
a_change_to_where_it_is_or_during_another_fails (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  change (team, 0);
  change (team, 7);
  assert_int_equal (team->told - team->told_well, 2);
  bench_offload (team->bench, &team->objects);
  change (team, 1);
  change (team, 1);
  assert_int_equal (team->told - team->told_well, 3);
  team_free (team);
}

/* OIDs */

static void
oid_step (Bench *bench, void *request)
{
  NdisOidRequest (bench->host.binding, request);
}

static NDIS_STATUS
ask (Team *team, NDIS_OID oid, bool is_set)
{
  NDIS_OID_REQUEST request = { .Oid = oid,
                               .is_set = is_set,
                               .id = ndis_next_op_id (team->bench->ndis) };

  bench_run (team->bench, oid_step, &request);
  return request.status;
}

static void
every_target_is_asked_and_the_first_failure_is_the_answer (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  assert_int_equal (ask (team, OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, true), NDIS_STATUS_SUCCESS);
  assert_int_equal (team->bench->target.heard->len, 1);
  assert_int_equal (team->second.heard->len, 1);
  team->second.oid_return = NDIS_STATUS_FAILURE;
  assert_int_equal (ask (team, OID_TCP_TASK_OFFLOAD, false), NDIS_STATUS_FAILURE);
  team->bench->target.oid_return = NDIS_STATUS_NOT_SUPPORTED;
  assert_int_equal (ask (team, OID_PNP_SET_POWER, true), NDIS_STATUS_NOT_SUPPORTED);
  assert_int_equal (team->second.heard->len, 3);
  team_free (team);
}

static uint32_t
capacity_above (Team *team)
{
  NDIS_OID_REQUEST request = { .Oid = OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES,
                               .id = ndis_next_op_id (team->bench->ndis) };

  bench_run (team->bench, oid_step, &request);
  return request.data.offload.TcpConnectionOffloadCapacity;
}

typedef struct Offer {
  const FakeTarget *target;
  const NDIS_TCP_CONNECTION_OFFLOAD *offload;
} Offer;

static void
offer_step (G_GNUC_UNUSED Bench *bench, void *what)
{
  const Offer *offer = what;

  NdisMIndicateStatusEx (offer->target->adapter,
                         NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, offer->offload);
}

static void
let_offer (Team *team, const FakeTarget *target, const NDIS_TCP_CONNECTION_OFFLOAD *offload)
{
  Offer offer = { target, offload };

  bench_run (team->bench, offer_step, &offer);
}

static void
statistics_are_the_sum_over_all_targets (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);
  NDIS_OID_REQUEST request = { .Oid = OID_TCP4_OFFLOAD_STATS,
                               .id = ndis_next_op_id (team->bench->ndis) };

  team->bench->target.in_segments = 30;
  team->second.in_segments = 12;
  bench_run (team->bench, oid_step, &request);
  assert_int_equal (request.data.tcp_stats.InSegments, 42);
  team_free (team);
}

/* Members */

static void
set_member (Team *team, uint32_t port, bool is_member)
{
  im_driver_set_member (team->im, port, is_member, (ImCaller){ change_is_over, team, 0 });
  sim_run (team->bench->sim, (SimLimits){ .until = SIM_TIME_NEVER });
}

static void
a_target_out_of_the_team_is_not_changed_to_until_it_is_back (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  set_member (team, 1, false);
  assert_statuses (team, "other ");
  assert_int_equal (team->told_well, 1);
  change (team, UINT32_MAX);
  change (team, 1);
  set_member (team, 1, false);
  assert_int_equal (team->told_well, 1);
  assert_int_equal (team->told, 4);
  set_member (team, 1, true);
  assert_statuses (team, "other other ");
  change (team, UINT32_MAX);
  assert_statuses (team, "other other pause upload-all resume ");
  assert_int_equal (team->told_well, 3);
  team_free (team);
}

/* OID-17, OID-18: what is offered changes when everything has come up, and before the resume. */
static void
the_target_in_use_is_left_before_it_goes (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  bench_offload (team->bench, &team->objects);
  set_member (team, 0, false);
  assert_statuses (team, "pause upload-all ");
  terminate_all (team);
  assert_statuses (team, "pause upload-all other resume ");
  assert_int_equal (team->told_well, 1);
  fake_objects_init (team->bench, &team->objects);
  bench_forget (team->bench);
  bench_offload (team->bench, &team->objects);
  assert_int_equal (team->second.heard->len, 1);
  team_free (team);
}

static void
the_last_target_stays (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  set_member (team, 1, false);
  set_member (team, 0, false);
  assert_int_equal (team->told, 2);
  assert_int_equal (team->told_well, 1);
  team_free (team);
}

/* What the second offers comes and goes with it; what NDIS says is offered follows. */
static void
what_is_offered_follows_the_members (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);
  NDIS_TCP_CONNECTION_OFFLOAD small = *ndis_adapter_offload (team->second.adapter);

  small.TcpConnectionOffloadCapacity = 16;
  let_offer (team, &team->second, &small);
  assert_int_equal (capacity_above (team), 16);
  set_member (team, 1, false);
  assert_int_equal (capacity_above (team), 1024);
  set_member (team, 1, true);
  assert_int_equal (capacity_above (team), 16);
  team_free (team);
}

/* Status */

static void
indicate (Bench *bench, void *what)
{
  const struct {
    FakeTarget *target;
    NDIS_STATUS code;
  } *status = what;

  (void)bench;
  NdisMIndicateStatusEx (status->target->adapter, status->code, NULL);
}

static void
let_indicate (Team *team, FakeTarget *target, NDIS_STATUS code)
{
  struct {
    FakeTarget *target;
    NDIS_STATUS code;
  } status = { target, code };

  bench_run (team->bench, indicate, &status);
}

static void
only_the_target_in_use_is_heard_about_offloading (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  let_indicate (team, &team->second, NDIS_STATUS_OFFLOAD_PAUSE);
  assert_statuses (team, "");
  let_indicate (team, &team->bench->target, NDIS_STATUS_OFFLOAD_PAUSE);
  assert_statuses (team, "pause ");
  team_free (team);
}

static void
a_target_that_has_paused_is_not_resumed_by_the_change (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  let_indicate (team, &team->second, NDIS_STATUS_OFFLOAD_PAUSE);
  change (team, 1);
  assert_statuses (team, "pause upload-all ");
  assert_int_equal (team->told_well, 1);
  let_indicate (team, &team->second, NDIS_STATUS_OFFLOAD_RESUME);
  assert_statuses (team, "pause upload-all resume ");
  team_free (team);
}

static void
a_lost_link_is_news_above_only_when_no_other_is_left (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  let_indicate (team, &team->bench->target, NDIS_STATUS_MEDIA_DISCONNECT);
  assert_statuses (team, "pause upload-all resume ");
  let_indicate (team, &team->second, NDIS_STATUS_MEDIA_DISCONNECT);
  assert_statuses (team, "pause upload-all resume disconnect ");
  let_indicate (team, &team->second, NDIS_STATUS_MEDIA_CONNECT);
  assert_statuses (team, "pause upload-all resume disconnect connect ");
  team_free (team);
}

static void
a_driver_that_stays_tells_of_the_link_in_use (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (true);

  let_indicate (team, &team->second, NDIS_STATUS_MEDIA_DISCONNECT);
  assert_statuses (team, "");
  let_indicate (team, &team->bench->target, NDIS_STATUS_MEDIA_DISCONNECT);
  assert_statuses (team, "disconnect ");
  team_free (team);
}

/* Buffer lists */

static void
return_step (Bench *bench, void *list)
{
  NdisReturnNetBufferLists (bench->host.binding, list);
}

static void
indicate_first (Bench *bench, void *list)
{
  NdisMIndicateReceiveNetBufferLists (bench->target.adapter, list);
}

static void
indicate_second (Bench *bench, void *what)
{
  const Team *team = what;
  TcpSegment segment = { .connection_id = 1 };

  NdisMIndicateReceiveNetBufferLists (
      team->second.adapter, ndis_nbl_take_frame (bench->ndis, NDIS_HOLDER_TARGET, &segment));
}

static void
what_came_up_goes_back_to_where_it_came_from (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);
  TcpSegment segment = { .connection_id = 1 };
  NET_BUFFER_LIST *first = ndis_nbl_take_frame (team->bench->ndis, NDIS_HOLDER_TARGET, &segment);

  bench_run (team->bench, indicate_first, first);
  bench_run (team->bench, indicate_second, team);
  NET_BUFFER_LIST *second = heard_at (team->bench->host.heard, 1)->list;
  second->Next = first;
  bench_run (team->bench, return_step, second);
  assert_ptr_equal (heard_at (team->bench->target.heard, 0)->list, first);
  assert_ptr_equal (heard_at (team->second.heard, 0)->list, second);
  assert_int_equal (first->n_contexts, 0);
  assert_null (second->Next);
  ndis_nbl_put (team->bench->ndis, first);
  ndis_nbl_put (team->bench->ndis, second);
  team_free (team);
}

/* NDIS does |kind| with the target at |layer|; true if that is over. */
static bool
is_done (Team *team, NdisPnpKind kind, uint32_t layer)
{
  unsigned before = team->told_well;

  ndis_pnp (team->bench->ndis, kind, layer, (NdisPnpCaller){ change_is_over, team, 0 });
  sim_run (team->bench->sim, (SimLimits){ .until = SIM_TIME_NEVER });
  return team->told_well > before;
}

static void
a_port_that_ndis_pauses_is_left_before_the_event_is_complete (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  bench_offload (team->bench, &team->objects);
  assert_false (is_done (team, NDIS_PNP_PAUSE, 2));
  assert_statuses (team, "pause upload-all ");
  terminate_all (team);
  assert_statuses (team, "pause upload-all resume ");
  assert_non_null (
      bench_record (team->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_NdisCompleteNetPnPEvent, 0));
  assert_non_null (bench_record (team->bench, TRACE_CALL_BEGIN, 1, NDIS_CALL_MiniportPause, 0));
  team_free (team);
}

static void
an_idle_port_is_paused_at_once_and_the_last_one_cannot_be_spared (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  assert_true (im_driver_can_spare (team->im, 0));
  assert_true (is_done (team, NDIS_PNP_PAUSE, 3));
  assert_statuses (team, "");
  assert_false (im_driver_can_spare (team->im, 0));
  change (team, 1);
  assert_int_equal (team->told_well, 1);
  assert_true (is_done (team, NDIS_PNP_RESTART, 3));
  change (team, 1);
  assert_int_equal (team->told_well, 3);
  team_free (team);
}

static void
a_removed_port_is_left_for_good (G_GNUC_UNUSED void **state)
{
  Team *team = team_new (false);

  assert_true (is_done (team, NDIS_PNP_REMOVE, 2));
  assert_statuses (team, "pause upload-all other resume "); /* the capabilities: OID-18 */
  change (team, 0);
  assert_int_equal (team->told_well, 1);
  bench_forget (team->bench);
  bench_offload (team->bench, &team->objects);
  assert_int_equal (team->second.heard->len, 1);
  team_free (team);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_port_that_ndis_pauses_is_left_before_the_event_is_complete),
    cmocka_unit_test (an_idle_port_is_paused_at_once_and_the_last_one_cannot_be_spared),
    cmocka_unit_test (a_removed_port_is_left_for_good),
    cmocka_unit_test (with_nothing_offloaded_the_change_is_immediate),
    cmocka_unit_test (the_change_waits_until_everything_has_been_terminated),
    cmocka_unit_test (a_send_in_between_ends_with_upload_in_progress),
    cmocka_unit_test (an_initiate_that_still_comes_goes_to_the_old_target_and_is_waited_for),
    cmocka_unit_test (a_change_to_where_it_is_or_during_another_fails),
    cmocka_unit_test (every_target_is_asked_and_the_first_failure_is_the_answer),
    cmocka_unit_test (statistics_are_the_sum_over_all_targets),
    cmocka_unit_test (a_target_out_of_the_team_is_not_changed_to_until_it_is_back),
    cmocka_unit_test (the_target_in_use_is_left_before_it_goes),
    cmocka_unit_test (the_last_target_stays),
    cmocka_unit_test (what_is_offered_follows_the_members),
    cmocka_unit_test (only_the_target_in_use_is_heard_about_offloading),
    cmocka_unit_test (a_target_that_has_paused_is_not_resumed_by_the_change),
    cmocka_unit_test (a_lost_link_is_news_above_only_when_no_other_is_left),
    cmocka_unit_test (a_driver_that_stays_tells_of_the_link_in_use),
    cmocka_unit_test (what_came_up_goes_back_to_where_it_came_from),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
