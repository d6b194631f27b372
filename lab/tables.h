/*
 * Tables: what was measured of each operation and each connection, as text for other programs.
 *
 * Units       Picoseconds, exact: the stages of a row sum to its total.
 */
#pragma once

#include "lab/view.h"

/* class,id,connection,path,begin_ps,end_ps, a column for each stage in which any operation spent
 * time, in the order of the way ("engine_ps", "team0-down_ps"), total_ps.  A row for each
 * operation, in the order they ended; free with g_free. */
char *lab_latency_csv (const LabView *view);

/* connection,owner,begin_ps,end_ps: a row for each stretch with one owner, by connection, then
 * time; free with g_free. */
char *lab_ownership_csv (const LabView *view);
