#include "tests/support.h"

#include "models/wire/peer_table.h"

#define N 5000

static TcpTuple
tuple (uint32_t i)
{
  return (TcpTuple){ .source_address_id = i % 7,
                     .destination_address_id = i % 3,
                     .source_port = (uint16_t)(i / 21),
                     .destination_port = 8080 };
}

static void
each_tuple_finds_its_connection (G_GNUC_UNUSED void **state)
{
  g_autoptr (PeerTable) table = peer_table_new (N);
  uint32_t index;

  for (uint32_t i = 0; i < N; i++)
    peer_table_add (table, tuple (i), i);
  for (uint32_t i = 0; i < N; i++) {
    assert_true (peer_table_find (table, tuple (i), &index));
    assert_int_equal (index, i);
  }
}

static void
a_tuple_that_was_not_added_is_not_found (G_GNUC_UNUSED void **state)
{
  g_autoptr (PeerTable) table = peer_table_new (N);
  uint32_t index = 77;

  for (uint32_t i = 0; i < N; i++)
    peer_table_add (table, tuple (i), i);
  for (uint32_t i = 0; i < N; i++)
    assert_false (peer_table_find (table, tcp_tuple_reversed (tuple (i)), &index));
  assert_int_equal (index, 77);
}

static void
a_table_for_nobody_finds_nobody (G_GNUC_UNUSED void **state)
{
  g_autoptr (PeerTable) table = peer_table_new (0);
  uint32_t index;

  assert_false (peer_table_find (table, tuple (0), &index));
}

static void
a_tuple_twice_or_one_too_many_asserts (G_GNUC_UNUSED void **state)
{
  g_autoptr (PeerTable) table = peer_table_new (2);

  peer_table_add (table, tuple (0), 0);
  expect_assert_failure (peer_table_add (table, tuple (0), 1));
  peer_table_add (table, tuple (1), 1);
  expect_assert_failure (peer_table_add (table, tuple (2), 2));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_tuple_finds_its_connection),
    cmocka_unit_test (a_tuple_that_was_not_added_is_not_found),
    cmocka_unit_test (a_table_for_nobody_finds_nobody),
    cmocka_unit_test (a_tuple_twice_or_one_too_many_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
