/*
 * The part of a report that tells what an architect expected: expectations and situations.
 */
#pragma once

#include "lab/report.h"

/* report_disappointments says how many expectations were violated, and which came first; nothing if
 * none was. */
void report_disappointments (GString *page, const LabReportInput *input);

/* report_checks is the section with all of them; nothing if the scenario has none. */
void report_checks (GString *page, const LabReportInput *input);
