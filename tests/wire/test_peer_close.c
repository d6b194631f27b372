#include "tests/support.h"

#include "tests/wire/near_end.h"

#define REQUEST 512
#define RESPONSE 20000

typedef struct Fixture {
  Bench *bench;
  SimDist *request, *response, *service;
  Traffic idle, web, slow_web, asking, bulk, endless;
  NearEnd *end; /* connection 0 */
} Fixture;

static int
set_up (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  BenchSpec bench = bench_plain ();
  f->bench = bench_new (&bench);
  f->request = sim_dist_new_constant (REQUEST);
  f->response = sim_dist_new_constant (RESPONSE);
  f->service = sim_dist_new_constant (SIM_PS_PER_MS);

  TrafficSpec spec = { .pattern = TRAFFIC_NONE, .bulk_chunk_bytes = 8192 };
  f->idle = traffic_of (&spec, 1, "idle");
  spec.pattern = TRAFFIC_REQUEST_RESPONSE;
  spec.request = f->request;
  spec.response = f->response;
  f->web = traffic_of (&spec, 1, "web");
  spec.service = f->service;
  f->slow_web = traffic_of (&spec, 1, "web");
  spec.peer_asks = true;
  f->asking = traffic_of (&spec, 1, "web");
  spec.pattern = TRAFFIC_RECEIVE;
  f->endless = traffic_of (&spec, 1, "bulk");
  spec.bulk_bytes = 2000000;
  f->bulk = traffic_of (&spec, 1, "bulk");
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Fixture *f = *state;
  bench_free (f->bench);
  sim_dist_free (f->request);
  sim_dist_free (f->response);
  sim_dist_free (f->service);
  g_free (f);
  return 0;
}

static NearEnd *
start (Fixture *f, const Traffic *traffic)
{
  f->end = bench_connect (f->bench, 0, traffic);
  peers_start (f->bench->peers);
  return f->end;
}

static TCP_OFFLOAD_CONNECTION_STATE
near_state (const Fixture *f)
{
  return tcp_state (&f->end->tcb);
}

static TCP_OFFLOAD_CONNECTION_STATE
peer_state (const Fixture *f)
{
  return peers_state (f->bench->peers, 0);
}

static void
assert_states (const Fixture *f, TCP_OFFLOAD_CONNECTION_STATE near,
               TCP_OFFLOAD_CONNECTION_STATE peer)
{
  assert_string_equal (tcp_state_name (near_state (f)), tcp_state_name (near));
  assert_string_equal (tcp_state_name (peer_state (f)), tcp_state_name (peer));
}

/* The |nth| change of the peer's state was to |state|. */
static void
assert_change (const Fixture *f, unsigned nth, TCP_OFFLOAD_CONNECTION_STATE to)
{
  const SimRecord *record = bench_record (f->bench, TRACE_CONNECTION_STATE, nth);
  assert_non_null (record);
  assert_int_equal (record->actor_id, BENCH_PEER_ACTOR);
  assert_int_equal (record->column[0], 0);
  assert_int_equal (record->column[1], SIDE_PEER);
  assert_string_equal (tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)record->column[3]),
                       tcp_state_name (to));
}

/* Segments from the peers' end with |flag|, sent by |sender|. */
static unsigned
count_from_peer (const Fixture *f, TraceSide sender, uint8_t flag)
{
  unsigned count = 0, n = 0;
  for (const SimRecord *r; (r = bench_record (f->bench, TRACE_WIRE_SEND, n)) != NULL; n++)
    count +=
        r->column[2] == TCP_FROM_PEER && r->column[1] == (int64_t)sender && (r->column[5] & flag);
  return count;
}

