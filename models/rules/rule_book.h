/*
 * The rule book: watches the trace of a run and says which rules it kept.
 *
 * Each monitored rule (rule.h) is judged wherever its condition comes up.  A rule is then held,
 * broken, or was never put to the test.  Beside the documents' rules stand the ownership ledger and
 * the conservation of bytes.
 *
 * Order       Violations are in the order of the records that prove them.
 * Owns        The book owns what it reports, until freed.  It copies records; it borrows the trace.
 * Errors      None: a trace that makes no sense breaks rules.
 * Invariants  It reads the trace and nothing else, and changes nothing.  After a violation a rule
 *             no longer judges the object that broke it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/rules/rule.h"
#include "sim/trace.h"

typedef struct RuleBook RuleBook;

#define RULE_PROOF_RECORDS_MAX 8
#define RULE_NO_CONNECTION UINT32_MAX

typedef struct RuleViolation {
  RuleId rule;
  RuleSeverity severity;
  SimTime when;
  uint32_t connection_id; /* RULE_NO_CONNECTION: not about one */
  uint32_t object_id;     /* this and the next two: 0 for none */
  uint32_t op_id;
  uint32_t nbl_id;
  char *text;
  uint32_t n_records;                        /* the last one is the one that breaks the rule */
  SimRecord records[RULE_PROOF_RECORDS_MAX]; /* in order */
} RuleViolation;

typedef enum RuleVerdict {
  RULE_HELD,
  RULE_BROKEN,
  RULE_NEVER_EXERCISED,
  RULE_NOT_MONITORED, /* or switched off */
} RuleVerdict;

/* Something taken and not put back. */
typedef struct RuleOutstanding {
  int64_t what; /* TraceResource */
  uint32_t id;
  uint32_t layer;
  uint32_t object_id;
  SimTime taken;
} RuleOutstanding;

typedef struct RuleBookOptions {
  const RuleId *off; /* rules not to judge */
  size_t n_off;
  uint32_t violations_max; /* listed; more are only counted.  0: 1000 */
} RuleBookOptions;

/* rule_book_new makes a book that reads the trace of |sim|; NULL: it reads what rule_book_read is
 * given.  |options| may be NULL. */
RuleBook *rule_book_new (Sim *sim, const RuleBookOptions *options);
void rule_book_free (RuleBook *book);

/* rule_book_read judges one record. */
void rule_book_read (RuleBook *book, const SimRecord *record);

/* rule_book_finish makes the checks of a run's end, once, after the last record.  |cut_off|: the
 * run ended by a limit, with things still under way, so that what is outstanding is not held
 * against anyone. */
void rule_book_finish (RuleBook *book, bool cut_off);

uint32_t rule_book_n_violations (const RuleBook *book);
const RuleViolation *rule_book_violation (const RuleBook *book, uint32_t index);
/* Violations and warnings found, listed or not. */
uint64_t rule_book_n_broken (const RuleBook *book, RuleSeverity severity);

/* How often the rule's condition came up, and how often it was not met. */
uint64_t rule_book_tested (const RuleBook *book, RuleId rule);
uint64_t rule_book_broken (const RuleBook *book, RuleId rule);
RuleVerdict rule_book_verdict (const RuleBook *book, RuleId rule);
const char *rule_verdict_name (RuleVerdict verdict);

/* What is outstanding at the end, ordered by resource and id; good until the book is freed.  After
 * rule_book_finish. */
const RuleOutstanding *rule_book_outstanding (const RuleBook *book, uint32_t *ret_count);
