#include "tests/support.h"

#include "lab/condition.h"

#include <stdbool.h>

/* The tree as text with all its parentheses. */
static void
append (GString *out, const LabCondition *condition)
{
  bool is_call = condition->kind == LAB_CONDITION_CALL;
  if (condition->children->len == 0 && !is_call) {
    g_string_append (out, condition->text);
    return;
  }
  g_string_append_printf (out, "(%s", condition->text);
  for (guint i = 0; i < condition->children->len; i++) {
    g_string_append_c (out, ' ');
    append (out, condition->children->pdata[i]);
  }
  g_string_append_printf (out, ")%s%s", condition->member != NULL ? "." : "",
                          condition->member != NULL ? condition->member : "");
}

static void
conditions_bind_as_one_reads_them (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    const char *tree;
  } table[] = {
    { "state(web/417) == CLOSED", "(== (state web/417) CLOSED)" },
    { "power(target) == D0 or offloaded(target) == 0",
      "(or (== (power target) D0) (== (offloaded target) 0))" },
    { "offloaded(web) == min(established(web), tables(target).tcp)",
      "(== (offloaded web) (min (established web) (tables target).tcp))" },
    { "target.tables.tcp == 256 and target.engine.clock > 250 MHz",
      "(and (== target.tables.tcp 256) (> target.engine.clock 250 MHz))" },
    { "a or b and not c", "(or a (and b (not c)))" },
    { "(a or b) and c", "(and (or a b) c)" },
    { "a - 3 us + b >= 0.5 us", "(>= (+ (- a 3 us) b) 0.5 us)" },
    { "web/900-909 != 3 and b", "(and (!= web/900-909 3) b)" },
    { "f()", "(f)" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *why = NULL;
    g_autoptr (LabCondition) condition = lab_condition_parse (table[i].text, &why);
    assert_non_null (condition);
    g_autoptr (GString) tree = g_string_new (NULL);
    append (tree, condition);
    assert_string_equal (tree->str, table[i].tree);
  }
}

static void
what_cannot_be_read_is_explained (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    const char *why;
  } table[] = {
    { "", "\"\" ends too early; write a name or a value" },
    { "a ==", "\"a ==\" ends too early; write a name or a value" },
    { "a == and", "\"a == and\" cannot be read at \"and\"; write a name or a value" },
    { "(a", "\"(a\" ends too early; write )" },
    { "f(a", "\"f(a\" ends too early; write , or )" },
    { "a b", "\"a b\" cannot be read at \"b\"; write and, or, or nothing more" },
    { "f(a).", "\"f(a).\" ends too early; write the name of a member" },
    { "a = 3", "\"a = 3\" cannot be read at \"= 3\"; write and, or, or nothing more" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *why = NULL;
    assert_null (lab_condition_parse (table[i].text, &why));
    assert_string_equal (why, table[i].why);
  }
}

static void
depth_is_capped (G_GNUC_UNUSED void **state)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < 1000; i++)
    g_string_append (text, i % 2 == 0 ? "(" : "not ");
  g_autofree char *why = NULL;

  assert_null (lab_condition_parse (text->str, &why));
  assert_true (g_str_has_suffix (why, "; write less in parentheses"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (conditions_bind_as_one_reads_them),
    cmocka_unit_test (what_cannot_be_read_is_explained),
    cmocka_unit_test (depth_is_capped),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
