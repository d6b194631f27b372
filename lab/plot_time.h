/*
 * The time axis of a plot: its unit, the timeline's events as marks, and stretches of trouble
 * shaded.
 *
 * Units       Columns of time in a CSV are in the unit of the axis, which the column's name tells.
 */
#pragma once

#include "lab/plot_kinds.h"

typedef struct PlotTime {
  const char *unit;    /* "ms"; in a CSV; what people read is lab_human_time's */
  unsigned n_decimals; /* of a picosecond in that unit */
} PlotTime;

PlotTime plot_time_of (const LabView *view);

/* plot_time_number appends |ps| in the axis' unit. */
void plot_time_number (GString *out, PlotTime time, int64_t ps);

/* A CSV of steps: a row where values change, with those before and with those after, so that lines
 * are steps. */
typedef struct PlotSteps {
  GString *csv;
  PlotTime time;
  char *values; /* ",1,2": the last ones */
} PlotSteps;

/* plot_step says that |values|, which it takes, hold from |ps| on. */
void plot_step (PlotSteps *steps, int64_t ps, char *values);
/* plot_steps_end says that the last ones held until |ps|. */
void plot_steps_end (PlotSteps *steps, int64_t ps);

/* Pixels above the area of the axes that the marks' names take. */
#define PLOT_MARK_ROWS 3
#define PLOT_MARK_ROW_HEIGHT 14
#define PLOT_STRIP_HEIGHT 14 /* of the strip that names shades */
/* Where the area of the axes begins below title, key, marks and strip. */
#define PLOT_TIME_TOP (60 + PLOT_MARK_ROWS * PLOT_MARK_ROW_HEIGHT + PLOT_STRIP_HEIGHT)

/* plot_time_axis makes x the run's time, with marks and shades; |is_covered|: the data would hide
 * shades behind them. */
void plot_time_axis (PlotDraft *draft, const LabView *view, const PlotOrder *order,
                     const PlotFrame *frame, bool is_covered);
