#include "tests/support.h"

#include "tests/target/delivery_owner.h"

/* The delivery algorithm, arrow by arrow: what a connection's owner is asked to do is written into
 * |log|. */

static int
set_up (void **state)
{
  Owner *owner = owner_new ();

  delivery_returned (&owner->delivery);
  *state = owner;
  return 0;
}

static int
tear_down (void **state)
{
  owner_free (*state);
  return 0;
}

static void
assert_log (Owner *f, const char *expected)
{
  assert_string_equal (f->log->str, expected);
  g_string_truncate (f->log, 0);
}

static void
data (Owner *f, uint32_t bytes, bool push)
{
  TcpRange range = { .offset = f->next_offset, .stream_id = 1, .bytes = bytes };
  f->next_offset += bytes;
  delivery_data (&f->delivery, range, push);
}

static NET_BUFFER_LIST *
post (Owner *f, uint32_t bytes, bool no_push)
{
  return owner_post (f, bytes, 0, no_push);
}

static void
refuse (Owner *f)
{
  delivery_answer (&f->delivery, (DeliveryAnswer){ NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0 });
}

/* The PSH mark of what is buffered */

static void
buffered_data_is_pushed_if_its_last_byte_is (void **state)
{
  Owner *f = *state;

  data (f, 5, false);
  refuse (f);
  data (f, 5, true);
  g_string_truncate (f->log, 0);
  post (f, 20, false);
  assert_log (f, "placed 10; complete 1:10/0; ");
}

static void
a_push_before_the_last_buffered_byte_does_not_count (void **state)
{
  Owner *f = *state;

  data (f, 5, true);
  refuse (f);
  data (f, 5, false);
  g_string_truncate (f->log, 0);
  post (f, 20, false);
  assert_log (f, "placed 10; start; ");
}

static void
the_mark_of_pushed_bytes_goes_with_them (void **state)
{
  Owner *f = *state;

  data (f, 5, true);
  data (f, 5, false);
  refuse (f);
  post (f, 5, false);
  refuse (f);
  data (f, 5, false);
  g_string_truncate (f->log, 0);
  post (f, 20, false);
  assert_log (f, "placed 10; start; ");
}

/* Entry 1: an in-sequence segment */

static void
data_without_a_request_is_indicated (void **state)
{
  Owner *f = *state;

  data (f, 100, false);
  assert_log (f, "indicate 0+100; ");
}

static void
data_during_an_indication_waits_and_goes_up_after_it (void **state)
{
  Owner *f = *state;

  data (f, 100, false);
  data (f, 50, false);
  assert_log (f, "indicate 0+100; ");
  owner_answer (f, NDIS_STATUS_SUCCESS, 100);
  assert_log (f, "indicate 100+50; ");
  owner_answer (f, NDIS_STATUS_SUCCESS, 50);
  assert_log (f, "");
  assert_true (delivery_is_drained (&f->delivery));
}

static void
data_behind_refused_data_is_kept_without_an_indication (void **state)
{
  Owner *f = *state;

  data (f, 100, false);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  data (f, 50, false);
  assert_log (f, "indicate 0+100; ");
  assert_int_equal (delivery_kept_bytes (&f->delivery), 150);
}

static void
data_fills_requests_in_order_and_completes_every_full_one (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  post (f, 60, false);
  post (f, 100, false);
  data (f, 200, false);
  assert_log (f, "placed 200; complete 1:100/0 2:60/0; start; ");
}

static void
data_beyond_the_last_request_is_indicated (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 130, false);
  assert_log (f, "placed 100; complete 1:100/0; indicate 100+30; ");
}

static void
a_pushed_segment_completes_a_partly_filled_request (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 40, true);
  assert_log (f, "placed 40; complete 1:40/0; ");
}

static void
a_pushed_segment_stops_a_running_push_timer (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 40, false);
  data (f, 10, true);
  assert_log (f, "placed 40; start; placed 10; complete 1:50/0; stop; ");
}

static void
one_call_returns_the_full_requests_and_the_pushed_one (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  post (f, 100, false);
  data (f, 140, true);
  assert_log (f, "placed 140; complete 1:100/0 2:40/0; ");
}

static void
more_data_without_push_starts_the_timer_anew (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 10, false);
  data (f, 10, false);
  assert_log (f, "placed 10; start; placed 10; start; ");
}

static void
a_nonpush_request_waits_until_it_is_full (void **state)
{
  Owner *f = *state;

  post (f, 100, true);
  data (f, 40, true);
  delivery_expire (&f->delivery);
  assert_log (f, "placed 40; ");
  data (f, 60, false);
  assert_log (f, "placed 60; complete 1:100/0; ");
}

static void
a_completion_stops_the_push_timer (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 40, false);
  data (f, 60, false);
  assert_log (f, "placed 40; start; placed 60; complete 1:100/0; stop; ");
}

