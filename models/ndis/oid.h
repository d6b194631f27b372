/*
 * OIDs: requests by which the host configures, asks and powers a driver.
 *
 * Owns        An NDIS_OID_REQUEST is the host's; the driver that holds it may pend it.
 *             Intermediate drivers pass the same request on.
 * Source      TCP chimney offload OIDs; NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS,
 *             NDIS_TCP_CONNECTION_OFFLOAD, IP_OFFLOAD_STATS, TCP_OFFLOAD_STATS; power management
 *             for offload targets.
 */
#pragma once

#include "models/ndis/types.h"

typedef enum NDIS_OID {
  OID_TCP_TASK_OFFLOAD,
  OID_TCP_CONNECTION_OFFLOAD_PARAMETERS,
  OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG,
  OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES,
  OID_IP4_OFFLOAD_STATS,
  OID_IP6_OFFLOAD_STATS,
  OID_TCP4_OFFLOAD_STATS,
  OID_TCP6_OFFLOAD_STATS,
  OID_PNP_SET_POWER,
  OID_GEN_RECEIVE_SCALE_PARAMETERS,
  NDIS_N_OIDS,
} NDIS_OID;

const char *ndis_oid_name (NDIS_OID oid);

/* What the host sets to switch the chimney on; ticks are 1 / TicksPerSecond. */
typedef struct NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS {
  NDIS_OBJECT_HEADER Header;
  uint32_t Encapsulation;
  uint32_t TicksPerSecond; /* 10, 100 or 1000 */
  uint32_t TcpAckFrequency;
  uint32_t TcpDelayedAckTicks;
  uint32_t TcpMaximumRetransmissions;
  uint32_t TcpDoubtReachabilityRetransmissions;
  uint32_t TcpSwsPreventionTicks;
  uint32_t TcpDuplicateAckThreshold;
  uint32_t TcpPushTicks;
  uint32_t NceStaleTicks;
  uint32_t CongestionAlgorithm; /* reserved */
} NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS;

/* What a miniport offers. */
typedef struct NDIS_TCP_CONNECTION_OFFLOAD {
  NDIS_OBJECT_HEADER Header;
  uint32_t Encapsulation;
  bool SupportIPv4;
  bool SupportIPv6;
  bool SupportIPv6ExtensionHeaders;
  bool SupportSack;
  bool CongestionAlgorithmSupported;
  uint32_t TcpConnectionOffloadCapacity;
} NDIS_TCP_CONNECTION_OFFLOAD;

#define NDIS_ENCAPSULATION_IEEE_802_3 1

typedef struct IP_OFFLOAD_STATS {
  uint64_t InReceives, InOctets, InDelivers, OutRequests, OutOctets;
  uint32_t InHeaderErrors, InTruncatedPackets, InDiscards, OutDiscards, OutNoRoutes;
} IP_OFFLOAD_STATS;

typedef struct TCP_OFFLOAD_STATS {
  uint64_t InSegments, OutSegments;
  uint32_t CurrentlyEstablished, ResetEstablished, RetransmittedSegments, InErrors, OutResets;
} TCP_OFFLOAD_STATS;

typedef enum NDIS_DEVICE_POWER_STATE {
  NdisDeviceStateD0,
  NdisDeviceStateD1,
  NdisDeviceStateD2,
  NdisDeviceStateD3,
} NDIS_DEVICE_POWER_STATE;

#define NDIS_RSS_TABLE_ENTRIES 128

typedef struct NDIS_RECEIVE_SCALE_PARAMETERS {
  uint8_t indirection_table[NDIS_RSS_TABLE_ENTRIES]; /* processor of each hash bucket */
} NDIS_RECEIVE_SCALE_PARAMETERS;

typedef struct NDIS_OID_REQUEST {
  NDIS_OID Oid;
  bool is_set;
  NDIS_STATUS status; /* of the completion */
  union {
    NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS parameters;
    NDIS_TCP_CONNECTION_OFFLOAD offload;
    IP_OFFLOAD_STATS ip_stats;
    TCP_OFFLOAD_STATS tcp_stats;
    NDIS_DEVICE_POWER_STATE power;
    NDIS_RECEIVE_SCALE_PARAMETERS rss;
  } data;
  uint32_t id; /* model: a serial number of the run */
  void *owner; /* model: the host's */
} NDIS_OID_REQUEST;
