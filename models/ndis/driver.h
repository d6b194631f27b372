/*
 * What a driver registers: the four chimney characteristics structures, the event handlers it gets
 * back, and the ordinary miniport and protocol entry points.
 *
 * Use         A miniport (target, lower edge of the host's world) fills
 *             NDIS_MINIPORT_DRIVER_CHARACTERISTICS; a protocol (host) fills
 *             NDIS_PROTOCOL_DRIVER_CHARACTERISTICS; an intermediate driver fills both.  In
 *             SetOptions it calls NdisSetOptionalHandlers with the chimney structures.  A driver
 *             that registers no chimney structure blocks the chimney for everything above it.
 * Order       A handler runs at the begin of its frame, on ndis_cpu (); it may charge cycles and
 *             make at most one crossing, as its last act (see ndis.h).
 * Source      ndischimney: NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
 *             ..._TCP_CHARACTERISTICS, NDIS_CLIENT_..., NDIS_TCP_OFFLOAD_EVENT_HANDLERS; spec of
 *             calls, section 1.
 */
#pragma once

#include "models/ndis/block_list.h"
#include "models/ndis/nbl.h"
#include "models/ndis/oid.h"
#include "models/ndis/types.h"

typedef void *NDIS_HANDLE; /* MiniportAdapterContext, ProtocolBindingContext: the driver's own */

typedef void (*W_STATE_OFFLOAD_HANDLER) (NDIS_HANDLE MiniportAdapterContext,
                                         PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_IO_HANDLER) (NDIS_HANDLE MiniportAdapterContext,
                                                 NDIS_TOKEN MiniportOffloadContext,
                                                 NET_BUFFER_LIST *NetBufferList);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_DISCONNECT_HANDLER) (NDIS_HANDLE MiniportAdapterContext,
                                                         NDIS_TOKEN MiniportOffloadContext,
                                                         NET_BUFFER_LIST *NetBufferList,
                                                         uint32_t Flags);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER) (NDIS_HANDLE MiniportAdapterContext,
                                                             NET_BUFFER_LIST *NetBufferList);

typedef struct NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  uint32_t Flags;
  W_STATE_OFFLOAD_HANDLER InitiateOffloadHandler;
  W_STATE_OFFLOAD_HANDLER TerminateOffloadHandler;
  W_STATE_OFFLOAD_HANDLER UpdateOffloadHandler;
  W_STATE_OFFLOAD_HANDLER InvalidateOffloadHandler;
  W_STATE_OFFLOAD_HANDLER QueryOffloadHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

typedef struct NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  uint32_t Flags;
  NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
  W_TCP_OFFLOAD_IO_HANDLER TcpOffloadSendHandler;
  W_TCP_OFFLOAD_IO_HANDLER TcpOffloadReceiveHandler;
  W_TCP_OFFLOAD_DISCONNECT_HANDLER TcpOffloadDisconnectHandler;
  W_TCP_OFFLOAD_IO_HANDLER TcpOffloadForwardHandler;
  W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER TcpOffloadReceiveReturnHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

