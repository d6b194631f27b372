/*
 * What a crossing writes into the trace about what it carries.  Private to models/ndis.
 */
#pragma once

#include "models/ndis/crossing.h"

/* ndis_measure_load fills in the columns of |crossing|; of a tree that is not the caller's it reads
 * the operation only. */
void ndis_measure_load (NdisCrossing *crossing, bool is_the_callers);

/* ndis_record_load writes NODE, state and NBL records for |half|. */
void ndis_record_load (const NdisCrossing *crossing, const NdisHalf *half);

/* ndis_record_way says through which adapter |half| goes, and with which context. */
void ndis_record_way (const NdisCrossing *crossing, const NdisHalf *half);

/* ndis_record_stage says where an operation, or the data of requests, is now: in NDIS, or with the
 * driver of |layer|. */
void ndis_record_stage (const NdisCrossing *crossing, uint32_t layer, bool is_handler);
