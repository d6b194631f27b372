/*
 * An estimate: the mean of some runs, and how far off it may be.
 *
 * Units       Those of the values.
 * Source      Student's t distribution; quantiles by bisection of its integral, good to five digits.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct LabEstimate {
  guint count;
  double mean;
  double half_width; /* of the interval at the confidence asked for; 0 with fewer than two values */
} LabEstimate;

/* lab_estimate_of |n| values; |confidence| is above 0 and below 1. */
LabEstimate lab_estimate_of (const double *values, guint n, double confidence);

/* lab_estimate_differs is true if the interval excludes zero: for differences of pairs. */
bool lab_estimate_differs (const LabEstimate *estimate);
