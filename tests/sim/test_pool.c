#include "tests/support.h"

#include <string.h>

#include "sim/pool.h"

static void
objects_come_zeroed_aligned_and_densely_numbered (G_GNUC_UNUSED void **state)
{
  enum { N = 5000 };
  SimPool *pool = sim_pool_new (40, 0);
  unsigned char *object[N];
  static const unsigned char zeros[40];

  for (uint32_t i = 0; i < N; i++) {
    object[i] = sim_pool_take (pool);
    assert_int_equal ((uintptr_t)object[i] % 16, 0);
    assert_memory_equal (object[i], zeros, 40);
    assert_int_equal (sim_pool_index (pool, object[i]), i);
    memset (object[i], 0xff, 40);
  }
  for (uint32_t i = 0; i < N; i++)
    assert_ptr_equal (sim_pool_at (pool, i), object[i]);
  assert_null (sim_pool_at (pool, N));
  assert_int_equal (sim_pool_out (pool), N);
  for (uint32_t i = 0; i < N; i++)
    sim_pool_put (pool, object[i]);
  assert_memory_equal (sim_pool_take (pool), zeros, 40);
  sim_pool_put (pool, sim_pool_at (pool, N - 1));
  assert_int_equal (sim_pool_out_peak (pool), N);
  sim_pool_free (pool);
}

static void
the_last_put_back_is_the_first_to_go_out_again (G_GNUC_UNUSED void **state)
{
  SimPool *pool = sim_pool_new (1, 0);
  void *object[4];
  for (unsigned i = 0; i < 4; i++)
    object[i] = sim_pool_take (pool);
  sim_pool_put (pool, object[1]);
  sim_pool_put (pool, object[3]);
  assert_null (sim_pool_at (pool, 3));
  assert_ptr_equal (sim_pool_take (pool), object[3]);
  assert_ptr_equal (sim_pool_take (pool), object[1]);
  assert_int_equal (sim_pool_index (pool, sim_pool_take (pool)), 4);
  for (uint32_t i = 0; i < 5; i++)
    sim_pool_put (pool, sim_pool_at (pool, i));
  sim_pool_free (pool);
}

static void
a_limit_refuses_with_null_until_one_comes_back (G_GNUC_UNUSED void **state)
{
  SimPool *pool = sim_pool_new (100, 2);
  void *a = sim_pool_take (pool);
  void *b = sim_pool_take (pool);
  assert_non_null (b);
  assert_null (sim_pool_take (pool));
  sim_pool_put (pool, a);
  assert_ptr_equal (sim_pool_take (pool), a);
  sim_pool_put (pool, a);
  sim_pool_put (pool, b);
  sim_pool_free (pool);
}

static void
large_objects_do_not_move_or_overlap (G_GNUC_UNUSED void **state)
{
  enum { N = 40, BYTES = 50000 };
  SimPool *pool = sim_pool_new (BYTES, 0);
  unsigned char *object[N];
  for (unsigned i = 0; i < N; i++) {
    object[i] = sim_pool_take (pool);
    memset (object[i], (int)i, BYTES);
  }
  for (unsigned i = 0; i < N; i++) {
    assert_int_equal (object[i][0], i);
    assert_int_equal (object[i][BYTES - 1], i);
    sim_pool_put (pool, object[i]);
  }
  sim_pool_free (pool);
}

static void
putting_back_what_is_not_out_asserts (G_GNUC_UNUSED void **state)
{
  SimPool *pool = sim_pool_new (64, 0);
  SimPool *other = sim_pool_new (64, 0);
  char *object = sim_pool_take (pool);
  void *foreign = sim_pool_take (other);

  expect_assert_failure (sim_pool_put (pool, NULL));
  expect_assert_failure (sim_pool_put (pool, foreign));
  expect_assert_failure (sim_pool_free (pool));
  sim_pool_put (pool, object);
  expect_assert_failure (sim_pool_put (pool, object));
  expect_assert_failure (sim_pool_index (pool, object));
  sim_pool_put (other, foreign);
  sim_pool_free (pool);
  sim_pool_free (other);
  sim_pool_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (objects_come_zeroed_aligned_and_densely_numbered),
    cmocka_unit_test (the_last_put_back_is_the_first_to_go_out_again),
    cmocka_unit_test (a_limit_refuses_with_null_until_one_comes_back),
    cmocka_unit_test (large_objects_do_not_move_or_overlap),
    cmocka_unit_test (putting_back_what_is_not_out_asserts),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
