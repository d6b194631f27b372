/*
 * The pass-through driver: registers both edges and hands everything on, exactly as documented.
 *
 * Source      Network guide: registering an intermediate driver's functions (REG-06, REG-07),
 *             querying and setting its capabilities (OID-03, OID-04).
 */
#pragma once

#include "models/ndis/driver.h"

extern const NDIS_MINIPORT_DRIVER_CHARACTERISTICS im_pass_through_miniport;
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS im_pass_through_protocol;
