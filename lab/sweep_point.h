/*
 * A point of a sweep on the disk: a folder with what one run of a cell came to.
 *
 * The folder holds point.csv (verdict, seed, fingerprints, then every figure of the run) and a
 * manifest.  It is written aside and renamed, so that it is whole or not there.
 *
 * Owns        A LabPoint owns its figures.
 * Errors      GError of LAB_ERROR.
 * Invariants  The same point has the same bytes, whoever runs it.
 */
#pragma once

#include "lab/run.h"
#include "lab/sweep.h"
#include "lab/verdict.h"

typedef struct LabPoint {
  LabVerdict verdict;
  bool hit_limit; /* stopped by a limit that is no end of the scenario's */
  char *order;    /* fingerprint of the crossings */
  char *outcome;  /* lab/outcome.h; NULL: nobody moved an event */
  LabStats *stats;
} LabPoint;

void lab_point_free (LabPoint *point);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabPoint, lab_point_free)

/* Whose run it is. */
typedef struct LabPointPlace {
  const LabSweep *sweep;
  const LabCell *cell;
  uint32_t replication;
  const char *points; /* the folder of all points */
} LabPointPlace;

typedef enum LabPointOutcome {
  LAB_POINT_DONE,
  LAB_POINT_INTERRUPTED,
  LAB_POINT_FAILED
} LabPointOutcome;

/* lab_point_run runs it and writes it down; |progress| may be NULL and may stop it. */
LabPointOutcome lab_point_run (const LabPointPlace *place, LabProgressFn progress, void *data,
                               GError **error);

/* lab_point_read is what is on the disk; NULL: nothing whole. */
LabPoint *lab_point_read (const LabPointPlace *place);
