/* The owner machine and the objects' machine: every row, every missing pair. */
#include "tests/support.h"

#include "models/host/object.h"
#include "models/host/owner.h"

typedef struct OwnerCase {
  OwnerState state;
  OwnerEvent event;
  OwnerState next;
  const char *rule;
} OwnerCase;

static const OwnerCase owner_rows[] = {
  { OWN_HOST, OWN_EV_PREPARE, OWN_PREPARING, "FWD-04" },
  { OWN_PREPARING, OWN_EV_INITIATE, OWN_INITIATING, "INIT-07" },
  { OWN_INITIATING, OWN_EV_INITIATE_OK, OWN_OFFLOADED, "ISTS-01" },
  { OWN_INITIATING, OWN_EV_INITIATE_FAIL, OWN_HOST, "INIT-19" },
  { OWN_OFFLOADED, OWN_EV_LEAVE, OWN_LEAVING, "TERM-06" },
  { OWN_LEAVING, OWN_EV_TERMINATE, OWN_TERMINATING, "TERM-01" },
  { OWN_TERMINATING, OWN_EV_TERMINATE_OK, OWN_HOST, "TERM-12" },
  { OWN_TERMINATING, OWN_EV_TERMINATE_FAIL, OWN_LOST, "TERM-13" },
  { OWN_LOST, OWN_EV_TERMINATE, OWN_SCRAPPING, "TERM-33" },
  { OWN_SCRAPPING, OWN_EV_TERMINATE_OK, OWN_HOST, "TERM-33" },
  { OWN_SCRAPPING, OWN_EV_TERMINATE_FAIL, OWN_HOST, "TERM-13" },
};

static const OwnerCase *
find_owner_row (OwnerState state, OwnerEvent event)
{
  for (guint i = 0; i < G_N_ELEMENTS (owner_rows); i++)
    if (owner_rows[i].state == state && owner_rows[i].event == event)
      return &owner_rows[i];
  return NULL;
}

static void
every_row_of_the_owner_machine_leads_where_it_says (G_GNUC_UNUSED void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (owner_rows); i++) {
    OwnerState next;
    assert_true (owner_next (owner_rows[i].state, owner_rows[i].event, &next));
    assert_int_equal (next, owner_rows[i].next);
    assert_string_equal (owner_rule (owner_rows[i].state, owner_rows[i].event), owner_rows[i].rule);
  }
}

static void
every_other_pair_is_refused_and_changes_nothing (G_GNUC_UNUSED void **state)
{
  uint32_t refused = 0;

  for (OwnerState s = 0; s < OWN_N_STATES; s++)
    for (OwnerEvent e = 0; e < OWN_N_EVENTS; e++) {
      OwnerState next = OWN_N_STATES;
      if (find_owner_row (s, e) != NULL)
        continue;
      assert_false (owner_next (s, e, &next));
      assert_int_equal (next, OWN_N_STATES);
      assert_null (owner_rule (s, e));
      refused++;
    }
  assert_int_equal (refused, OWN_N_STATES * OWN_N_EVENTS - G_N_ELEMENTS (owner_rows));
}

static void
states_and_events_have_names (G_GNUC_UNUSED void **state)
{
  assert_string_equal (owner_state_name (OWN_LEAVING), "leaving");
  assert_string_equal (owner_event_name (OWN_EV_INITIATE_FAIL), "initiate-fail");
  assert_null (owner_state_name (OWN_N_STATES));
  assert_null (owner_event_name (OWN_N_EVENTS));
  for (OwnerState s = 0; s < OWN_N_STATES; s++)
    assert_non_null (owner_state_name (s));
  for (OwnerEvent e = 0; e < OWN_N_EVENTS; e++)
    assert_non_null (owner_event_name (e));
}

static void
the_trace_sees_four_owners (G_GNUC_UNUSED void **state)
{
  static const TraceOwner owners[OWN_N_STATES] = {
    [OWN_HOST] = OWNER_HOST,
    [OWN_PREPARING] = OWNER_HOST,
    [OWN_INITIATING] = OWNER_GOING_DOWN,
    [OWN_OFFLOADED] = OWNER_TARGET,
    [OWN_LEAVING] = OWNER_TARGET,
    [OWN_TERMINATING] = OWNER_GOING_UP,
    [OWN_LOST] = OWNER_TARGET,
    [OWN_SCRAPPING] = OWNER_GOING_UP,
  };
  for (OwnerState s = 0; s < OWN_N_STATES; s++)
    assert_int_equal (owner_of_state (s), owners[s]);
}

