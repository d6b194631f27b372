/*
 * A driver that knows no chimney: it registers no chimney structure, so that NDIS keeps every
 * offload from the drivers beneath it, while frames, OIDs and status pass through it.
 *
 * Source      OID-05: it may still let the capabilities of the driver below show through.
 */
#pragma once

#include "models/ndis/driver.h"

extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_unaware_miniport;
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_unaware_protocol;