static void
a_peer_that_owes_nothing_closes_when_the_host_has (void **state)
{
  Fixture *f = *state;
  start (f, &f->web);

  bench_close (f->end);
  bench_run (f->bench, sim_ms (100));
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
  assert_change (f, 0, TcpConnectionCloseWait);
  assert_change (f, 1, TcpConnectionLastAck);
  assert_change (f, 2, TcpConnectionClosed);
  assert_int_equal (bench_count_app (f->bench, APP_END_OF_STREAM), 1);
  assert_int_equal (bench_count_app (f->bench, APP_CLOSED), 1);
  assert_int_equal (bench_count_app (f->bench, APP_ABORTED), 0);

  bench_run (f->bench, sim_ms (1000));
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
  assert_int_equal (sim_events_pending (f->bench->sim), 0);
}

static void
a_peer_answers_what_it_was_asked_before_it_closes (void **state)
{
  Fixture *f = *state;
  start (f, &f->slow_web);

  bench_write (f->end, 2 * REQUEST);
  bench_close (f->end);
  bench_run (f->bench, sim_us (1500));
  assert_states (f, TcpConnectionFinWait2, TcpConnectionCloseWait);
  bench_run (f->bench, sim_ms (100));

  assert_int_equal (f->end->received_bytes, 2 * RESPONSE);
  assert_int_equal (f->end->broken_bytes, 0);
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
}

static void
half_a_request_is_not_owed_an_answer (void **state)
{
  Fixture *f = *state;
  start (f, &f->web);

  bench_write (f->end, REQUEST / 2);
  bench_close (f->end);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (f->end->received_bytes, 0);
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), REQUEST / 2);
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
}

static void
a_peer_that_asks_gives_up_its_question (void **state)
{
  Fixture *f = *state;
  start (f, &f->asking);

  bench_run (f->bench, sim_ms (1));
  assert_int_equal (f->end->received_bytes, REQUEST);
  bench_close (f->end);
  bench_run (f->bench, sim_ms (100));
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
  assert_int_equal (bench_count_app (f->bench, APP_RESPONSE), 0);
}

static void
bulk_with_an_end_is_finished_before_the_peer_closes (void **state)
{
  Fixture *f = *state;
  start (f, &f->bulk);

  bench_close (f->end);
  bench_run (f->bench, sim_us (100));
  assert_states (f, TcpConnectionFinWait2, TcpConnectionCloseWait);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (f->end->received_bytes, 2000000);
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
}

static void
bulk_without_end_stops_when_the_host_has_closed (void **state)
{
  Fixture *f = *state;
  start (f, &f->endless);

  bench_run (f->bench, sim_ms (1));
  bench_close (f->end);
  bench_run (f->bench, sim_ms (100));
  assert_states (f, TcpConnectionTimeWait, TcpConnectionClosed);
  assert_true (f->end->received_bytes > 0);
  assert_int_equal (f->end->received_bytes, peers_sent_bytes (f->bench->peers, 0));
}

static void
a_peer_that_closes_still_reads (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_close (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (1));
  assert_states (f, TcpConnectionCloseWait, TcpConnectionFinWait2);
  bench_write (f->end, 30000);
  bench_run (f->bench, sim_ms (10));
  assert_int_equal (peers_received_bytes (f->bench->peers, 0), 30000);
  assert_int_equal (peers_stats (f->bench->peers).broken_bytes, 0);

  bench_close (f->end);
  bench_run (f->bench, sim_ms (1));
  assert_states (f, TcpConnectionClosed, TcpConnectionTimeWait);
  assert_int_equal (bench_count_app (f->bench, APP_CLOSED), 1);
  bench_run (f->bench, sim_ms (1000));
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
  assert_int_equal (bench_count_app (f->bench, APP_CLOSED), 1);
}

