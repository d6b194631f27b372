/*
 * Power and status policy: what the host does with its offloads when the device goes to sleep,
 * pauses or asks for all of them back.
 *
 * Order       Below D0: no new initiates; those on their way are awaited; everything is terminated;
 *             then OID_PNP_SET_POWER goes down.  It need not wait for the completions of the last
 *             terminates. Back to D0: OID_PNP_SET_POWER, then the capabilities are queried, then
 *             offloads may begin again.
 *             NetEventPause is taken like a power change and completed when the host's frames have
 *             come back besides.  A removed adapter is paused once and for all.  Nothing else is begun
 *             while one of these is under way: a pause and a wake wait for its end, what else is
 *             asked for fails.
 * Source      PM-01 to PM-03, STS-01 to STS-09, TERM-27, TERM-28, TERM-30; decision 33; network
 *             guide: pausing a binding; decision note 0011.
 */
#pragma once

#include "models/host/host.h"
#include "models/host/worker.h"

typedef enum PowerPhase {
  POWER_STEADY,
  POWER_DRAINING, /* terminating what is offloaded */
  POWER_SETTING,  /* OID_PNP_SET_POWER is under way */
  POWER_ASKING,   /* back in D0, capabilities are being queried */
} PowerPhase;

/* What everything is terminated for. */
typedef enum PowerCause {
  POWER_FOR_DEVICE,  /* OID_PNP_SET_POWER */
  POWER_FOR_PAUSE,   /* NetEventPause */
  POWER_FOR_DISABLE, /* the chimney is switched off */
} PowerCause;

typedef struct HostPower {
  NDIS_DEVICE_POWER_STATE state; /* of the device, as the host knows it */
  NDIS_DEVICE_POWER_STATE wanted;
  PowerPhase phase;
  bool waits_for_completions; /* chosen: the OID waits for the last completion */
  PowerCause cause;
  bool media_disconnected;
  bool pause_wanted; /* NetEventPause has come and not been begun */
  bool wake_wanted;  /* D0 has been asked for while something else was under way, */
  bool wakes_system; /* of the system */
  bool is_paused;    /* NetEventPause is completed, NetEventRestart has not come */
  bool is_removed;   /* NetEventQueryRemoveDevice: the adapter is not coming back */
  bool is_resetting; /* between NDIS_STATUS_RESET_START and _RESET_END */
  uint8_t frozen;    /* bit set of HostJob: what sleeps with the system */
  HostWorker worker; /* completes NetEventPause */
  bool resuming;     /* resumed, and the capabilities that are now valid have been asked for */
  HostCaller caller;
  HostCaller system_caller;
  HostCaller wake_caller;
} HostPower;

void power_init (Host *host);
void power_clear (Host *host);
void power_set (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller);
/* power_set_system puts the system to sleep, or wakes it: applications stop first, and when the
 * device is in |state| nothing of TCP runs either. */
void power_set_system (Host *host, NDIS_DEVICE_POWER_STATE state, HostCaller caller);
/* power_set_chimney switches the chimney off, when everything is uploaded, or on. */
void power_set_chimney (Host *host, bool on, HostCaller caller);
/* power_look goes on if what was waited for has come. */
void power_look (Host *host);
bool power_lets_frames_through (const Host *host);

/* power_holds_initiates says that no tree may begin its way down just now. */
bool power_holds_initiates (const Host *host);

/* ProtocolStatusEx, ProtocolNetPnPEvent, ProtocolUnbindAdapterEx. */
void power_note_status (Host *host, NDIS_STATUS code);
NDIS_STATUS power_net_event (Host *host, NET_PNP_EVENT_CODE event);
