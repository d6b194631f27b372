/*
 * NDIS base types and statuses, with their documented names.
 *
 * Handles between drivers and NDIS are pointers to incomplete structures.  Where the documents have
 * a PVOID that another driver stores and compares (MiniportOffloadContext, ImReserved,
 * SourceHandle, ...), this model has a NDIS_TOKEN: an integer made by its owner (index and
 * generation into the owner's own table), so that a trace can carry it and a stale one is
 * recognized.  0 is NULL.
 *
 * Invariants  The numeric values are this project's own.
 * Source      Windows driver documentation, network section and ndischimney reference.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t NDIS_TOKEN;

typedef enum NDIS_STATUS {
  NDIS_STATUS_SUCCESS,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_INVALID_STATE,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS,
  NDIS_STATUS_OFFLOAD_TCP_ENTRIES,
  NDIS_STATUS_OFFLOAD_PATH_ENTRIES,
  NDIS_STATUS_OFFLOAD_NEIGHBOR_ENTRIES,
  NDIS_STATUS_OFFLOAD_HW_ADDRESS_ENTRIES,
  NDIS_STATUS_OFFLOAD_IP_ADDRESS_ENTRIES,
  NDIS_STATUS_OFFLOAD_TCP_XMIT_BUFFER,
  NDIS_STATUS_OFFLOAD_TCP_RCV_BUFFER,
  NDIS_STATUS_OFFLOAD_TCP_RCV_WINDOW,
  NDIS_STATUS_OFFLOAD_VLAN_ENTRIES,
  NDIS_STATUS_OFFLOAD_VLAN_MISMATCH,
  NDIS_STATUS_OFFLOAD_PATH_MTU,
  NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED,
  NDIS_STATUS_UPLOAD_IN_PROGRESS,
  NDIS_STATUS_REQUEST_ABORTED,
  NDIS_STATUS_REQUEST_UPLOAD,
  NDIS_STATUS_UPLOAD_REQUESTED,
  NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED,
  NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED,
  /* StatusCode of NdisMIndicateStatusEx */
  NDIS_STATUS_OFFLOAD_PAUSE,
  NDIS_STATUS_OFFLOAD_RESUME,
  NDIS_STATUS_UPLOAD_ALL,
  NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES,
  NDIS_STATUS_MEDIA_CONNECT,
  NDIS_STATUS_MEDIA_DISCONNECT,
  NDIS_STATUS_RESET_START,
  NDIS_STATUS_RESET_END,
  NDIS_STATUS_NOT_ACCEPTED, /* a result: the hardware is gone */
  NDIS_N_STATUSES,
  /* What a block list holds until its owner has written a status: never a result. */
  NDIS_STATUS_NOT_WRITTEN = -1,
} NDIS_STATUS;

const char *ndis_status_name (NDIS_STATUS status);

typedef struct Ndis Ndis;                          /* one host's NDIS */
typedef struct NdisMiniport *NDIS_MINIPORT_HANDLE; /* NdisMiniportHandle: one adapter instance */
typedef struct NdisBinding *NDIS_BINDING_HANDLE;   /* NdisBindingHandle: an open binding */

typedef struct NDIS_OBJECT_HEADER {
  uint8_t Type;
  uint8_t Revision;
  uint16_t Size;
} NDIS_OBJECT_HEADER;

#define NDIS_REVISION_1 1
#define NDIS_OBJECT_TYPE_DEFAULT 0

typedef enum NDIS_CHIMNEY_OFFLOAD_TYPE {
  NdisTcpChimneyOffload,
} NDIS_CHIMNEY_OFFLOAD_TYPE;

/* The caller's handle of an offloaded object; the driver below leaves its context in it. */
typedef struct NDIS_OFFLOAD_HANDLE {
  NDIS_BINDING_HANDLE NdisReserved; /* written by NDIS at the initiate: the owner's binding */
  NDIS_TOKEN
  MiniportOffloadContext; /* written by the driver below before it completes the initiate */
  /* model: whose handle this is, and of which offload object: for dispatch upwards and the trace */
  void *owner;
  uint32_t
      object_id; /* the same through all layers: an object of the host keeps its id going down */
  uint32_t connection_id; /* UINT32_MAX for path and neighbor objects */
} NDIS_OFFLOAD_HANDLE;

/* What NDIS tells a protocol. */
typedef enum NET_PNP_EVENT_CODE {
  NetEventPause,
  NetEventRestart,
  NetEventQueryRemoveDevice,
} NET_PNP_EVENT_CODE;

/* What NDIS tells a miniport. */
typedef enum NDIS_DEVICE_PNP_EVENT {
  NdisDevicePnPEventSurpriseRemoved,
} NDIS_DEVICE_PNP_EVENT;

typedef enum TCP_OFFLOAD_EVENT_TYPE {
  TcpIndicateSendBacklogChange,
  TcpIndicateDisconnect,
  TcpIndicateRetrieve,
  TcpIndicateAbort,
} TCP_OFFLOAD_EVENT_TYPE;

typedef enum TCP_UPLOAD_REASON {
  LowActivity,
  HighDropRate,
  SmallIO,
  NoBufferPreposting,
  ReceivedUrgentData,
  HighFragmentation,
  HighOutOfOrderPackets,
  TimeoutExpiration,
  InvalidState,
  UploadRequested,
  HardwareFailure,
} TCP_UPLOAD_REASON;

typedef enum INDICATE_OFFLOAD_EVENT {
  NeighborReachabilityInDoubt, /* reserved */
  NeighborReachabilityQuery,
} INDICATE_OFFLOAD_EVENT;

#define TCP_DISCONNECT_ABORTIVE_CLOSE 1
#define TCP_DISCONNECT_GRACEFUL_CLOSE 2

const char *ndis_event_name (TCP_OFFLOAD_EVENT_TYPE type);
const char *ndis_upload_reason_name (TCP_UPLOAD_REASON reason);
