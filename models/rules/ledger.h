/*
 * The ownership ledger: who has what.
 *
 * Every connection's delegated state has one owner at a time, what is taken is put back once, and
 * what begins ends.
 */
#pragma once

#include "models/rules/rule_book.h"
#include "models/rules/table.h"
#include "models/trace/trace.h"

#define RULE_LEDGER_LAYERS 16

typedef struct RuleLedger {
  RuleTable taken[TRACE_N_RESOURCES]; /* entries begin with their RuleOutstanding */
  uint32_t counts[TRACE_N_RESOURCES][RULE_LEDGER_LAYERS];
  RuleTable owners; /* by connection */
  RuleOutstanding *outstanding;
  uint32_t n_outstanding;
} RuleLedger;

void rule_ledger_init (RuleLedger *ledger);
void rule_ledger_clear (RuleLedger *ledger);

/* How many of a resource a layer has out. */
uint32_t rule_ledger_taken (const RuleLedger *ledger, int64_t what, uint32_t layer);
