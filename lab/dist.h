/*
 * Distributions as a scenario writes them: a quantity, or {uniform: [a, b]}, {exponential: mean},
 * {lognormal: {p50: a, p99: b}}, {empirical: file.csv}.
 *
 * A line of such a CSV file is a quantity, then a comma and how often it was seen (1 if left out);
 * empty lines and lines that begin with # are passed over.  In the place of the file the points may
 * stand themselves: {empirical: [[a, 3], [b, 1]]}.
 *
 * Units       All quantities are of one dimension, the field's.
 * Owns        A LabDist owns its points; lab_dist_make hands over what it makes.
 * Errors      Go to LabMistakes with their place, those in the CSV file, too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/mistakes.h"
#include "lab/quantity.h"
#include "lab/tree.h"
#include "sim/dist.h"

#define LAB_DIST_POINTS_MAX 100000
/* Parameters beyond this could overflow in a quantile far out in the tail. */
#define LAB_DIST_VALUE_MAX (INT64_C (1) << 53)

typedef enum LabDistKind {
  LAB_DIST_CONSTANT,
  LAB_DIST_UNIFORM,
  LAB_DIST_EXPONENTIAL,
  LAB_DIST_LOGNORMAL,
  LAB_DIST_EMPIRICAL,
} LabDistKind;

typedef struct LabDist {
  LabDistKind kind;
  LabDimension dimension;
  int64_t a; /* the constant, low, mean, p50 */
  int64_t b; /* high, p99 */
  SimDistPoint *points;
  size_t n_points;
} LabDist;

/* What a field allows its values to be. */
typedef struct LabDistBounds {
  LabDimension dimension;
  int64_t min;
  int64_t max;
} LabDistBounds;

/* lab_dist_read reads |node|, called |path| in messages; NULL if there were mistakes. */
LabDist *lab_dist_read (const LabNode *node, LabDistBounds bounds, const char *path,
                        LabMistakes *mistakes);
void lab_dist_free (LabDist *dist);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabDist, lab_dist_free)

/* lab_dist_text is the distribution as YAML in one line; the caller frees it. */
char *lab_dist_text (const LabDist *dist);

SimDist *lab_dist_make (const LabDist *dist);
