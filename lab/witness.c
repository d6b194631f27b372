#include "lab/witness.h"

#include <string.h>

#include <glib.h>

#include "sim/assert.h"

static const LabWitness witnesses[RULE_N] = {
#define TESTED(rule, file_, test_) [RULE_##rule] = { .file = file_, .test = test_ },
#define REASON(rule, reason_) [RULE_##rule] = { .reason = reason_ },
#include "lab/witnesses.def"
#undef TESTED
#undef REASON
};

LabWitness
lab_witness_of (RuleId rule)
{
  SIM_ASSERT (rule < RULE_N);
  return witnesses[rule];
}

typedef struct Census {
  unsigned in_state[RULE_OPEN + 1];
  unsigned all;
} Census;

static void
count (Census *census, RuleId rule)
{
  census->in_state[rule_info (rule)->state]++;
  census->all++;
}

/* "CALL" of "CALL-01": how many characters. */
static int
family_chars (RuleId rule)
{
  const char *id = rule_info (rule)->id;
  return (int)(strrchr (id, '-') - id);
}

static bool
is_same_family (RuleId a, RuleId b)
{
  int n = family_chars (a);
  return n == family_chars (b) && strncmp (rule_info (a)->id, rule_info (b)->id, (size_t)n) == 0;
}

static void
append_census (GString *out, const char *name, int chars, const Census *census)
{
  g_string_append_printf (out, "%-8.*s %5u %10u %10u %6u\n", chars, name, census->all,
                          census->in_state[RULE_MONITORED], census->in_state[RULE_BEHAVIOUR],
                          census->in_state[RULE_OPEN]);
}

static void
append_families (GString *out)
{
  Census whole = { { 0 }, 0 };

  g_string_append (out, "family   rules  monitored  behaviour   open\n");
  for (RuleId first = 0, end; first < RULE_N; first = end) {
    Census census = { { 0 }, 0 };
    for (end = first; end < RULE_N && is_same_family (first, end); end++) {
      count (&census, end);
      count (&whole, end);
    }
    append_census (out, rule_info (first)->id, family_chars (first), &census);
  }
  append_census (out, "all", 3, &whole);
}

static void
append_rules (GString *out, RuleState state, const char *title)
{
  g_string_append_printf (out, "\n%s\n", title);
  for (RuleId rule = 0; rule < RULE_N; rule++) {
    LabWitness witness = lab_witness_of (rule);
    if (rule_info (rule)->state != state)
      continue;
    if (witness.file != NULL)
      g_string_append_printf (out, "%-9s %s: %s\n", rule_info (rule)->id, witness.file,
                              witness.test);
    else
      g_string_append_printf (out, "%-9s %s\n", rule_info (rule)->id,
                              witness.reason != NULL ? witness.reason : "");
  }
}

char *
lab_rules_state (void)
{
  GString *out = g_string_new (NULL);

  append_families (out);
  append_rules (out, RULE_BEHAVIOUR, "behaviour: the test that fails if the models do otherwise");
  append_rules (out, RULE_OPEN, "open: why nothing judges it");
  return g_string_free (out, FALSE);
}
