/*
 * Witnesses: the tests that stand behind rules that no monitor judges, and why the rest is judged by
 * nothing.
 *
 * Owns        Everything is static.
 * Invariants  Tests prove that every rule that is behaviour has a test that exists, and every open
 *             one a reason (tests/lab/test_witness.c).
 */
#pragma once

#include "models/rules/rule.h"

typedef struct LabWitness {
  const char *file;   /* of a test or a scenario; NULL: none */
  const char *test;   /* its name in there; of a scenario, the situation that proves it */
  const char *reason; /* why the rule is open; NULL: it is not */
} LabWitness;

/* lab_witness_of gives empty members for a rule that needs no witness. */
LabWitness lab_witness_of (RuleId rule);

/* lab_rules_state says how many rules of each family are monitored, behaviour and open, then of
 * each that is not monitored what stands behind it.  Free with g_free. */
char *lab_rules_state (void);
