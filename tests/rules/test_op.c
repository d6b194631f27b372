#include "tests/support.h"

#include "models/rules/op.h"

#define NODES 40
#define EDGE 3

/* A tree goes down to |EDGE|: node i is about object 100 + i, and the last about that of node 10. */
static int
set_up (void **state)
{
  RuleOps *ops = g_new (RuleOps, 1);
  RuleNode nodes[NODES] = { 0 };

  rule_ops_init (ops);
  for (uint32_t i = 0; i < NODES; i++)
    nodes[i] = (RuleNode){ .object = 100 + i, .parent = -1 };
  nodes[NODES - 1].object = 110;
  RuleCrossing x = { .verb = RULE_INITIATE, .station = RULE_DOWN_HANDLER, .op = 7, .edge = EDGE };
  x.nodes = nodes;
  x.n_nodes = NODES;
  rule_ops_on_begin (ops, &x);
  *state = ops;
  return 0;
}

static int
tear_down (void **state)
{
  rule_ops_clear (*state);
  g_free (*state);
  return 0;
}

static void
a_node_is_found_by_its_object_from_wherever_the_search_begins (void **state)
{
  RuleOp *op = rule_op_find (*state, 7, EDGE);

  for (uint32_t near = 0; near < NODES; near++)
    for (uint32_t i = 0; i < NODES - 1; i++)
      if (i != 10)
        assert_int_equal (rule_op_node_of (op, 100 + i, near), i);
}

static void
of_two_nodes_of_an_object_the_next_one_is_found (void **state)
{
  RuleOp *op = rule_op_find (*state, 7, EDGE);

  assert_int_equal (rule_op_node_of (op, 110, 0), 10);
  assert_int_equal (rule_op_node_of (op, 110, 10), 10);
  assert_int_equal (rule_op_node_of (op, 110, 11), NODES - 1);
  assert_int_equal (rule_op_node_of (op, 110, NODES - 1), NODES - 1);
}

static void
an_object_that_the_tree_does_not_name_is_not_found (void **state)
{
  RuleOp *op = rule_op_find (*state, 7, EDGE);

  assert_int_equal (rule_op_node_of (op, 99, 0), UINT32_MAX);
  assert_int_equal (rule_op_node_of (op, 100 + NODES, 5), UINT32_MAX);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (a_node_is_found_by_its_object_from_wherever_the_search_begins),
    TEST (of_two_nodes_of_an_object_the_next_one_is_found),
    TEST (an_object_that_the_tree_does_not_name_is_not_found),
  };
  return cmocka_run_group_tests_name ("op", tests, NULL, NULL);
}
