/*
 * Labels: what a row of a sequence chart says of its record.
 *
 * Owns        Texts are the caller's, freed with g_free; that of a status is static.
 */
#pragma once

#include "models/world/config.h"
#include "sim/trace.h"

/* "SUCCESS": the status without its prefix. */
const char *lab_chart_status (int64_t status);

/* lab_chart_call_label is of a call-begin; |status| is that of its node, or
 * NDIS_STATUS_NOT_WRITTEN. */
char *lab_chart_call_label (const SimRecord *call, int64_t status);

/* "PSH ACK 1449, 1448 B". */
char *lab_chart_frame_label (uint32_t seq, int64_t flags, int64_t payload);

/* Of an app-event, and of a timeline record. */
char *lab_chart_app_label (const SimRecord *record);
char *lab_chart_timeline_label (const WorldConfig *config, const SimRecord *record);
