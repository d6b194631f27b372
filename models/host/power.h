/*
 * Power and status policy: what the host does with its offloads when the device goes to sleep,
 * pauses or asks for all of them back.
 *
 * Order       Below D0: no new initiates; those on their way are awaited; everything is terminated;
 *             then OID_PNP_SET_POWER goes down.  It need not wait for the completions of the last
 *             terminates. Back to D0: OID_PNP_SET_POWER, then the capabilities are queried, then
 *             offloads may begin again.
 * Source      PM-01 to PM-03, STS-01 to STS-09, TERM-27, TERM-28; decision 33.
 */
#pragma once

#include "models/host/host.h"

typedef enum PowerPhase {
  POWER_STEADY,
  POWER_DRAINING, /* terminating what is offloaded */
  POWER_SETTING,  /* OID_PNP_SET_POWER is under way */
  POWER_ASKING,   /* back in D0, capabilities are being queried */
} PowerPhase;

typedef struct HostPower {
  NDIS_DEVICE_POWER_STATE state; /* of the device, as the host knows it */
  NDIS_DEVICE_POWER_STATE wanted;
  PowerPhase phase;
  bool waits_for_completions; /* chosen: the OID waits for the last completion */
  bool media_disconnected;
  bool resuming; /* resumed, and the capabilities that are now valid have been asked for */
  HostCaller caller;
} HostPower;

void power_set (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller);
/* power_look goes on if what was waited for has come. */
void power_look (Host *host);
bool power_lets_frames_through (const Host *host);

/* ProtocolStatusEx. */
void power_note_status (Host *host, NDIS_STATUS code);
