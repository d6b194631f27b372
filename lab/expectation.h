/*
 * An expectation: what an architect expects of a run, as `checks.expect` says it.
 *
 *   {id: rst-closes-once, eventually: "state(web/417) == CLOSED", within: 5 ms, of: rst}
 *   {always: "power(target) == D0 or offloaded(target) == 0"}
 *   {order: [last(NdisMTerminateOffloadComplete), complete(OID_PNP_SET_POWER)], of: sleep}
 *   {latency: offload.total, p99: "<= 900 us"}
 *
 * Owns        Its claim, its moments and its texts; names are the scenario's.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/bound.h"
#include "lab/claim.h"
#include "lab/order.h"

#define LAB_MOMENTS_MAX 16
#define LAB_BOUNDS_MAX 8

typedef enum LabExpectationKind {
  LAB_EXPECT_EVENTUALLY,
  LAB_EXPECT_ALWAYS,
  LAB_EXPECT_ORDER,
  LAB_EXPECT_LATENCY,
} LabExpectationKind;

typedef struct LabExpectation {
  const char *id; /* or its number from 0 */
  SimLoc loc;
  LabExpectationKind kind;
  char *text;      /* "eventually state(web/417) == CLOSED within 5 ms of rst" */
  LabClaim *claim; /* EVENTUALLY, ALWAYS */
  LabOrderScope scope;
  LabMoment moment[LAB_MOMENTS_MAX]; /* ORDER */
  uint32_t n_moments;
  LabLatencyName latency; /* LATENCY */
  LabBound bound[LAB_BOUNDS_MAX];
  uint32_t n_bounds;
} LabExpectation;

/* lab_expectation_read resolves |element| of checks.expect in the scenario |root|; NULL with
 * mistakes. */
LabExpectation *lab_expectation_read (const LabSetting *element, const LabSetting *root,
                                      const WorldConfig *config, LabMistakes *mistakes);
void lab_expectation_free (LabExpectation *expectation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabExpectation, lab_expectation_free)