static void
the_host_runs_a_connection_in_one_state_only (G_GNUC_UNUSED void **state)
{
  for (OwnerState s = 0; s < OWN_N_STATES; s++) {
    assert_int_equal (owner_host_runs (s), s == OWN_HOST);
    assert_int_equal (owner_holds_segments (s), s != OWN_HOST);
    assert_int_equal (owner_uses_parents (s), s != OWN_HOST);
    assert_int_equal (owner_has_context (s),
                      s != OWN_HOST && s != OWN_PREPARING && s != OWN_INITIATING);
  }
}

typedef struct ObjectCase {
  ObjectState state;
  ObjectEvent event;
  ObjectState next;
} ObjectCase;

static const ObjectCase object_rows[] = {
  { OBJECT_HOST, OBJECT_EV_INITIATE, OBJECT_INITIATING },
  { OBJECT_INITIATING, OBJECT_EV_INITIATE_OK, OBJECT_OFFLOADED },
  { OBJECT_INITIATING, OBJECT_EV_INITIATE_FAIL, OBJECT_HOST },
  { OBJECT_OFFLOADED, OBJECT_EV_TERMINATE, OBJECT_TERMINATING },
  { OBJECT_TERMINATING, OBJECT_EV_TERMINATED, OBJECT_HOST },
  { OBJECT_TERMINATING, OBJECT_EV_TERMINATE_FAIL, OBJECT_OFFLOADED },
};

static void
an_object_goes_down_and_up_by_its_rows_alone (G_GNUC_UNUSED void **state)
{
  uint32_t found = 0;

  for (ObjectState s = 0; s < OBJECT_N_STATES; s++)
    for (ObjectEvent e = 0; e < OBJECT_N_EVENTS; e++) {
      const ObjectCase *row = NULL;
      ObjectState next;
      for (guint i = 0; i < G_N_ELEMENTS (object_rows); i++)
        if (object_rows[i].state == s && object_rows[i].event == e)
          row = &object_rows[i];
      assert_int_equal (object_next (s, e, &next), row != NULL);
      assert_int_equal (object_rule (s, e) != NULL, row != NULL);
      if (row != NULL) {
        assert_int_equal (next, row->next);
        found++;
      }
    }
  assert_int_equal (found, G_N_ELEMENTS (object_rows));
}

static void
an_object_that_comes_home_forgets_its_context (G_GNUC_UNUSED void **state)
{
  HostObject object;
  object_init (&object, NULL, 7);

  object_step (&object, OBJECT_EV_INITIATE);
  assert_true (object_is_moving (&object));
  object.handle.MiniportOffloadContext = 99;
  object_step (&object, OBJECT_EV_INITIATE_OK);
  assert_false (object_is_moving (&object));
  object.invalid = true;
  object_step (&object, OBJECT_EV_TERMINATE);
  assert_true (object.handle.MiniportOffloadContext == 99);
  object_step (&object, OBJECT_EV_TERMINATED);

  assert_true (object.handle.MiniportOffloadContext == 0);
  assert_false (object.invalid);
  assert_int_equal (object.handle.object_id, 7);
}

static void
an_object_is_updated_once_at_a_time_and_not_while_it_is_invalidated (G_GNUC_UNUSED void **state)
{
  HostObject object;
  object_init (&object, NULL, 7);

  object_begin (&object, OBJECT_QUERY);
  object_begin (&object, OBJECT_QUERY);
  assert_true (object_may_be_updated (&object));
  object_begin (&object, OBJECT_UPDATE);
  assert_false (object_may_be_updated (&object));
  expect_assert_failure (object_begin (&object, OBJECT_UPDATE));
  object_end (&object, OBJECT_UPDATE);
  object_begin (&object, OBJECT_INVALIDATE);
  assert_false (object_may_be_updated (&object));
  object_end (&object, OBJECT_INVALIDATE);
  object_end (&object, OBJECT_QUERY);
  object_end (&object, OBJECT_QUERY);

  assert_int_equal (object.operations, 0);
  expect_assert_failure (object_end (&object, OBJECT_QUERY));
}

static void
a_missing_row_of_an_object_is_a_bug (G_GNUC_UNUSED void **state)
{
  HostObject object;
  object_init (&object, NULL, 7);

  expect_assert_failure (object_step (&object, OBJECT_EV_TERMINATE));
  expect_assert_failure (object_remove_dependent (&object));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_row_of_the_owner_machine_leads_where_it_says),
    cmocka_unit_test (every_other_pair_is_refused_and_changes_nothing),
    cmocka_unit_test (states_and_events_have_names),
    cmocka_unit_test (the_trace_sees_four_owners),
    cmocka_unit_test (the_host_runs_a_connection_in_one_state_only),
    cmocka_unit_test (an_object_goes_down_and_up_by_its_rows_alone),
    cmocka_unit_test (an_object_that_comes_home_forgets_its_context),
    cmocka_unit_test (an_object_is_updated_once_at_a_time_and_not_while_it_is_invalidated),
    cmocka_unit_test (a_missing_row_of_an_object_is_a_bug),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
