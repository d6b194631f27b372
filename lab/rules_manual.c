#include "lab/rules_manual.h"

#include <string.h>

#include <glib.h>

#include "lab/markdown.h"
#include "lab/trips.h"
#include "lab/witness.h"
#include "sim/assert.h"

typedef struct Census {
  unsigned in_state[RULE_OPEN + 1];
  unsigned all;
} Census;

/* "CALL" of "CALL-01": how many characters. */
static size_t
family_chars (const char *id)
{
  const char *dash = strrchr (id, '-');
  return dash != NULL ? (size_t)(dash - id) : strlen (id);
}

static bool
is_same_family (RuleId a, RuleId b)
{
  size_t n = family_chars (rule_info (a)->id);
  return n == family_chars (rule_info (b)->id)
         && strncmp (rule_info (a)->id, rule_info (b)->id, n) == 0;
}

/* Rules |first| to |end| - 1. */
static Census
count_rules (RuleId first, RuleId end)
{
  Census census = { { 0 }, 0 };

  for (RuleId rule = first; rule < end; rule++) {
    census.in_state[rule_info (rule)->state]++;
    census.all++;
  }
  return census;
}

static void
append_census (GString *out, Census census)
{
  g_string_append_printf (out, "%u rules: %u monitored, %u behaviour, %u open", census.all,
                          census.in_state[RULE_MONITORED], census.in_state[RULE_BEHAVIOUR],
                          census.in_state[RULE_OPEN]);
}

/* What trips a monitored rule; what stands behind another. */
static char *
last_word (RuleId rule)
{
  LabWitness witness = lab_witness_of (rule);

  switch (rule_info (rule)->state) {
  case RULE_MONITORED: {
    g_autofree char *trips = lab_trips_of (rule);
    return g_strdup_printf ("tripped by %s", trips);
  }
  case RULE_BEHAVIOUR:
    return g_strdup_printf ("tested by %s: %s", witness.file, witness.test);
  case RULE_OPEN:
    return g_strdup_printf ("not judged: %s", witness.reason);
  }
  SIM_UNREACHABLE ();
}

static void
append_rule (GString *out, RuleId rule)
{
  const RuleInfo *info = rule_info (rule);
  g_autofree char *last = last_word (rule);
  g_autofree char *text =
      g_strdup_printf ("%s%s%s", info->text, *info->note != '\0' ? " Note: " : "", info->note);

  g_string_append_printf (out, "| %s |", info->id);
  lab_markdown_cell (out, rule_state_name (info->state));
  lab_markdown_cell (out, rule_severity_name (info->severity));
  lab_markdown_cell (out, info->binds);
  lab_markdown_cell (out, text);
  lab_markdown_cell (out, last);
  lab_markdown_cell (out, info->source);
  g_string_append_c (out, '\n');
}

static void
append_family (GString *out, RuleId first, RuleId end)
{
  const char *id = rule_info (first)->id;

  g_string_append_printf (out, "\n## %.*s\n\n", (int)family_chars (id), id);
  append_census (out, count_rules (first, end));
  g_string_append (
      out, ".\n\n| rule | state | severity | binds | demand | tripped or tested by, or why it is "
           "not judged | source |\n|---|---|---|---|---|---|---|\n");
  for (RuleId rule = first; rule < end; rule++)
    append_rule (out, rule);
}

static void
append_head (GString *out)
{
  g_string_append (
      out,
      "# The rule book\n\n"
      "This page is made from the rule table of the program (`make docs`); do not edit it. The "
      "table is\n"
      "`models/rules/book.def` (what the documents demand) and `models/rules/own.def` (what this "
      "simulator\n"
      "demands of itself: LEDGER and BYTES).\n\n"
      "A *monitored* rule is judged in every run by a monitor that reads the trace and nothing "
      "else. A\n"
      "*behaviour* is something that the models do: a test, named there, fails if they do "
      "otherwise. "
      "An *open*\n"
      "rule is judged by nothing, and the page says why. Breaking a rule is a *violation* where "
      "every reading of the "
      "documents forbids it,\n"
      "and fails the run; it is a *warning* where only one reading does.\n\n"
      "Every monitored rule is tripped, and left in peace, by "
      "`tests/rules/fragments/<rule>.trace`; "
      "where a defect\n"
      "is named, a scenario can switch it on and see the rule fire. Sources: `guide/` is the "
      "network section of\n"
      "the Windows driver documentation with its chimney topics, `ddi/` its ndischimney reference, "
      "`network/` its\n"
      "NDIS reference.\n\nAll in all ");
  append_census (out, count_rules (0, RULE_N));
  g_string_append (out, ".\n");
}

char *
lab_rules_manual (void)
{
  GString *out = g_string_new (NULL);

  append_head (out);
  for (RuleId first = 0, end; first < RULE_N; first = end) {
    for (end = first + 1; end < RULE_N && is_same_family (first, end); end++)
      continue;
    append_family (out, first, end);
  }
  return g_string_free (out, FALSE);
}
