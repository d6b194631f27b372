/*
 * Figures: what a run came to, as named exact decimals.
 *
 * Each figure is an integer with a number of decimals, a unit and a name with dots
 * ("latency.request.p99"), so that a file of them is the same bytes everywhere.
 *
 * Order       As added.
 * Owns        Copies names; units are static strings.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/json.h"

typedef struct LabFigure {
  char *name;
  const char *unit;
  int64_t value; /* times 10^n_decimals */
  unsigned n_decimals;
} LabFigure;

typedef struct LabStats LabStats;

LabStats *lab_stats_new (void);
void lab_stats_free (LabStats *stats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabStats, lab_stats_free)

void lab_stats_add (LabStats *stats, const char *unit, unsigned n_decimals, int64_t value,
                    const char *name_format, ...) G_GNUC_PRINTF (5, 6);

/* lab_stats_add_ratio adds numerator / denominator, rounded down, with |n_decimals|; nothing if the
 * denominator is 0. */
void lab_stats_add_ratio (LabStats *stats, const char *unit, unsigned n_decimals, int64_t numerator,
                          int64_t denominator, const char *name_format, ...) G_GNUC_PRINTF (6, 7);

size_t lab_stats_count (const LabStats *stats);
const LabFigure *lab_stats_at (const LabStats *stats, size_t index);
/* NULL if there is none of that name. */
const LabFigure *lab_stats_find (const LabStats *stats, const char *name);

/* lab_decimal_text writes |value| / 10^|n_decimals|: "-0.05"; free with g_free. */
char *lab_decimal_text (int64_t value, unsigned n_decimals);
/* lab_figure_text is the figure with its unit: "7.95 Gbit/s"; "-" for NULL; free with g_free. */
char *lab_figure_text (const LabFigure *figure);

void lab_stats_to_json (const LabStats *stats, LabJson *json, const char *name);
/* name,value,unit with a header line; free with g_free. */
char *lab_stats_to_csv (const LabStats *stats);
