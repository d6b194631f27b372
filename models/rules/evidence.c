#include "models/rules/evidence.h"

#include <string.h>

#include <glib.h>

G_STATIC_ASSERT ((RULE_EVIDENCE_RECORDS & (RULE_EVIDENCE_RECORDS - 1)) == 0);

void
rule_evidence_init (RuleEvidence *evidence)
{
  *evidence = (RuleEvidence){ .ring = g_new (SimRecord, RULE_EVIDENCE_RECORDS) };
}

void
rule_evidence_clear (RuleEvidence *evidence)
{
  g_free (evidence->ring);
  *evidence = (RuleEvidence){ 0 };
}

uint64_t
rule_evidence_add (RuleEvidence *evidence, const SimRecord *record)
{
  SimRecord *kept = &evidence->ring[++evidence->n_records & (RULE_EVIDENCE_RECORDS - 1)];

  memcpy (kept, record,
          offsetof (SimRecord, column) + record->n_columns * sizeof record->column[0]);
  return evidence->n_records;
}

const SimRecord *
rule_evidence_at (const RuleEvidence *evidence, uint64_t at)
{
  if (at == 0 || at > evidence->n_records || evidence->n_records - at >= RULE_EVIDENCE_RECORDS)
    return NULL;
  return &evidence->ring[at & (RULE_EVIDENCE_RECORDS - 1)];
}
