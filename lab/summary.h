/*
 * The summary: what a run came to, on half a screen of a terminal.
 *
 * Invariants  At most LAB_SUMMARY_LINES_MAX lines of at most 100 columns; plain ASCII.
 */
#pragma once

#include "lab/report.h"

#define LAB_SUMMARY_LINES_MAX 40

/* summary.txt; free with g_free. */
char *lab_summary_text (const LabReportInput *input);
