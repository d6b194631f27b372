/*
 * events.bin: the trace of a run as a file.
 *
 * The file says which kinds and columns it holds, so that it can be read by any version: magic, the
 * kinds table, then records.  Numbers are unsigned LEB128; signed values zigzag first; times are
 * the difference to the record before.
 *
 * Owns        A writer owns its file until lab_events_close; a reader its file's bytes.
 * Errors      LAB_ERROR_FILE; a full disk shows at the latest in lab_events_close.
 * Invariants  The same trace gives the same bytes.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/trace/trace.h"

typedef struct LabEvents LabEvents;

/* lab_events_new begins to write |path|: records of |trace| from |from| to |until|, all kinds. */
LabEvents *lab_events_new (const char *path, SimTrace *trace, SimTime from, SimTime until,
                           GError **error);
bool lab_events_close (LabEvents *events, GError **error);
void lab_events_free (LabEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabEvents, lab_events_free)

/* lab_events_read calls |record| for each record of the file; false ends the reading. */
typedef bool (*LabEventsFn) (void *data, const SimRecord *record);
bool lab_events_read (const char *path, LabEventsFn record, void *data, GError **error);
