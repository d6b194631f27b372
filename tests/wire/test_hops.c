#include "tests/support.h"

#include "models/wire/hops.h"

#define HOST_MAC 1
#define HOST_ADDRESS 1
#define HOP_ADDRESS 1000
#define HOP_MAC 50

typedef struct Fixture {
  Sim *sim;
  Wire *wire;
  Hops *hops;
  GArray *heard; /* TcpSegment that came to the host */
} Fixture;

static void
hear (void *data, const TcpSegment *segment)
{
  Fixture *f = data;
  g_array_append_val (f->heard, *segment);
}

static Wire *
way (void *data)
{
  return data;
}

static int
setup (void **state)
{
  Fixture *f = g_new0 (Fixture, 1);
  WireConfig wire = { .rate_bits_per_s = INT64_C (10000000000),
                      .one_way = sim_us (1),
                      .queue_bytes = 65536,
                      .loss_denominator = 1,
                      .actor_id = 1 };
  HopsConfig config = { HOP_ADDRESS, HOST_ADDRESS, HOST_MAC };

  f->sim = sim_new (1);
  sim_trace_set_kinds (sim_trace (f->sim), trace_kinds, TRACE_N_KINDS);
  f->wire = wire_new (f->sim, &wire);
  f->heard = g_array_new (FALSE, FALSE, sizeof (TcpSegment));
  wire_attach (f->wire, WIRE_END_NIC, &(WireListener){ .arrive = hear, .data = f });
  wire_attach (f->wire, WIRE_END_PEERS, &(WireListener){ .arrive = hear, .data = f });
  f->hops = hops_new (&config, way, f->wire);
  hops_add (f->hops, &(HopSetup){ .mac_id = HOP_MAC, .ip_version = 4 });
  hops_add (f->hops,
            &(HopSetup){
                .mac_id = HOP_MAC + 1, .ip_version = 6, .vlan_tagged = true, .vlan_tag = 7 });
  *state = f;
  return 0;
}

static int
teardown (void **state)
{
  Fixture *f = *state;
  hops_free (f->hops);
  wire_free (f->wire);
  sim_free (f->sim);
  g_array_unref (f->heard);
  g_free (f);
  return 0;
}

static void
ask (Fixture *f, uint32_t hop, uint32_t mac_id)
{
  TcpSegment question = { .kind = hop == 0 ? TCP_FRAME_ARP_REQUEST : TCP_FRAME_SOLICITATION,
                          .connection_id = UINT32_MAX,
                          .ip_version = hop == 0 ? 4 : 6,
                          .tuple = { HOST_ADDRESS, HOP_ADDRESS + hop, 0, 0 },
                          .source_mac_id = HOST_MAC,
                          .destination_mac_id = mac_id };
  hops_take (f->hops, &question);
  sim_run (f->sim, (SimLimits){ .until = SIM_TIME_NEVER });
}

static const TcpSegment *
answer (const Fixture *f, guint index)
{
  assert_true (index < f->heard->len);
  return &g_array_index (f->heard, TcpSegment, index);
}

static void
a_next_hop_answers_for_its_address (void **state)
{
  Fixture *f = *state;

  ask (f, 0, HOP_MAC);
  ask (f, 1, TCP_MAC_EVERYONE);

  assert_int_equal (f->heard->len, 2);
  assert_int_equal (answer (f, 0)->kind, TCP_FRAME_ARP_REPLY);
  assert_int_equal (answer (f, 0)->source_mac_id, HOP_MAC);
  assert_int_equal (answer (f, 0)->tuple.source_address_id, HOP_ADDRESS);
  assert_true (answer (f, 0)->flags & TCP_FRAME_SOLICITED);
  assert_int_equal (answer (f, 1)->kind, TCP_FRAME_ADVERTISEMENT);
  assert_int_equal (answer (f, 1)->vlan_tag, 7);
}

static void
a_next_hop_that_has_moved_is_not_where_it_was (void **state)
{
  Fixture *f = *state;

  hops_move (f->hops, 0, 99, true);
  ask (f, 0, HOP_MAC);
  ask (f, 0, TCP_MAC_EVERYONE);

  assert_int_equal (f->heard->len, 2); /* the announcement, and the answer to the second */
  assert_false (answer (f, 0)->flags & TCP_FRAME_SOLICITED);
  assert_int_equal (answer (f, 1)->source_mac_id, 99);
  assert_false (hops_hear (f->hops, HOP_MAC));
  assert_true (hops_hear (f->hops, 99));
}

static void
a_silent_next_hop_hears_nothing_until_it_is_back (void **state)
{
  Fixture *f = *state;

  hops_silence (f->hops, 0, true);
  ask (f, 0, HOP_MAC);
  assert_false (hops_hear (f->hops, HOP_MAC));
  assert_true (hops_hear (f->hops, HOP_MAC + 1));
  assert_int_equal (f->heard->len, 0);
  hops_silence (f->hops, 0, false);
  ask (f, 0, HOP_MAC);

  assert_int_equal (f->heard->len, 1);
  assert_true (hops_hear (f->hops, HOP_MAC));
}

static void
a_router_says_what_was_too_big_and_what_is_better (void **state)
{
  Fixture *f = *state;
  TcpSegment segment = { .tuple = { HOST_ADDRESS, 33, 1024, 80 }, .seq = 5, .ip_version = 4 };

  hops_refuse (f->hops, 0, &segment, 1400);
  hops_redirect (f->hops, 0, 33, 1);
  sim_run (f->sim, (SimLimits){ .until = SIM_TIME_NEVER });

  assert_int_equal (answer (f, 0)->kind, TCP_FRAME_TOO_BIG);
  assert_int_equal (answer (f, 0)->about_address_id, 33);
  assert_int_equal (answer (f, 0)->mss, 1400);
  assert_int_equal (answer (f, 1)->kind, TCP_FRAME_REDIRECT);
  assert_int_equal (answer (f, 1)->ack, HOP_ADDRESS + 1);
  assert_int_equal (hops_stats (f->hops).too_big, 1);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST (a_next_hop_answers_for_its_address),
    TEST (a_next_hop_that_has_moved_is_not_where_it_was),
    TEST (a_silent_next_hop_hears_nothing_until_it_is_back),
    TEST (a_router_says_what_was_too_big_and_what_is_better),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
