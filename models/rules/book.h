/*
 * The inside of the rule book: what monitors read, and how they judge.  Private to models/rules.
 *
 * A family (send.c, init.c, ...) is a table of hooks.  A hook is called when a call that it names
 * begins (assembled, with the nodes and buffer lists it carries) or ends, or for a record of
 * another kind, or when the run is over.
 *
 * Order       For one record the monitors come first, in the order of the families, then the
 *             readers: a monitor sees everything as it was before the record.
 * Judging     if (!rule_test (book, RULE_SEND_01, status == NDIS_STATUS_PENDING))
 *               rule_report (book, RULE_SEND_01, &proof, "it returned %s", ...);
 *             rule_test counts the rule as exercised; rule_report keeps the proof, once for each subject.
 */
#pragma once

#include <glib.h>

#include "models/ndis/types.h"
#include "models/rules/adapter.h"
#include "models/rules/buffer.h"
#include "models/rules/bytes.h"
#include "models/rules/columns.h"
#include "models/rules/context.h"
#include "models/rules/crossing.h"
#include "models/rules/evidence.h"
#include "models/rules/flow.h"
#include "models/rules/ledger.h"
#include "models/rules/object.h"
#include "models/rules/op.h"
#include "models/rules/pnp.h"
#include "models/rules/rule_book.h"
#include "models/rules/statistics.h"

struct RuleBook {
  /* readers */
  RuleCrossings crossings;
  RuleOps ops;
  RuleObjects objects;
  RuleBuffers buffers;
  RuleFlows flows;
  RuleContexts contexts;
  RuleAdapter adapter;
  RuleLedger ledger;
  RuleBytes bytes;
  RulePnp pnp[RULE_LAYERS_MAX];                  /* by layer: of targets, and of the host */
  RuleStatistics statistics[RULE_LAYERS_MAX][2]; /* by target; IP version 4, 6 */
  RuleTotals totals;
  RuleEvidence evidence;
  SimTime now; /* of the record being judged */
  uint64_t at; /* its place in the evidence */
  /* judgement */
  bool is_off[RULE_N];
  uint64_t tested[RULE_N];
  uint64_t broken[RULE_N];
  uint64_t n_broken[2];  /* by severity */
  GPtrArray *violations; /* RuleViolation */
  uint32_t violations_max;
  RuleTable muted; /* (rule, subject) that was reported */
  bool is_finished;
  bool is_cut_off;
};

/* What breaks a rule: whom it is about, and the records that show it, the deciding one last.  Of
 * several ids given the first of buffer list, object, operation, connection is the subject that is
 * no longer judged. */
typedef struct RuleProof {
  uint32_t object;
  uint32_t op;
  uint32_t nbl;
  uint32_t connection_plus_1;          /* 0: none */
  uint32_t subject;                    /* if it is none of these */
  uint64_t at[RULE_PROOF_RECORDS_MAX]; /* places in the evidence; 0: unused */
} RuleProof;

/* rule_test counts |rule| as put to the test and gives |holds|; a rule that is off holds. */
static inline bool
rule_test (RuleBook *book, RuleId rule, bool holds)
{
  if (book->is_off[rule])
    return true;
  book->tested[rule]++;
  return holds;
}

G_GNUC_PRINTF (4, 5)
void rule_report (RuleBook *book, RuleId rule, const RuleProof *proof, const char *format, ...);

typedef enum RuleMoment { RULE_AT_BEGIN, RULE_AT_END, RULE_N_MOMENTS } RuleMoment;

typedef void (*RuleCallFn) (RuleBook *book, const RuleCrossing *x);
typedef void (*RuleRecordFn) (RuleBook *book, const SimRecord *record);
typedef void (*RuleFinishFn) (RuleBook *book);

typedef struct RuleCallHook {
  uint32_t verbs; /* set of RULE_SET (verb) */
  RuleStation station;
  RuleMoment moment;
  RuleCallFn judge;
} RuleCallHook;

typedef struct RuleRecordHook {
  TraceKind kind;
  RuleRecordFn judge;
} RuleRecordHook;

typedef struct RuleFamily {
  const char *name;
  const RuleCallHook *calls;
  size_t n_calls;
  const RuleRecordHook *records;
  size_t n_records;
  RuleFinishFn finish;
} RuleFamily;

/* The families, in families.c. */
extern const RuleFamily *const rule_families[];
extern const size_t rule_n_families;

/* Shorthand for monitors. */
static inline RuleOp *
rule_op_of (const RuleBook *book, const RuleCrossing *x)
{
  return rule_op_find (&book->ops, x->op, x->edge);
}

static inline RuleObject *
rule_object_at (const RuleBook *book, uint32_t object, const RuleCrossing *x)
{
  return rule_object_find (&book->objects, object, x->edge);
}

/* An obligation without a documented deadline that is open when a run is cut off is held against
 * its owner only if it has been open for long: longer than RULE_PATIENCE, and than four times the
 * longest that the run has seen fulfilled. */
#define RULE_PATIENCE (20 * SIM_PS_PER_MS)

/* What was in a queue before the wire when something was forbidden may leave for this long. */
#define RULE_DRAIN SIM_PS_PER_MS

static inline bool
rule_is_overdue (const RuleBook *book, SimTime since, SimDuration longest)
{
  int64_t open_ps = sim_time_diff (book->now, since).ps;
  return !book->is_cut_off || (open_ps > RULE_PATIENCE && open_ps / 4 > longest.ps);
}

/* True if anything is offloaded to a target. */
static inline bool
rule_any_at_target (const RuleBook *book)
{
  for (unsigned driver = book->crossings.target_layer; driver < RULE_LAYERS_MAX; driver++)
    if (book->objects.live[driver] > 0)
      return true;
  return false;
}

/* True on the target's edge. */
static inline bool
rule_is_target (const RuleBook *book, const RuleCrossing *x)
{
  return x->edge == book->crossings.target_layer;
}

/* The flow of an object's connection, NULL if unknown. */
static inline RuleFlow *
rule_flow_of_object (const RuleBook *book, uint32_t object)
{
  return rule_flow_find (&book->flows, rule_object_connection (&book->objects, object));
}

/* Up to where the stream to the peer has been sent, segments included that the host sent before it
 * handed the connection over and that may still be in a queue before the wire. */
uint64_t rule_sent_end (const RuleBook *book, const RuleFlow *flow);

/* VLAN-05: a priority takes no byte past others of its connection: what is delivered |begin|s where
 * it is |expected| to. */
void rule_judge_precedence (RuleBook *book, const RuleFlow *flow, const RuleObject *object,
                            uint64_t begin, uint64_t expected, const RuleProof *proof);

const char *rule_status_name (int64_t status);
