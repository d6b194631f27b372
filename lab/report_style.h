/*
 * The look of the report: one style sheet for light and dark screens and for paper.
 */
#pragma once

#include <glib.h>

void report_style (GString *page);