/* Entry 2: a post */

static void
a_post_without_data_only_queues (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  assert_log (f, "");
}

static void
a_post_takes_kept_data (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  post (f, 300, false);
  assert_log (f, "indicate 0+100; placed 100; complete 1:100/0; ");
}

static void
a_post_smaller_than_kept_data_lets_the_rest_be_indicated (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  post (f, 30, false);
  assert_log (f, "indicate 0+100; placed 30; complete 1:30/0; indicate 30+70; ");
}

static void
a_post_during_an_indication_gets_what_the_indication_leaves (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  post (f, 300, false);
  assert_log (f, "indicate 0+100; ");
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  assert_log (f, "placed 100; complete 1:100/0; ");
}

static void
a_request_posted_during_an_accepted_indication_is_used_first (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  data (f, 40, true);
  post (f, 300, false);
  owner_answer (f, NDIS_STATUS_SUCCESS, 100);
  assert_log (f, "indicate 0+100; placed 40; complete 1:40/0; ");
}

static void
a_zero_length_post_takes_nothing_and_allows_an_indication (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  post (f, 0, false);
  assert_log (f, "indicate 0+100; complete 1:0/0; indicate 0+100; ");
}

static void
a_prefilled_nonpush_request_is_completed_with_the_bytes_added (void **state)
{
  Owner *f = *state;
  NET_BUFFER_LIST *request = &f->request[0];

  request->id = 1;
  request->FirstNetBuffer = &request->buffer;
  request->TcpReceiveNoPush = true;
  request->TcpReceiveBytesTransferred = 30;
  ndis_nbl_set_space (request, 100);
  request->mdl.content = (TcpRange){ .offset = 0, .stream_id = 1, .bytes = 30 };
  f->next_offset = 30;
  delivery_post (&f->delivery, request);
  data (f, 70, false);
  assert_log (f, "placed 70; complete 1:70/0; ");
}

static void
a_prefilled_push_request_starts_the_timer_at_once (void **state)
{
  Owner *f = *state;
  NET_BUFFER_LIST *request = &f->request[0];

  request->FirstNetBuffer = &request->buffer;
  request->TcpReceiveBytesTransferred = 30;
  ndis_nbl_set_space (request, 100);
  delivery_post (&f->delivery, request);
  assert_log (f, "start; ");
}

/* Entry 3: the push timer */

static void
the_push_timer_completes_a_partly_filled_request (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  data (f, 40, false);
  delivery_expire (&f->delivery);
  assert_log (f, "placed 40; start; complete 1:40/0; ");
}

static void
a_stale_push_timer_is_harmless (void **state)
{
  Owner *f = *state;

  delivery_expire (&f->delivery);
  post (f, 100, false);
  delivery_expire (&f->delivery);
  assert_log (f, "");
}

/* Answers */

static void
partly_accepted_data_keeps_its_tail_for_the_next_request (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED, 30);
  assert_int_equal (delivery_kept_bytes (&f->delivery), 70);
  post (f, 300, false);
  assert_log (f, "indicate 0+100; placed 70; complete 1:70/0; ");
}

static void
an_indication_obeys_the_size_hint (void **state)
{
  Owner *f = *state;

  f->delivery.indication_bytes = 64;
  data (f, 100, true);
  owner_answer (f, NDIS_STATUS_SUCCESS, 64);
  assert_log (f, "indicate 0+64; indicate 64+36; ");
}

/* The initiate's data */

static void
data_of_an_initiate_waits_for_a_post (void **state)
{
  Owner *f = *state;

  delivery_init (&f->delivery, &owner_ops, f);
  delivery_keep (&f->delivery, (TcpRange){ .offset = 0, .stream_id = 1, .bytes = 80 });
  f->next_offset = 80;
  data (f, 20, true);
  delivery_returned (&f->delivery);
  assert_log (f, "");
  post (f, 50, false);
  assert_log (f, "placed 50; complete 1:50/0; indicate 50+50; ");
}

/* Strict: nothing begins while a completion is executing */

static void
a_strict_delivery_places_nothing_while_a_completion_runs (void **state)
{
  Owner *f = *state;

  f->delivery.strict = true;
  post (f, 100, false);
  post (f, 100, false);
  data (f, 100, false);
  data (f, 100, false);
  assert_log (f, "placed 100; complete 1:100/0; ");
  delivery_returned (&f->delivery);
  assert_log (f, "placed 100; complete 2:100/0; ");
}

static void
a_timer_that_runs_out_during_a_call_is_served_after_it (void **state)
{
  Owner *f = *state;

  f->delivery.strict = true;
  post (f, 100, false);
  post (f, 100, false);
  data (f, 140, false);
  assert_log (f, "placed 140; complete 1:100/0; start; ");
  delivery_expire (&f->delivery);
  assert_log (f, "");
  delivery_returned (&f->delivery);
  assert_log (f, "complete 2:40/0; ");
}

