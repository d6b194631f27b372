/*
 * Coverage: which combinations of the interface's dimensions runs have been in.
 *
 * A table is the product of a few axes: operation x object x owner x power, call x TCP state, and
 * so on.  Each place counts how often runs were there.  A place that nothing correct can reach has
 * an excuse; a place with neither is what scenarios still miss.
 *
 * Use         lab_coverage_new; lab_coverage_watch for each run before it begins, then
 *             lab_coverage_take when it has ended; add what others counted.
 * Owns        A LabCoverage owns its counts; while it watches it borrows the run's configuration.
 * Invariants  Reads only.  Counts are sums: the order of runs does not matter.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/world/config.h"
#include "sim/trace.h"

typedef struct LabRun LabRun;

typedef enum LabCoverageTable {
  LAB_COVERAGE_OPERATIONS,  /* operation x object x owner x power, as the target is called */
  LAB_COVERAGE_OVERLAPS,    /* operation x operation outstanding on the same object x object */
  LAB_COVERAGE_RESULTS,     /* operation x object x status, as the target completes */
  LAB_COVERAGE_CALLS,       /* data call x TCP state of the target's end */
  LAB_COVERAGE_POWER,       /* data call x power */
  LAB_COVERAGE_REASONS,     /* upload reason */
  LAB_COVERAGE_INDICATIONS, /* status indication */
  LAB_COVERAGE_OIDS,        /* OID x query or set */
  LAB_COVERAGE_TRANSITIONS, /* side x TCP state x TCP state */
  LAB_COVERAGE_RULES,       /* monitored rule: was put to the test */
  LAB_COVERAGE_CHOICES,     /* choice site: was taken otherwise than by default */
  LAB_COVERAGE_SITUATIONS,  /* situation: was met */
  LAB_N_COVERAGE_TABLES
} LabCoverageTable;

#define LAB_COVERAGE_AXES_MAX 4

typedef struct LabCoverageAxis {
  const char *name;
  uint32_t n;
  const char *(*value) (uint32_t at); /* its name, static */
} LabCoverageAxis;

typedef struct LabCoverageInfo {
  const char *name;
  const char *means;
  uint32_t n_axes;
  LabCoverageAxis axis[LAB_COVERAGE_AXES_MAX];
  /* Why a place cannot be reached, static; NULL if it can. */
  const char *(*excuse) (const uint32_t *at);
} LabCoverageInfo;

const LabCoverageInfo *lab_coverage_info (LabCoverageTable table);
/* The number of places of a table. */
uint32_t lab_coverage_places (LabCoverageTable table);
/* lab_coverage_at gives the coordinates of place |place|. */
void lab_coverage_at (LabCoverageTable table, uint32_t place, uint32_t *ret_at);
/* The place's excuse, or NULL. */
const char *lab_coverage_excuse (LabCoverageTable table, uint32_t place);
/* "update path, target, D0"; free with g_free. */
char *lab_coverage_place_name (LabCoverageTable table, uint32_t place);

typedef struct LabPlace {
  LabCoverageTable table;
  uint32_t place;
} LabPlace;

/* lab_place_find reads "calls: send, CLOSE_WAIT", as lab_place_name writes it. */
bool lab_place_find (const char *text, LabPlace *ret_place);
char *lab_place_name (LabPlace place);

/* Owners of an object, as the host sees them. */
typedef enum LabOwner { LAB_OWNER_HOST, LAB_OWNER_DOWN, LAB_OWNER_TARGET, LAB_OWNER_UP } LabOwner;

typedef enum LabPower { LAB_POWER_ON, LAB_POWER_FALLING, LAB_POWER_OFF, LAB_N_POWERS } LabPower;

/* The data calls: what goes down, then what comes up. */
#define LAB_DATA_CALLS(X)                           \
  X (SEND, "send")                                  \
  X (RECEIVE, "receive")                            \
  X (CLOSE, "graceful disconnect")                  \
  X (ABORT, "abortive disconnect")                  \
  X (FORWARD, "forward")                            \
  X (SEND_COMPLETE, "send completion")              \
  X (RECEIVE_COMPLETE, "receive completion")        \
  X (DISCONNECT_COMPLETE, "disconnect completion")  \
  X (FORWARD_COMPLETE, "forward completion")        \
  X (INDICATE, "receive indication")                \
  X (EVENT_BACKLOG, "TcpIndicateSendBacklogChange") \
  X (EVENT_DISCONNECT, "TcpIndicateDisconnect")     \
  X (EVENT_RETRIEVE, "TcpIndicateRetrieve")         \
  X (EVENT_ABORT, "TcpIndicateAbort")

typedef enum LabDataCall {
#define DATA_CALL(id, name) LAB_DATA_##id,
  LAB_DATA_CALLS (DATA_CALL)
#undef DATA_CALL
      LAB_N_DATA_CALLS
} LabDataCall;

typedef struct LabCoverage LabCoverage;

LabCoverage *lab_coverage_new (void);
void lab_coverage_free (LabCoverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabCoverage, lab_coverage_free)

/* lab_coverage_watch follows the run of |config| whose trace is |trace|. */
void lab_coverage_watch (LabCoverage *coverage, SimTrace *trace, const WorldConfig *config);
/* lab_coverage_take takes what the run's other readers know; the run has ended. */
void lab_coverage_take (LabCoverage *coverage, const LabRun *run);

uint64_t lab_coverage_count (const LabCoverage *coverage, LabCoverageTable table, uint32_t place);

/* The counts as bytes, and such bytes added to the counts: for sums over processes. */
void lab_coverage_pack (const LabCoverage *coverage, GByteArray *bytes);
void lab_coverage_add (LabCoverage *coverage, const guint8 *bytes, size_t n_bytes);

/* How much of a table's reachable places was reached. */
typedef struct LabCoverageShare {
  uint32_t reached, reachable;
  uint32_t beyond; /* reached in spite of an excuse: the excuse is wrong, or the run was */
} LabCoverageShare;

LabCoverageShare lab_coverage_share (const LabCoverage *coverage, LabCoverageTable table);
