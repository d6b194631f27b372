#include "models/rules/rule.h"

#include <string.h>

#include "sim/assert.h"

static const RuleInfo rules[RULE_N] = {
#define RULE(symbol, id_, state_, strength_, severity_, binds_, kind_, text_, check_, race_, \
             note_, source_)                                                                 \
  [RULE_##symbol] = { .id = id_,                                                             \
                      .state = RULE_##state_,                                                \
                      .strength = RULE_##strength_,                                          \
                      .severity = RULE_##severity_,                                          \
                      .binds = binds_,                                                       \
                      .kind = kind_,                                                         \
                      .text = text_,                                                         \
                      .check = check_,                                                       \
                      .race = race_,                                                         \
                      .note = note_,                                                         \
                      .source = source_ },
#include "models/rules/book.def"
#include "models/rules/own.def"
#undef RULE
};

const RuleInfo *
rule_info (RuleId rule)
{
  SIM_ASSERT (rule < RULE_N);
  return &rules[rule];
}

RuleId
rule_by_name (const char *id)
{
  for (unsigned rule = 0; rule < RULE_N; rule++)
    if (strcmp (rules[rule].id, id) == 0)
      return (RuleId)rule;
  return RULE_N;
}

const char *
rule_state_name (RuleState state)
{
  switch (state) {
  case RULE_MONITORED:
    return "monitored";
  case RULE_BEHAVIOUR:
    return "behaviour";
  case RULE_OPEN:
    return "open";
  }
  SIM_UNREACHABLE ();
}

const char *
rule_strength_name (RuleStrength strength)
{
  switch (strength) {
  case RULE_MUST:
    return "must";
  case RULE_SHOULD:
    return "should";
  case RULE_MAY:
    return "may";
  }
  SIM_UNREACHABLE ();
}

const char *
rule_severity_name (RuleSeverity severity)
{
  switch (severity) {
  case RULE_VIOLATION:
    return "violation";
  case RULE_WARNING:
    return "warning";
  }
  SIM_UNREACHABLE ();
}
