/*
 * A result: the folder that a run leaves behind.
 *
 * Everything in it but env.json is the same bytes on a rerun.
 *
 * Owns        Borrows what it is given.
 * Errors      LAB_ERROR_FILE; then nothing has changed on the disk.
 */
#pragma once

#include "lab/folder.h"
#include "lab/report.h"

typedef struct LabResultInput {
  LabReportInput report; /* its view and plots are filled in by lab_result_write */
  bool plots;
  int64_t wall_ms; /* for env.json */
} LabResultInput;

/* lab_result_write fills |folder| and puts it in its place.  |ret_summary|, summary.txt, is the
 * caller's to free. */
bool lab_result_write (const LabResultInput *input, LabFolder *folder, char **ret_summary,
                       GError **error);

/* lab_result_path is where a scenario's result goes unless told otherwise: "results/<name>"; free
 * with g_free. */
char *lab_result_path (const LabScenario *scenario);
