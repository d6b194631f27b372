/*
 * The target's contexts: made, linked, live, closing, freed.
 *
 * Order       The reader runs after the monitors.
 * Invariants  A context that was freed is remembered as freed until it is made again.
 */
#pragma once

#include "models/rules/table.h"
#include "sim/trace.h"

typedef struct RuleContext {
  int64_t id;
  int64_t parent;
  uint32_t object;
  uint32_t connection; /* UINT32_MAX: none */
  uint32_t op;         /* that made it */
  int8_t layer;
  bool is_made; /* and not freed */
  bool is_live;
  bool is_closing;
  uint64_t made_at, live_at, closing_at, freed_at;
} RuleContext;

typedef struct RuleContexts {
  RuleTable table;
} RuleContexts;

void rule_contexts_init (RuleContexts *contexts);
void rule_contexts_clear (RuleContexts *contexts);

/* NULL if there never was one. */
RuleContext *rule_context_find (const RuleContexts *contexts, int64_t id);

void rule_contexts_on_record (RuleContexts *contexts, const SimRecord *record, uint64_t at);
