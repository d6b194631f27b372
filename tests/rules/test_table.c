#include "tests/support.h"

#include "models/rules/table.h"

typedef struct Entry {
  uint64_t value;
  uint32_t small;
} Entry;

static int
set_up (void **state)
{
  RuleTable *table = g_new (RuleTable, 1);
  rule_table_init (table, sizeof (Entry));
  *state = table;
  return 0;
}

static int
tear_down (void **state)
{
  rule_table_clear (*state);
  g_free (*state);
  return 0;
}

static void
what_was_added_is_found_and_nothing_else (void **state)
{
  RuleTable *table = *state;
  Entry *entry = rule_table_add (table, 17);

  assert_int_equal (entry->value, 0);
  entry->value = 5;

  assert_ptr_equal (rule_table_find (table, 17), entry);
  assert_ptr_equal (rule_table_need (table, 17), entry);
  assert_null (rule_table_find (table, 18));
  assert_int_equal (table->n_entries, 1);
}

static void
entries_stay_where_they_are_while_others_come_and_go (void **state)
{
  RuleTable *table = *state;
  Entry *entry[1000];

  for (uint64_t key = 0; key < 1000; key++) {
    entry[key] = rule_table_add (table, key * key);
    entry[key]->value = key;
  }
  for (uint64_t key = 1; key < 1000; key += 2)
    assert_true (rule_table_remove (table, key * key));

  for (uint64_t key = 0; key < 1000; key += 2) {
    assert_ptr_equal (rule_table_find (table, key * key), entry[key]);
    assert_int_equal (entry[key]->value, key);
  }
  for (uint64_t key = 1; key < 1000; key += 2)
    assert_null (rule_table_find (table, key * key));
  assert_int_equal (table->n_entries, 500);
}

static void
a_removed_entry_is_reused_and_comes_back_zeroed (void **state)
{
  RuleTable *table = *state;
  Entry *entry = rule_table_add (table, 1);

  entry->value = 9;
  assert_true (rule_table_remove (table, 1));
  Entry *next = rule_table_add (table, 2);

  assert_ptr_equal (next, entry);
  assert_int_equal (next->value, 0);
  assert_int_equal (table->n_slots, 1);
}

static void
removing_what_is_not_there_tells_so (void **state)
{
  assert_false (rule_table_remove (*state, 4));
}

static void
a_table_in_balance_takes_no_more_slots (void **state)
{
  RuleTable *table = *state;

  for (uint64_t key = 0; key < 100; key++)
    rule_table_add (table, key);
  for (uint64_t key = 100; key < 100000; key++) {
    rule_table_add (table, key);
    assert_true (rule_table_remove (table, key - 100));
  }

  assert_int_equal (table->n_entries, 100);
  assert_in_range (table->n_slots, 100, 101);
}

static void
slots_are_visited_in_the_order_of_first_use (void **state)
{
  RuleTable *table = *state;
  static const uint64_t keys[] = { 900, 3, 77 };
  uint64_t key;

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    rule_table_add (table, keys[i]);
  rule_table_remove (table, 3);

  assert_non_null (rule_table_at (table, 0, &key));
  assert_int_equal (key, 900);
  assert_null (rule_table_at (table, 1, &key));
  assert_non_null (rule_table_at (table, 2, &key));
  assert_int_equal (key, 77);
}

static void
adding_a_key_twice_is_a_bug (void **state)
{
  rule_table_add (*state, 5);
  expect_assert_failure (rule_table_add (*state, 5));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (what_was_added_is_found_and_nothing_else),
    TEST (entries_stay_where_they_are_while_others_come_and_go),
    TEST (a_removed_entry_is_reused_and_comes_back_zeroed),
    TEST (removing_what_is_not_there_tells_so),
    TEST (a_table_in_balance_takes_no_more_slots),
    TEST (slots_are_visited_in_the_order_of_first_use),
    TEST (adding_a_key_twice_is_a_bug),
  };
  return cmocka_run_group_tests_name ("table", tests, NULL, NULL);
}
