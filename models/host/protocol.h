/*
 * The host as a protocol driver: its registration, and the ProtocolXxx entry points, each of which
 * hands on to the part that is concerned.
 *
 * Source      REG-07 to REG-09, ARCH-03; spec of calls, sections 1 and 2.
 */
#pragma once

#include "models/ndis/driver.h"

/* |context| of the driver is the Host. */
extern const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS protocol_characteristics;
