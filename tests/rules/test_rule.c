#include "tests/support.h"

#include <string.h>

#include "models/rules/rule.h"

static void
the_book_has_all_rules_of_the_documents (G_GNUC_UNUSED void **state)
{
  assert_int_equal (RULE_N_BOOK, 574);
}

static void
every_rule_is_found_by_its_id_and_says_what_it_is (G_GNUC_UNUSED void **state)
{
  for (unsigned rule = 0; rule < RULE_N; rule++) {
    const RuleInfo *info = rule_info ((RuleId)rule);
    assert_int_equal (rule_by_name (info->id), rule);
    assert_true (strlen (info->text) > 20);
    assert_true (strlen (info->check) > 3);
    assert_true (strlen (info->source) > 3);
    assert_true (strlen (info->binds) > 1);
    assert_non_null (info->race);
    assert_non_null (info->note);
  }
}

static void
a_name_that_is_no_rule_is_not_found (G_GNUC_UNUSED void **state)
{
  assert_int_equal (rule_by_name ("CALL-99"), RULE_N);
  assert_int_equal (rule_by_name (""), RULE_N);
}

/* How many rules of a family are monitored, behaviour and open.  Moving one of these numbers is a
 * change of what the rule book does: say so where you do it. */
typedef struct Census {
  const char *family;
  unsigned in_state[RULE_OPEN + 1];
} Census;

/* clang-format off */
static const Census census[] = {
  { "ARCH", { 3, 1, 0 } },
  { "CALL", { 11, 2, 0 } },
  { "REG", { 15, 1, 0 } },
  { "OID", { 11, 9, 0 } },
  { "STATE", { 10, 18, 2 } },
  { "TCPV", { 8, 8, 0 } },
  { "TREE", { 11, 4, 0 } },
  { "PLC", { 8, 0, 0 } },
  { "BLK", { 11, 10, 0 } },
  { "CTX", { 8, 2, 0 } },
  { "INIT", { 14, 6, 0 } },
  { "ISTS", { 14, 2, 0 } },
  { "IVLAN", { 5, 0, 0 } },
  { "RBUF", { 10, 3, 0 } },
  { "SDATA", { 15, 4, 0 } },
  { "TERM", { 27, 5, 1 } },
  { "UPD", { 9, 11, 0 } },
  { "LINK", { 4, 1, 0 } },
  { "QRY", { 8, 3, 0 } },
  { "INV", { 9, 1, 0 } },
  { "IMS", { 7, 0, 0 } },
  { "IM", { 17, 2, 0 } },
  { "SEND", { 19, 4, 0 } },
  { "BUF", { 1, 0, 1 } },
  { "RECV", { 18, 2, 0 } },
  { "DLV", { 16, 2, 0 } },
  { "IND", { 10, 3, 0 } },
  { "RET", { 3, 1, 0 } },
  { "FWD", { 6, 3, 0 } },
  { "DISC", { 13, 4, 0 } },
  { "EVT", { 12, 6, 0 } },
  { "STS", { 7, 2, 0 } },
  { "NUD", { 8, 6, 0 } },
  { "FRAG", { 1, 1, 0 } },
  { "IPOPT", { 1, 0, 1 } },
  { "NM", { 1, 0, 0 } },
  { "SYN", { 1, 0, 0 } },
  { "URG", { 3, 1, 1 } },
  { "RST", { 1, 10, 0 } },
  { "TIMER", { 2, 28, 0 } },
  { "TS", { 2, 7, 0 } },
  { "MRTT", { 0, 2, 0 } },
  { "PM", { 3, 0, 0 } },
  { "STAT", { 13, 0, 0 } },
  { "VLAN", { 3, 2, 0 } },
  { "RSS", { 2, 0, 0 } },
  { "RFC", { 0, 8, 2 } },
};
/* clang-format on */

static bool
is_of_family (RuleId rule, const char *family)
{
  const char *id = rule_info (rule)->id;
  size_t chars = strlen (family);
  return strncmp (id, family, chars) == 0 && strrchr (id, '-') == id + chars;
}

static void
so_many_rules_of_a_family_are_monitored_behaviour_and_open (G_GNUC_UNUSED void **state)
{
  unsigned counted = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (census); i++) {
    unsigned in_state[RULE_OPEN + 1] = { 0 };
    for (unsigned rule = 0; rule < RULE_N_BOOK; rule++)
      if (is_of_family ((RuleId)rule, census[i].family)) {
        in_state[rule_info ((RuleId)rule)->state]++;
        counted++;
      }
    if (memcmp (in_state, census[i].in_state, sizeof in_state) != 0)
      fail_msg ("%s is { %u, %u, %u } now", census[i].family, in_state[RULE_MONITORED],
                in_state[RULE_BEHAVIOUR], in_state[RULE_OPEN]);
  }
  assert_int_equal (counted, RULE_N_BOOK);
}

/* That each monitored rule has its fragment is for test_fragments.c. */
static void
every_fragment_is_of_a_monitored_rule (G_GNUC_UNUSED void **state)
{
  g_autoptr (GDir) folder = g_dir_open ("tests/rules/fragments", 0, NULL);
  const char *name;

  assert_non_null (folder);
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *id = g_strndup (name, strcspn (name, "."));
    RuleId rule = rule_by_name (id);
    if (!g_str_has_suffix (name, ".trace"))
      continue;
    if (rule == RULE_N || rule_info (rule)->state != RULE_MONITORED)
      fail_msg ("%s is of no rule that is monitored", name);
  }
}

static void
every_name_of_a_property_is_a_word (G_GNUC_UNUSED void **state)
{
  assert_string_equal (rule_state_name (RULE_BEHAVIOUR), "behaviour");
  assert_string_equal (rule_strength_name (RULE_SHOULD), "should");
  assert_string_equal (rule_severity_name (RULE_WARNING), "warning");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_book_has_all_rules_of_the_documents),
    cmocka_unit_test (every_rule_is_found_by_its_id_and_says_what_it_is),
    cmocka_unit_test (a_name_that_is_no_rule_is_not_found),
    cmocka_unit_test (so_many_rules_of_a_family_are_monitored_behaviour_and_open),
    cmocka_unit_test (every_fragment_is_of_a_monitored_rule),
    cmocka_unit_test (every_name_of_a_property_is_a_word),
  };
  return cmocka_run_group_tests_name ("rule", tests, NULL, NULL);
}
