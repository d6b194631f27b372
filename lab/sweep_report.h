/*
 * The report of a sweep: tables, pictures and one page over all cells.
 *
 * Owns        Borrows what it is given.
 * Errors      GError of LAB_ERROR; then nothing has changed on the disk.
 * Invariants  A function of the points alone: the same bytes however they came about.
 */
#pragma once

#include "lab/folder.h"
#include "lab/sweep_results.h"

typedef struct LabSweepReport {
  const LabSweepResults *results;
  const char *file;      /* of the scenario, as it was named */
  const char *arguments; /* " --set a=b --window rst": what the command line changed */
  const char *set;       /* " --set a=b": as far as it concerns a run */
  bool plots;
} LabSweepReport;

/* lab_sweep_report_write writes cells.csv, points.csv, plots/ and index.html, and outcomes.csv if
 * events were moved, and puts |folder| in its place. */
bool lab_sweep_report_write (const LabSweepReport *report, LabFolder *folder, GError **error);
