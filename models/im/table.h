/*
 * A dense table of records that other drivers refer to by token.
 *
 * A token is the owner's number, an index and the record's serial number, which is never used
 * twice: a stale token finds nothing, and neither does another driver's.
 *
 * Owns        The table owns its records; one taken is the taker's until it is put back.
 * Errors      Putting back what is not out asserts.
 * Invariants  Each record begins with its serial number.  No token is 0.
 */
#pragma once

#include "models/ndis/types.h"
#include "sim/pool.h"

typedef struct ImTable {
  SimPool *pool;
  uint32_t owner;
  uint32_t taken; /* so far */
} ImTable;

/* im_table_init makes |table| one of records of |record_bytes|, each with a uint32_t serial number
 * first, for the driver number |owner|, 1 to 15. */
void im_table_init (ImTable *table, uint32_t owner, size_t record_bytes);
/* im_table_clear gives everything back, records that are still out included. */
void im_table_clear (ImTable *table);

/* im_table_take gives a zeroed record but for its serial number, from 1 on. */
void *im_table_take (ImTable *table);
void im_table_put (ImTable *table, void *record);

NDIS_TOKEN im_table_token (const ImTable *table, const void *record);
/* NULL if the token is 0 or stale. */
void *im_table_find (const ImTable *table, NDIS_TOKEN token);
