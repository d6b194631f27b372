/*
 * Expect: judges the expectations of a scenario while its run goes on.
 *
 * A reader of the trace.  A condition is judged when an instant is over, and only when something
 * that it names has changed in it: what several records of one instant change together is seen
 * together.
 *
 * Owns        Its results; it borrows the expectations, the configuration and the trace for the
 *             run.
 * Invariants  Reads only.  Without expectations there is no reader.
 */
#pragma once

#include "lab/checks.h"
#include "lab/latency.h"

typedef enum LabJudgement {
  LAB_NEVER_JUDGED, /* the run did not come to what it is about */
  LAB_HELD,
  LAB_VIOLATED,
} LabJudgement;

const char *lab_judgement_name (LabJudgement judgement); /* "never judged", "held", "violated" */

#define LAB_PROOF_RECORDS 2

typedef struct LabJudged {
  LabJudgement judgement;
  SimTime when; /* SIM_TIME_NEVER: of no instant */
  char *why;    /* what was so then: "offloaded(web) is 591, established(web) is 999" */
  SimRecord record[LAB_PROOF_RECORDS];
  uint32_t n_records;
} LabJudged;

typedef struct LabExpect LabExpect;

/* lab_expect_new listens to |trace|. */
LabExpect *lab_expect_new (SimTrace *trace, const WorldConfig *config,
                           const GPtrArray *expectations);
void lab_expect_free (LabExpect *expect);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabExpect, lab_expect_free)

/* lab_expect_finish judges what the end of the run decides, once.  |latency| NULL: nothing was
 * measured.  |was_cut_short|: by an interruption or a limit, so that what has not come might still
 * have come. */
void lab_expect_finish (LabExpect *expect, SimTime end, bool was_cut_short, const Latency *latency);

uint32_t lab_expect_count (const LabExpect *expect);
const LabExpectation *lab_expect_expectation (const LabExpect *expect, uint32_t index);
const LabJudged *lab_expect_judged (const LabExpect *expect, uint32_t index);
uint32_t lab_expect_n (const LabExpect *expect, LabJudgement judgement);
