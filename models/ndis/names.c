#include "models/ndis/oid.h"
#include "models/ndis/types.h"

static const char *const status_names[NDIS_N_STATUSES] = {
#define NAME(status) [NDIS_STATUS_##status] = "NDIS_STATUS_" #status
  NAME (SUCCESS),
  NAME (PENDING),
  NAME (FAILURE),
  NAME (RESOURCES),
  NAME (NOT_SUPPORTED),
  NAME (INVALID_STATE),
  NAME (PAUSED),
  NAME (OFFLOAD_PARTIAL_SUCCESS),
  NAME (OFFLOAD_TCP_ENTRIES),
  NAME (OFFLOAD_PATH_ENTRIES),
  NAME (OFFLOAD_NEIGHBOR_ENTRIES),
  NAME (OFFLOAD_HW_ADDRESS_ENTRIES),
  NAME (OFFLOAD_IP_ADDRESS_ENTRIES),
  NAME (OFFLOAD_TCP_XMIT_BUFFER),
  NAME (OFFLOAD_TCP_RCV_BUFFER),
  NAME (OFFLOAD_TCP_RCV_WINDOW),
  NAME (OFFLOAD_VLAN_ENTRIES),
  NAME (OFFLOAD_VLAN_MISMATCH),
  NAME (OFFLOAD_PATH_MTU),
  NAME (OFFLOAD_CONNECTION_REJECTED),
  NAME (UPLOAD_IN_PROGRESS),
  NAME (REQUEST_ABORTED),
  NAME (REQUEST_UPLOAD),
  NAME (UPLOAD_REQUESTED),
  NAME (OFFLOAD_DATA_NOT_ACCEPTED),
  NAME (OFFLOAD_DATA_PARTIALLY_ACCEPTED),
  NAME (OFFLOAD_PAUSE),
  NAME (OFFLOAD_RESUME),
  NAME (UPLOAD_ALL),
  NAME (TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES),
  NAME (MEDIA_CONNECT),
  NAME (MEDIA_DISCONNECT),
  NAME (RESET_START),
  NAME (RESET_END),
  NAME (NOT_ACCEPTED),
#undef NAME
};

const char *
ndis_status_name (NDIS_STATUS status)
{
  if (status == NDIS_STATUS_NOT_WRITTEN)
    return "NDIS_STATUS_NOT_WRITTEN";
  return status >= 0 && status < NDIS_N_STATUSES ? status_names[status] : NULL;
}

static const char *const oid_names[NDIS_N_OIDS] = {
#define NAME(oid) [oid] = #oid
  NAME (OID_TCP_TASK_OFFLOAD),
  NAME (OID_TCP_CONNECTION_OFFLOAD_PARAMETERS),
  NAME (OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG),
  NAME (OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES),
  NAME (OID_IP4_OFFLOAD_STATS),
  NAME (OID_IP6_OFFLOAD_STATS),
  NAME (OID_TCP4_OFFLOAD_STATS),
  NAME (OID_TCP6_OFFLOAD_STATS),
  NAME (OID_PNP_SET_POWER),
  NAME (OID_GEN_RECEIVE_SCALE_PARAMETERS),
#undef NAME
};

const char *
ndis_oid_name (NDIS_OID oid)
{
  return oid < NDIS_N_OIDS ? oid_names[oid] : NULL;
}

const char *
ndis_event_name (TCP_OFFLOAD_EVENT_TYPE type)
{
  switch (type) {
  case TcpIndicateSendBacklogChange:
    return "TcpIndicateSendBacklogChange";
  case TcpIndicateDisconnect:
    return "TcpIndicateDisconnect";
  case TcpIndicateRetrieve:
    return "TcpIndicateRetrieve";
  case TcpIndicateAbort:
    return "TcpIndicateAbort";
  }
  return NULL;
}

const char *
ndis_upload_reason_name (TCP_UPLOAD_REASON reason)
{
  static const char *const names[] = {
#define NAME(reason) [reason] = #reason
    NAME (LowActivity),           NAME (HighDropRate),       NAME (SmallIO),
    NAME (NoBufferPreposting),    NAME (ReceivedUrgentData), NAME (HighFragmentation),
    NAME (HighOutOfOrderPackets), NAME (TimeoutExpiration),  NAME (InvalidState),
    NAME (UploadRequested),       NAME (HardwareFailure),
#undef NAME
  };
  return (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : NULL;
}
