/*
 * A view: what there is to show of a run, in plots, tables and the report.
 *
 * Owns        A view borrows everything; it is good as long as the run it was taken from.  Parts
 *             that were not measured are NULL or empty, and whoever shows them says so.
 */
#pragma once

#include "lab/counters.h"
#include "lab/episodes.h"
#include "lab/latency.h"
#include "lab/ownership.h"
#include "models/world/config.h"

typedef struct LabView {
  const WorldConfig *config;
  SimTime end; /* when the run ended */
  const Latency *latency;
  const Ownership *ownership;
  const Episodes *episodes;
  const LabSample *samples;
  size_t n_samples;
} LabView;

/* lab_view_ims puts the names of the intermediate drivers, from the top, into |ret_names| and tells
 * how many. */
uint32_t lab_view_ims (const LabView *view, const char *ret_names[LATENCY_IMS_MAX]);

/* lab_view_address is a connection's address, "web/417", or "several" for UINT32_MAX; free with
 * g_free. */
char *lab_view_address (const LabView *view, uint32_t connection_id);

/* The columns of latency rows in the order of the way, from the application down and up again; each
 * once. */
#define LAB_WAY_COLUMNS LATENCY_COLUMNS
void lab_view_way (uint32_t ret_columns[LAB_WAY_COLUMNS]);

/* lab_view_stage is the name of a column with its driver; free with g_free. */
char *lab_view_stage (const LabView *view, uint32_t column);
