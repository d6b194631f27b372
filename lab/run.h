/*
 * A run: a world with its readers, from time zero to its end, and what they saw.
 *
 * Owns        A LabRun owns its world and readers; it borrows the scenario.
 * Errors      None: a run that stops early says why (stop).
 * Invariants  Readers change nothing: the fingerprints are those of the bare world.
 */
#pragma once

#include "lab/apps.h"
#include "lab/counters.h"
#include "lab/expect.h"
#include "lab/latency.h"
#include "lab/measure.h"
#include "lab/ownership.h"
#include "lab/scenario.h"
#include "lab/strategy.h"
#include "lab/view.h"
#include "models/rules/rule_book.h"

/* Called now and then with the simulated time; returns false to stop the run. */
typedef bool (*LabProgressFn) (void *data, SimTime now, SimTime until, uint64_t events);

/* Called when the world has its parts and nothing has run yet: what watches a part is put up
 * here. */
typedef void (*LabReadyFn) (void *data, World *world);

typedef struct LabRunRequest {
  const WorldConfig *config;
  bool rules;              /* judge them */
  bool measures;           /* latency, ownership, counters */
  const LabChecks *checks; /* expectations and situations; NULL: none */
  LabProgressFn progress;  /* may be NULL */
  void *progress_data;
  WorldObserve observe; /* further readers; may be NULL */
  void *observe_data;
  LabStrategy *strategy; /* decides what the scenario leaves open; NULL: its defaults */
  LabReadyFn ready;      /* may be NULL */
  void *ready_data;
} LabRunRequest;

typedef struct LabRun {
  World *world;
  RuleBook *rules; /* NULL if not asked for, as the next four */
  Latency *latency;
  Ownership *ownership;
  Episodes *episodes;
  LabCounters *counters;
  LabExpect *expect; /* NULL without checks, as the next */
  LabSituations *situations;
  LabCoverage *coverage; /* NULL unless checks name places of it */
  Apps *apps;
  LabStats *stats;
  SimStop stop;
  SimTime end; /* of the run: a world with nothing left to do rests until the scenario's stop */
  bool interrupted;
  uint64_t print[SIM_N_PRINTS];
} LabRun;

LabRun *lab_run (const LabRunRequest *request);
void lab_run_free (LabRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabRun, lab_run_free)

/* lab_run_view is what there is to show of |run|, good as long as the run. */
LabView lab_run_view (const LabRun *run);

/* The name of a fingerprint: "order". */
const char *lab_print_name (SimPrint print);

/* lab_run_twin runs the same with the chimney off: only applications are watched. */
LabRun *lab_run_twin (const LabRunRequest *request);