/* Ends */

static void
an_aborted_delivery_gives_back_all_requests_with_their_bytes (void **state)
{
  Owner *f = *state;

  post (f, 100, false);
  post (f, 100, false);
  data (f, 40, false);
  NET_BUFFER_LIST *chain = delivery_abort (&f->delivery, NDIS_STATUS_UPLOAD_IN_PROGRESS);

  assert_log (f, "placed 40; start; stop; ");
  assert_int_equal (chain->id, 1);
  assert_int_equal (chain->TcpOffloadBytesTransferred, 40);
  assert_int_equal (chain->Status, NDIS_STATUS_UPLOAD_IN_PROGRESS);
  assert_int_equal (chain->Next->id, 2);
  assert_int_equal (chain->Next->TcpOffloadBytesTransferred, 0);
  assert_null (chain->Next->Next);
}

static void
what_was_not_delivered_is_handed_back_as_one_range (void **state)
{
  Owner *f = *state;

  data (f, 100, true);
  data (f, 50, true);
  TcpRange range = delivery_take_buffered (&f->delivery);
  assert_int_equal (range.offset, 0);
  assert_int_equal (range.bytes, 150);
  assert_int_equal (delivery_kept_bytes (&f->delivery), 0);
}

static void
the_end_of_the_stream_completes_a_nonpush_request_too (void **state)
{
  Owner *f = *state;

  post (f, 100, true);
  data (f, 40, true);
  assert_false (delivery_is_drained (&f->delivery));
  delivery_finish (&f->delivery);
  g_autofree char *expected =
      g_strdup_printf ("placed 40; complete 1:40/%d; ", NDIS_STATUS_REQUEST_ABORTED);
  assert_log (f, expected);
  assert_true (delivery_is_drained (&f->delivery));
}

static void
a_stopped_delivery_keeps_all_it_has (void **state)
{
  Owner *f = *state;

  data (f, 100, false);
  post (f, 40, false);
  delivery_stop (&f->delivery);
  post (f, 40, false);
  owner_answer (f, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED, 0);
  data (f, 10, true);
  delivery_finish (&f->delivery);
  assert_log (f, "indicate 0+100; ");
  assert_int_equal (delivery_take_buffered (&f->delivery).bytes, 110);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (data_without_a_request_is_indicated),
    TEST (data_during_an_indication_waits_and_goes_up_after_it),
    TEST (data_behind_refused_data_is_kept_without_an_indication),
    TEST (data_fills_requests_in_order_and_completes_every_full_one),
    TEST (data_beyond_the_last_request_is_indicated),
    TEST (a_pushed_segment_completes_a_partly_filled_request),
    TEST (a_pushed_segment_stops_a_running_push_timer),
    TEST (one_call_returns_the_full_requests_and_the_pushed_one),
    TEST (more_data_without_push_starts_the_timer_anew),
    TEST (a_nonpush_request_waits_until_it_is_full),
    TEST (a_completion_stops_the_push_timer),
    TEST (a_post_without_data_only_queues),
    TEST (a_post_takes_kept_data),
    TEST (a_post_smaller_than_kept_data_lets_the_rest_be_indicated),
    TEST (a_post_during_an_indication_gets_what_the_indication_leaves),
    TEST (a_request_posted_during_an_accepted_indication_is_used_first),
    TEST (a_zero_length_post_takes_nothing_and_allows_an_indication),
    TEST (a_prefilled_nonpush_request_is_completed_with_the_bytes_added),
    TEST (a_prefilled_push_request_starts_the_timer_at_once),
    TEST (the_push_timer_completes_a_partly_filled_request),
    TEST (a_stale_push_timer_is_harmless),
    TEST (partly_accepted_data_keeps_its_tail_for_the_next_request),
    TEST (an_indication_obeys_the_size_hint),
    TEST (data_of_an_initiate_waits_for_a_post),
    TEST (a_strict_delivery_places_nothing_while_a_completion_runs),
    TEST (a_timer_that_runs_out_during_a_call_is_served_after_it),
    TEST (an_aborted_delivery_gives_back_all_requests_with_their_bytes),
    TEST (what_was_not_delivered_is_handed_back_as_one_range),
    TEST (buffered_data_is_pushed_if_its_last_byte_is),
    TEST (a_push_before_the_last_buffered_byte_does_not_count),
    TEST (the_mark_of_pushed_bytes_goes_with_them),
    TEST (a_stopped_delivery_keeps_all_it_has),
    TEST (the_end_of_the_stream_completes_a_nonpush_request_too),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
