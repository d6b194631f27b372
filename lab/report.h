/*
 * The report: a run on one page that opens in any browser, with no network and no other file.
 *
 * Read from the top it answers an architect's first question, then shows the pictures, then the
 * tables they come from, and at the end how to get the same run again.
 *
 * Owns        Borrows all it is given.
 * Errors      LAB_ERROR_FILE if the page cannot be written.
 * Invariants  The same run gives the same bytes.
 */
#pragma once

#include "lab/chart.h"
#include "lab/folder.h"
#include "lab/run.h"
#include "lab/scenario.h"
#include "lab/verdict.h"
#include "lab/view.h"

typedef struct LabReportInput {
  const LabRun *run;
  const LabRun *twin; /* NULL: not asked for */
  const LabScenario *scenario;
  const LabView *view;
  const GPtrArray *plots;  /* LabPlot; NULL: none were wanted */
  const GPtrArray *charts; /* LabChart */
  const char *file;        /* the scenario's, as it was named */
  const char *arguments;   /* what to add to repeat the run: " --seed 3"; "" if nothing */
} LabReportInput;

/* lab_report_write writes report.html. */
bool lab_report_write (const LabReportInput *input, LabFolder *folder, GError **error);

/* The command that repeats the run; free with g_free. */
char *lab_report_command (const LabReportInput *input);
