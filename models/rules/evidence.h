/*
 * Evidence: the last records read, so that a violation can show what led to it.
 *
 * A place in the evidence is the number of a record among those read, from 1; 0 is none.
 *
 * Invariants  The memory is fixed: what is older than RULE_EVIDENCE_RECORDS is gone, and a proof
 *             does without it.
 */
#pragma once

#include "sim/trace.h"

#define RULE_EVIDENCE_RECORDS (1u << 15)

typedef struct RuleEvidence {
  SimRecord *ring;
  uint64_t n_records;
} RuleEvidence;

void rule_evidence_init (RuleEvidence *evidence);
void rule_evidence_clear (RuleEvidence *evidence);

/* rule_evidence_add keeps a copy and gives its place. */
uint64_t rule_evidence_add (RuleEvidence *evidence, const SimRecord *record);
/* NULL: gone, or none. */
const SimRecord *rule_evidence_at (const RuleEvidence *evidence, uint64_t at);