typedef void (*STATE_OFFLOAD_COMPLETE_HANDLER) (NDIS_HANDLE ProtocolBindingContext,
                                                PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef void (*INDICATE_OFFLOAD_EVENT_HANDLER) (NDIS_HANDLE ProtocolBindingContext,
                                                PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList,
                                                uint32_t IndicationCode);

typedef struct NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  uint32_t Flags;
  STATE_OFFLOAD_COMPLETE_HANDLER InitiateOffloadCompleteHandler;
  STATE_OFFLOAD_COMPLETE_HANDLER TerminateOffloadCompleteHandler;
  STATE_OFFLOAD_COMPLETE_HANDLER UpdateOffloadCompleteHandler;
  STATE_OFFLOAD_COMPLETE_HANDLER InvalidateOffloadCompleteHandler;
  STATE_OFFLOAD_COMPLETE_HANDLER QueryOffloadCompleteHandler;
  INDICATE_OFFLOAD_EVENT_HANDLER IndicateOffloadEventHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

typedef void (*TCP_OFFLOAD_IO_COMPLETE_HANDLER) (NDIS_HANDLE ProtocolBindingContext,
                                                 NET_BUFFER_LIST *NetBufferList);
typedef void (*TCP_OFFLOAD_EVENT_HANDLER) (NDIS_OFFLOAD_HANDLE *OffloadContext, uint32_t EventType,
                                           uint32_t EventSpecificInformation);
/* The result travels as NDIS_STATUS and *BytesConsumed.  A handler that decides at once returns
 * both; one that asks the driver above makes the crossing as its last act and returns
 * NDIS_STATUS_PENDING: the frame's result is then the callee's (see ndis.h, tail calls). */
typedef NDIS_STATUS (*TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER) (NDIS_OFFLOAD_HANDLE *OffloadContext,
                                                             NET_BUFFER_LIST *NetBufferList,
                                                             NDIS_STATUS Status,
                                                             uint32_t *BytesConsumed);

typedef struct NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  uint32_t Flags;
  NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
  TCP_OFFLOAD_IO_COMPLETE_HANDLER TcpOffloadSendCompleteHandler;
  TCP_OFFLOAD_IO_COMPLETE_HANDLER TcpOffloadReceiveCompleteHandler;
  TCP_OFFLOAD_IO_COMPLETE_HANDLER TcpOffloadDisconnectCompleteHandler;
  TCP_OFFLOAD_IO_COMPLETE_HANDLER TcpOffloadForwardCompleteHandler;
  TCP_OFFLOAD_EVENT_HANDLER TcpOffloadEventHandler;
  TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER TcpOffloadReceiveIndicateHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

/* What NdisMGetOffloadHandlers hands out: a driver copies the six pointers and calls through its
 * copy. */
typedef struct NDIS_TCP_OFFLOAD_EVENT_HANDLERS {
  NDIS_OBJECT_HEADER Header; /* Type is the chimney type */
  void (*NdisTcpOffloadEventHandler) (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle, uint32_t EventType,
                                      uint32_t EventSpecificInformation);
  void (*NdisTcpOffloadReceiveHandler) (NDIS_OFFLOAD_HANDLE *NdisOffloadHandle,
                                        NET_BUFFER_LIST *NetBufferList, NDIS_STATUS Status);
  void (*NdisTcpOffloadSendComplete) (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                      NET_BUFFER_LIST *NetBufferList);
  void (*NdisTcpOffloadReceiveComplete) (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                         NET_BUFFER_LIST *NetBufferList);
  void (*NdisTcpOffloadDisconnectComplete) (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                            NET_BUFFER_LIST *NetBufferList);
  void (*NdisTcpOffloadForwardComplete) (NDIS_MINIPORT_HANDLE NdisMiniportHandle,
                                         NET_BUFFER_LIST *NetBufferList);
} NDIS_TCP_OFFLOAD_EVENT_HANDLERS;

/* Ordinary NDIS 6 entry points.  Called at initialization (plainly, at time zero) or as
 * crossings. */
typedef struct NDIS_MINIPORT_DRIVER_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  void (*SetOptionsHandler) (void *DriverContext, Ndis *ndis); /* MiniportSetOptions */
  /* MiniportInitializeEx: calls NdisMSetMiniportAttributes and NdisMGetOffloadHandlers. */
  NDIS_STATUS (*InitializeHandlerEx) (NDIS_MINIPORT_HANDLE NdisMiniportHandle, void *DriverContext);
  NDIS_STATUS (*OidRequestHandler) (NDIS_HANDLE MiniportAdapterContext, NDIS_OID_REQUEST *request);
  void (*SendNetBufferListsHandler) (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
  void (*ReturnNetBufferListsHandler) (NDIS_HANDLE MiniportAdapterContext, NET_BUFFER_LIST *list);
  /* Plug and Play; each may be NULL: NDIS goes on without it. */
  void (*DevicePnPEventNotifyHandler) (NDIS_HANDLE MiniportAdapterContext,
                                       NDIS_DEVICE_PNP_EVENT DevicePnPEvent);
  NDIS_STATUS (*PauseHandler) (NDIS_HANDLE MiniportAdapterContext);
  NDIS_STATUS (*RestartHandler) (NDIS_HANDLE MiniportAdapterContext);
  NDIS_STATUS (*ResetHandlerEx) (NDIS_HANDLE MiniportAdapterContext);
  void (*HaltHandlerEx) (NDIS_HANDLE MiniportAdapterContext);
} NDIS_MINIPORT_DRIVER_CHARACTERISTICS;

typedef struct NDIS_PROTOCOL_DRIVER_CHARACTERISTICS {
  NDIS_OBJECT_HEADER Header;
  void (*SetOptionsHandler) (void *DriverContext, Ndis *ndis); /* ProtocolSetOptions */
  /* ProtocolBindAdapterEx: a miniport below is ready; calls NdisOpenAdapterEx.  Called plainly. */
  void (*BindAdapterHandlerEx) (void *DriverContext, Ndis *ndis, NDIS_MINIPORT_HANDLE adapter);
  void (*OidRequestCompleteHandler) (NDIS_HANDLE ProtocolBindingContext, NDIS_OID_REQUEST *request,
                                     NDIS_STATUS status);
  void (*StatusHandlerEx) (NDIS_HANDLE ProtocolBindingContext, NDIS_STATUS StatusCode,
                           const void *StatusBuffer);
  void (*SendNetBufferListsCompleteHandler) (NDIS_HANDLE ProtocolBindingContext,
                                             NET_BUFFER_LIST *list);
  void (*ReceiveNetBufferListsHandler) (NDIS_HANDLE ProtocolBindingContext, NET_BUFFER_LIST *list);
  /* Plug and Play; each may be NULL. */
  NDIS_STATUS (*NetPnPEventHandler)
  (NDIS_HANDLE ProtocolBindingContext, NET_PNP_EVENT_CODE NetEvent);
  void (*UnbindAdapterHandlerEx) (NDIS_HANDLE ProtocolBindingContext);
} NDIS_PROTOCOL_DRIVER_CHARACTERISTICS;

/* A driver as the driver table names it: what the world needs to put it into a stack. */
typedef struct NdisDriver {
  const char *name;
  const NDIS_MINIPORT_DRIVER_CHARACTERISTICS *miniport; /* NULL for a protocol */
  const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS *protocol; /* NULL for a miniport */
  void *context;                                        /* DriverContext */
} NdisDriver;
