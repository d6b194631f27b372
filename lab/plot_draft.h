/*
 * A draft of a plot: the data, the script that draws them, and the words around them.
 *
 * Each kind of plot fills a draft; plot.c writes it down and has it drawn.  The script draws what
 * the CSV holds and nothing else, and works when it is run by hand in the folder of both.
 *
 * Owns        A draft owns its texts.
 * Units       Places on the canvas are pixels from the left and from the top.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "lab/latency.h"

#define PLOT_WIDTH 800
/* The key stands under the title, a row for each line of a vertical one. */
#define PLOT_KEY_TOP 34
#define PLOT_KEY_ROW 17

/* Colours that people with a colour vision deficiency can tell apart, the same for the same thing
 * everywhere. */
#define PLOT_INK "#222222"
#define PLOT_DARK_INK "#232323" /* on light areas, on a dark screen too */
#define PLOT_MUTED "#666666"
#define PLOT_AXIS "#999999"
#define PLOT_GRID "#e6e6e6"
#define PLOT_SHADE "#ededed" /* stretches of trouble */
#define PLOT_STRIP "#c4c4c4" /* and their names */
#define PLOT_PAPER "#ffffff"
#define PLOT_HOST "#e69f00"
#define PLOT_HOST_AREA "#f3d69b" /* the same in large areas */
#define PLOT_CHIMNEY "#0072b2"
#define PLOT_MOVED "#009e73"
#define PLOT_MARK "#b42318"
#define PLOT_DOWN "#cc79a7"
#define PLOT_UP "#d55e00"

typedef struct PlotDraft {
  char *name; /* of its files: "cdf_request" */
  char *title;
  char *caption; /* how to read it, a sentence */
  char *why_not; /* if nothing can be drawn: why; then there is no CSV and no script */
  GString *csv;
  GString *script;
} PlotDraft;

PlotDraft *plot_draft_new (const char *name, const char *title, const char *caption);
void plot_draft_free (PlotDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlotDraft, plot_draft_free)

/* plot_draft_refuse says why there is nothing to draw. */
void plot_draft_refuse (PlotDraft *draft, const char *why);

/* The area of the axes. */
typedef struct PlotFrame {
  int height; /* of the canvas */
  int left, right;
  int top, bottom;
} PlotFrame;

/* plot_draft_begin writes the head of the script: canvas, title, axes. */
void plot_draft_begin (PlotDraft *draft, const PlotFrame *frame);
/* plot_draft_end closes the picture. */
void plot_draft_end (PlotDraft *draft);

void plot_script (PlotDraft *draft, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* plot_quoted is |text| as a string of gnuplot's; free with g_free. */
char *plot_quoted (const char *text);

/* plot_number appends |value| / 10^|n_decimals| without trailing zeros. */
void plot_number (GString *out, int64_t value, unsigned n_decimals);

/* plot_length_axis makes |axis| ('x' or 'y') one of lengths of time from |least| to |most| ps,
 * whose CSV column is in microseconds: logarithmic if |wants_log| and there is a range to show. */
void plot_length_axis (PlotDraft *draft, char axis, int64_t least_ps, int64_t most_ps,
                       bool wants_log);

/* How a path of requests, or any other class, is called and coloured. */
const char *plot_path_key (LatencyPath path);  /* in a CSV: "host_path" */
const char *plot_path_word (LatencyPath path); /* "host path" */
const char *plot_path_colour (LatencyPath path);