static void
what_was_written_goes_before_the_fin (void **state)
{
  Fixture *f = *state;
  start (f, &f->web);
  f->end->closes_after_fin = true;

  bench_write (f->end, REQUEST);
  bench_run (f->bench, sim_us (12)); /* asked and answered, the answer on its way */
  peers_close (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (f->end->received_bytes, RESPONSE);
  assert_int_equal (f->end->broken_bytes, 0);
  assert_states (f, TcpConnectionClosed, TcpConnectionTimeWait);
}

static void
closing_twice_closes_once (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_close (f->bench->peers, 0);
  peers_close (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (100));
  peers_close (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (count_from_peer (f, SIDE_PEER, TCP_FIN), 1);
}

static void
both_may_close_at_once (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_close (f->bench->peers, 0);
  bench_close (f->end);
  bench_run (f->bench, sim_ms (1));
  assert_states (f, TcpConnectionTimeWait, TcpConnectionTimeWait);
  assert_change (f, 1, TcpConnectionClosing);
}

static void
a_crafted_fin_at_the_next_number_is_the_peer_closing (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);
  f->end->closes_after_fin = true;

  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_FIN | TCP_ACK });
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (count_from_peer (f, SIDE_PEER, TCP_FIN), 1);
  assert_int_equal (count_from_peer (f, SIDE_ATTACKER, TCP_FIN), 0);
  assert_states (f, TcpConnectionClosed, TcpConnectionTimeWait);
}

static void
a_crafted_fin_elsewhere_is_an_attackers (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_craft (f->bench->peers, 0,
               &(PeerCraft){ .flags = TCP_FIN | TCP_ACK, .seq_offset = 100000 });
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (count_from_peer (f, SIDE_ATTACKER, TCP_FIN), 1);
  assert_states (f, TcpConnectionEstablished, TcpConnectionEstablished);
}

static void
a_crafted_rst_at_the_next_number_resets_the_host (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_RST });
  bench_run (f->bench, sim_us (20));
  assert_states (f, TcpConnectionClosed, TcpConnectionEstablished);
  assert_true (f->end->events & TCP_NEWS_RESET);
  assert_int_equal (count_from_peer (f, SIDE_ATTACKER, TCP_RST), 1);
  assert_int_equal (count_from_peer (f, SIDE_PEER, TCP_RST), 0);
}

static void
a_crafted_rst_follows_the_data_in_flight (void **state)
{
  Fixture *f = *state;
  start (f, &f->web);

  bench_write (f->end, REQUEST);
  bench_run (f->bench, sim_us (12)); /* asked and answered, the answer on its way */
  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_RST });
  bench_run (f->bench, sim_us (100));
  assert_true (f->end->events & TCP_NEWS_RESET);
  assert_true (f->end->received_bytes > 0);
}

static void
a_crafted_rst_elsewhere_in_the_window_is_challenged (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  unsigned before = bench_count (f->bench, TRACE_WIRE_SEND);
  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_RST, .seq_offset = 1000 });
  bench_run (f->bench, sim_ms (1));
  assert_states (f, TcpConnectionEstablished, TcpConnectionEstablished);
  assert_int_equal (bench_count (f->bench, TRACE_WIRE_SEND), before + 2); /* RST and challenge */
}

static void
crafted_data_is_what_the_stream_has_there (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_craft (f->bench->peers, 0, &(PeerCraft){ .flags = TCP_ACK | TCP_PSH, .payload_bytes = 50 });
  bench_run (f->bench, sim_us (100));
  assert_int_equal (f->end->received_bytes, 50);
  assert_int_equal (f->end->broken_bytes, 0);
  assert_int_equal (peers_sent_bytes (f->bench->peers, 0), 0); /* the peer knows nothing of it */
}

static void
a_crafted_acknowledgment_has_the_offset_asked_for (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  uint32_t next = f->end->tcb.SndNxt;
  peers_craft (f->bench->peers, 0,
               &(PeerCraft){ .flags = TCP_ACK, .seq_offset = -3, .ack_offset = 5000 });
  const SimRecord *sent = bench_record (f->bench, TRACE_WIRE_SEND, 0);
  assert_non_null (sent);
  assert_int_equal (sent->column[3], f->end->tcb.RcvNxt - 3);
  assert_int_equal (sent->column[4], next + 5000);
  assert_int_equal (sent->column[10], TCP_OPTION_TIMESTAMP);
  assert_true (sent->column[6] > 0);
}

