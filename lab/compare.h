/*
 * Two results side by side: differences of paired operations, by stage, with intervals.
 *
 * The operations of latency.csv are paired: a request with that of the same number on the same
 * connection, any other operation with the one of its class that came as the same in turn on its
 * connection.  A connection's differences are averaged first, and the interval is over connections:
 * what happens on one of them is not independent.
 *
 * Owns        A LabComparison owns all it holds.
 * Units       Picoseconds, in doubles: means.
 * Errors      GError of LAB_ERROR: a folder is no result, or has no latency.csv.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "lab/estimate.h"
#include "lab/json.h"

#define LAB_COMPARE_CONFIDENCE 0.95

/* One stage of a class, or its total. */
typedef struct LabStageDifference {
  char *stage; /* "total" */
  double mean[2];
  LabEstimate difference; /* second less first, over connections */
} LabStageDifference;

typedef struct LabClassDifference {
  char *class;
  guint n_pairs, n_connections;
  guint n_unpaired[2];
  GPtrArray *stages; /* LabStageDifference: the total first */
} LabClassDifference;

typedef struct LabComparison {
  GPtrArray *classes; /* LabClassDifference, in the order of the first file */
  bool seeds_differ;
} LabComparison;

LabComparison *lab_compare (const char *first, const char *second, GError **error);
void lab_comparison_free (LabComparison *comparison);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabComparison, lab_comparison_free)

/* lab_comparison_text is a table to read; free with g_free. */
char *lab_comparison_text (const LabComparison *comparison);
void lab_comparison_json (const LabComparison *comparison, LabJson *json);
