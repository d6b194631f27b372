/*
 * The quota driver: lets no more than so many connections through to the target at once.
 *
 * It keeps a target from being filled by one adapter's connections, or a connection cache from being
 * overrun.  An initiate that would take it beyond its quota it refuses as a target refuses a
 * connection by policy; terminates always pass, and make room.  With |resume_at| it tells the driver
 * above: NDIS_STATUS_OFFLOAD_PAUSE when the quota is reached, NDIS_STATUS_OFFLOAD_RESUME when no more
 * than |resume_at| connections are left.
 *
 * Order       It indicates when the operation that gave the reason has been completed upward.
 * Status      What the target indicates goes up, but for a resume while the quota is full: the
 *             driver's own comes later.  Nor does it resume while the target has paused or has called
 *             everything back.
 * Source      NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED (ISTS-15); NDIS_STATUS_OFFLOAD_PAUSE and
 *             NDIS_STATUS_OFFLOAD_RESUME (STS-01 to STS-06).  A tree goes on whole or not at all
 *             (IM-05), so that one connection too many refuses its tree.
 */
#pragma once

#include "models/ndis/driver.h"

typedef struct ImDriver ImDriver;

extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_quota_miniport;
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_quota_protocol;

void im_quota_open (ImDriver *im);
void im_quota_close (ImDriver *im);
void im_quota_settled (ImDriver *im);
