/*
 * A sequence chart: what happened to one connection in a stretch of a run, who called whom.
 *
 * Lanes stand for the host, the intermediate drivers, the target and the peer.  Rows are crossings
 * of the interface that are about the connection or about all of them, frames on the wire, changes
 * of owner, TCP state and power, and the scenario's events.  Ordinary frames between host and
 * target are left out: they carry no state of the interface.
 *
 * Use         lab_chart_new, lab_chart_watch before the run begins, lab_chart_find_object when the
 *             world is there, then one of the drawings.
 * Order       Rows are in the order of the records.
 * Owns        A chart owns what it keeps; it borrows the configuration.
 * Invariants  Reads only.  Bounded: of a long stretch it keeps the rows next to the marked instant.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/world/world.h"

#define LAB_CHART_ROWS_BEFORE 40
#define LAB_CHART_ROWS_AFTER 40

typedef struct LabChartFocus {
  const char *name;    /* "rst_before_context_live": of files, too */
  const char *caption; /* a sentence */
  uint32_t connection;
  SimTime from, to;
  SimTime at; /* to be marked; SIM_TIME_NEVER: the rows from |from| on are shown */
} LabChartFocus;

typedef struct LabChart LabChart;

/* lab_chart_new keeps copies of the texts. */
LabChart *lab_chart_new (const WorldConfig *config, const LabChartFocus *focus);
void lab_chart_free (LabChart *chart);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabChart, lab_chart_free)

void lab_chart_watch (LabChart *chart, SimTrace *trace);
/* lab_chart_find_object asks |world| for the offload object that stands for the connection. */
void lab_chart_find_object (LabChart *chart, const World *world);

const LabChartFocus *lab_chart_focus (const LabChart *chart);

typedef enum LabChartRowKind {
  LAB_CHART_CALL,    /* from a lane to the next */
  LAB_CHART_DEPART,  /* a frame leaves lane |from| */
  LAB_CHART_ARRIVE,  /* it comes to lane |to| */
  LAB_CHART_LOST,    /* it does not */
  LAB_CHART_NOTE,    /* at lane |from| */
  LAB_CHART_HAPPENS, /* to all */
  LAB_CHART_MARK,    /* the instant of the focus */
} LabChartRowKind;

#define LAB_CHART_NO_ROW UINT32_MAX

typedef struct LabChartRow {
  LabChartRowKind kind;
  SimTime when;
  uint32_t from, to; /* lanes */
  uint32_t departed; /* ARRIVE, LOST: the row in which the frame left, or LAB_CHART_NO_ROW */
  TraceOwner owner;  /* of the connection, after this row */
  uint32_t target;   /* lane of the target that it is or was at */
  char *label;
} LabChartRow;

/* The rows and lanes, for drawings: made anew, freed with lab_chart_sheet_free. */
typedef struct LabChartSheet {
  GPtrArray *lanes;            /* char * */
  GArray *rows;                /* LabChartRow */
  bool has_earlier, has_later; /* rows that were left out */
  char *title;                 /* "web/3: rst_before_context_live" */
  SimTime origin;              /* times are shown from here */
} LabChartSheet;

LabChartSheet *lab_chart_sheet (const LabChart *chart);
void lab_chart_sheet_free (LabChartSheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabChartSheet, lab_chart_sheet_free)

/* The drawings; free with g_free.  Times in them are microseconds from the sheet's origin. */
char *lab_chart_text (const LabChartSheet *sheet);
char *lab_chart_mermaid (const LabChartSheet *sheet);
char *lab_chart_svg (const LabChartSheet *sheet);