static void
an_aborting_peer_resets (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  bench_run (f->bench, sim_ms (1));
  peers_abort (f->bench->peers, 0);
  peers_abort (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (100));
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
  assert_int_equal (count_from_peer (f, SIDE_PEER, TCP_RST), 1);
  assert_int_equal (bench_count_app (f->bench, APP_ABORTED), 1);
  assert_int_equal (bench_count_app (f->bench, APP_CLOSED), 0);
}

static void
a_reset_ends_the_peers_application (void **state)
{
  Fixture *f = *state;
  start (f, &f->endless);

  bench_run (f->bench, sim_ms (1));
  tcp_abort (&f->end->tcb, sim_now (f->bench->sim));
  bench_settle (f->end, (TcpNews){ 0 });
  bench_run (f->bench, sim_us (100));
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
  uint64_t written = peers_sent_bytes (f->bench->peers, 0);
  bench_run (f->bench, sim_ms (100));
  assert_int_equal (peers_sent_bytes (f->bench->peers, 0), written);
  assert_int_equal (bench_count_app (f->bench, APP_ABORTED), 1);
  assert_int_equal (sim_events_pending (f->bench->sim), 0);
}

static void
a_peer_that_is_never_answered_gives_up (void **state)
{
  Fixture *f = *state;
  start (f, &f->endless);

  wire_set_link (f->bench->wire, false);
  bench_run (f->bench, sim_ms (200000));
  assert_int_equal (peer_state (f), TcpConnectionClosed);
  assert_int_equal (bench_count_app (f->bench, APP_ABORTED), 1);
}

static void
segments_to_a_closed_peer_are_answered_by_a_reset (void **state)
{
  Fixture *f = *state;
  start (f, &f->idle);

  peers_abort (f->bench->peers, 0);
  wire_set_link (f->bench->wire, false); /* its own RST is lost */
  wire_set_link (f->bench->wire, true);
  bench_write (f->end, 10);
  bench_run (f->bench, sim_us (50));
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
  assert_true (f->end->events & TCP_NEWS_RESET);
}

static void
events_at_the_far_end_before_the_start_are_kept (void **state)
{
  Fixture *f = *state;
  f->end = bench_connect (f->bench, 0, &f->endless);

  peers_abort (f->bench->peers, 0);
  peers_start (f->bench->peers);
  bench_run (f->bench, sim_ms (1));
  assert_int_equal (peers_sent_bytes (f->bench->peers, 0), 0);
  assert_states (f, TcpConnectionClosed, TcpConnectionClosed);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (a_peer_that_owes_nothing_closes_when_the_host_has),
    TEST (a_peer_answers_what_it_was_asked_before_it_closes),
    TEST (half_a_request_is_not_owed_an_answer),
    TEST (a_peer_that_asks_gives_up_its_question),
    TEST (bulk_with_an_end_is_finished_before_the_peer_closes),
    TEST (bulk_without_end_stops_when_the_host_has_closed),
    TEST (a_peer_that_closes_still_reads),
    TEST (what_was_written_goes_before_the_fin),
    TEST (closing_twice_closes_once),
    TEST (both_may_close_at_once),
    TEST (a_crafted_fin_at_the_next_number_is_the_peer_closing),
    TEST (a_crafted_fin_elsewhere_is_an_attackers),
    TEST (a_crafted_rst_at_the_next_number_resets_the_host),
    TEST (a_crafted_rst_follows_the_data_in_flight),
    TEST (a_crafted_rst_elsewhere_in_the_window_is_challenged),
    TEST (crafted_data_is_what_the_stream_has_there),
    TEST (a_crafted_acknowledgment_has_the_offset_asked_for),
    TEST (an_aborting_peer_resets),
    TEST (a_reset_ends_the_peers_application),
    TEST (a_peer_that_is_never_answered_gives_up),
    TEST (segments_to_a_closed_peer_are_answered_by_a_reset),
    TEST (events_at_the_far_end_before_the_start_are_kept),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
