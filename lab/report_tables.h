/*
 * The tables of the report: each appends one section of the page.
 */
#pragma once

#include "lab/report.h"

void report_stages (GString *page, const LabReportInput *input);
void report_resources (GString *page, const LabReportInput *input);
void report_state (GString *page, const LabReportInput *input);
void report_rules (GString *page, const LabReportInput *input);
void report_timeline (GString *page, const LabReportInput *input);
void report_figures (GString *page, const LabReportInput *input);

/* report_violation tells one violation with its proof. */
void report_violation (GString *page, const LabReportInput *input, const RuleViolation *violation);
