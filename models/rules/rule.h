/*
 * The rules by id: what the documents demand, and this simulator's own demands.
 *
 * The texts stand in book.def (the documents') and own.def (ours), once; enum and table are made
 * from them.
 *
 * Order       RuleIds follow the files: the book's rules first.
 * Owns        Everything is static.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum RuleId {
#define RULE(id, ...) RULE_##id,
#include "models/rules/book.def"
  RULE_N_BOOK, /* of the documents */
  RULE_BEFORE_OWN = RULE_N_BOOK - 1,
#include "models/rules/own.def"
#undef RULE
  RULE_N
} RuleId;

typedef enum RuleState {
  RULE_MONITORED,
  RULE_BEHAVIOUR,
  RULE_OPEN,
} RuleState;

typedef enum RuleStrength {
  RULE_MUST,
  RULE_SHOULD,
  RULE_MAY,
} RuleStrength;

typedef enum RuleSeverity {
  RULE_VIOLATION,
  RULE_WARNING,
} RuleSeverity;

typedef struct RuleInfo {
  const char *id; /* "CALL-01" */
  RuleState state;
  RuleStrength strength;
  RuleSeverity severity;
  const char *binds;
  const char *kind;
  const char *text;
  const char *check;
  const char *race; /* "" if none */
  const char *note; /* "" if none */
  const char *source;
} RuleInfo;

const RuleInfo *rule_info (RuleId rule);
/* rule_by_name finds "CALL-01"; RULE_N if there is none. */
RuleId rule_by_name (const char *id);

const char *rule_state_name (RuleState state);
const char *rule_strength_name (RuleStrength strength);
const char *rule_severity_name (RuleSeverity severity);
