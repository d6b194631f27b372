/*
 * The begin or the end of a call that crosses the chimney, as the bytes of a packet.
 *
 *   0   1  version of this format: 1
 *   1   1  flags: 1 the call ends here, 2 it goes up
 *   2   2  number of the call in this program; its name follows below
 *   4   2  processor          (at the begin, as level, parent and object; 0 at the end)
 *   6   1  level: 0 passive, 1 DPC
 *   7   1  layer that runs: 0 the host, then the intermediate drivers, the target last
 *   8   8  crossing: the number of this call; its begin and its end have the same
 *  16   8  crossing inside of which this one was made, 0: none
 *  24   8  operation
 *  32   8  offload object, 0: several or none
 *  40   8  at the begin arg0, at the end the status, both signed
 *  48   8  at the begin arg1, at the end BytesConsumed, both signed
 *  56   1  bytes of the name of the call, then the name
 *   -   1  bytes of the name of the status, then the name; 0 at the begin
 *
 * What arg0 and arg1 are depends on the call: see CALL_BEGIN in models/trace/kinds.def.
 *
 * Units       Network byte order.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sim/trace.h"

/* Two names of at most 255 bytes behind the fixed part. */
#define LAB_CROSSING_BYTES_MAX (56 + 2 * 256)

/* lab_crossing_write writes a record of kind CALL_BEGIN or CALL_END and returns its size. */
size_t lab_crossing_write (const SimRecord *record, uint8_t bytes[LAB_CROSSING_BYTES_MAX]);
