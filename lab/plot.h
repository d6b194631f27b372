/*
 * Plots: pictures of a run, each with its numbers and its script.
 *
 * A plot is three files in plots/: NAME.csv, exactly what is drawn; NAME.gp, a script that works
 * when it is run by hand there; NAME.svg, what gnuplot makes of both.
 *
 * Owns        Whoever gets plots frees them with g_ptr_array_unref.
 * Errors      GError: gnuplot is missing or fails, a file cannot be written.  Having nothing to
 *             draw is no error: such a plot has no picture and says why.
 * Invariants  The same run gives the same bytes.
 */
#pragma once

#include "lab/folder.h"
#include "lab/plot_draft.h"
#include "lab/setting.h"
#include "lab/view.h"

typedef struct LabPlot {
  char *name;    /* "cdf_request" */
  char *title;   /* "Latency of requests" */
  char *caption; /* how to read it; without a picture: why there is none */
  char *svg;     /* the picture as text, or NULL */
} LabPlot;

/* lab_plots_write draws what |chosen| (output.plots of the scenario, may be NULL) asks for, or the
 * standard set if that is empty, into |folder|.  LabPlot, in the order of the report. */
GPtrArray *lab_plots_write (const LabView *view, const LabSetting *chosen, LabFolder *folder,
                            GError **error);

/* lab_plots_new makes an empty list of plots; lab_plots_add draws |draft| into |folder| and adds
 * what came of it. */
GPtrArray *lab_plots_new (void);
bool lab_plots_add (GPtrArray *plots, const PlotDraft *draft, LabFolder *folder, GError **error);
