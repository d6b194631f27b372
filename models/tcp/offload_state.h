/*
 * The TCP layer's offload state, as documented: what crosses the chimney, and nothing else.
 *
 * CONST is nobody's to change, CACHED the host's (by update), DELEGATED the target's from offload
 * to terminate.  Members keep their documented names; widths are those of the documents.
 *
 * Units       As each member says; "tick" is 1 / TicksPerSecond.
 * Owns        SendDataHead, SendDataTail and BufferedData are borrowed as the operation says (spec:
 *             SDATA-*, RBUF-*).
 * Source      ndischimney: TCP_OFFLOAD_STATE_CONST, _CACHED, _DELEGATED, OFFLOAD_STATE_HEADER;
 *             Windows driver documentation, "Offload state objects".
 */
#pragma once

#include <stdint.h>

typedef struct NET_BUFFER_LIST NET_BUFFER_LIST;

typedef struct OFFLOAD_STATE_HEADER {
  uint32_t Length; /* of the whole structure; set by NDIS */
  uint32_t RecognizedOptions;
} OFFLOAD_STATE_HEADER;

#define TCP_FLAG_TIMESTAMP_ENABLED 0x0001
#define TCP_FLAG_WINDOW_SCALING_ENABLED 0x0002
#define TCP_FLAG_SACK_ENABLED 0x0004

typedef struct TCP_OFFLOAD_STATE_CONST {
  OFFLOAD_STATE_HEADER Header;
  uint16_t Flags;
  uint16_t RemotePort; /* host order in this model */
  uint16_t LocalPort;
  uint8_t SndWindScale : 4;
  uint8_t RcvWindScale : 4;
  uint16_t RemoteMss;
  uint32_t HashValue;
} TCP_OFFLOAD_STATE_CONST;

#define TCP_FLAG_KEEP_ALIVE_ENABLED 0x0001
#define TCP_FLAG_NAGLING_ENABLED 0x0002
#define TCP_FLAG_KEEP_ALIVE_RESTART 0x0004
#define TCP_FLAG_MAX_RT_RESTART 0x0008
#define TCP_FLAG_UPDATE_RCV_WND 0x0010

typedef struct TCP_OFFLOAD_STATE_CACHED {
  OFFLOAD_STATE_HEADER Header;
  uint16_t Flags;
  uint32_t InitialRcvWnd;
  uint32_t RcvIndicationSize;
  uint8_t KaProbeCount;
  uint32_t KaTimeout;  /* ticks */
  uint32_t KaInterval; /* ticks */
  uint32_t MaxRT;      /* ticks; 0: TcpMaximumRetransmissions; 0xFFFFFFFF: no limit */
  uint32_t FlowLabel : 20;
  uint8_t TtlOrHopLimit;
  uint8_t TosOrTrafficClass;
  uint8_t UserPriority : 3;
} TCP_OFFLOAD_STATE_CACHED;

typedef enum TCP_OFFLOAD_CONNECTION_STATE {
  TcpConnectionClosed,
  TcpConnectionListen,
  TcpConnectionSynSent,
  TcpConnectionSynRcvd,
  TcpConnectionEstablished,
  TcpConnectionFinWait1,
  TcpConnectionFinWait2,
  TcpConnectionCloseWait,
  TcpConnectionClosing,
  TcpConnectionLastAck,
  TcpConnectionTimeWait,
} TCP_OFFLOAD_CONNECTION_STATE;

#define TCP_N_STATES (TcpConnectionTimeWait + 1)

/* TimeoutDelta of a timer that is not running. */
#define TCP_TIMER_STOPPED UINT32_MAX
/* SendBacklogSize and ReceiveBacklogSize of a target without the feature. */
#define TCP_BACKLOG_UNSUPPORTED UINT32_MAX

typedef struct TCP_OFFLOAD_STATE_DELEGATED {
  OFFLOAD_STATE_HEADER Header;
  TCP_OFFLOAD_CONNECTION_STATE State;
  uint16_t Flags; /* reserved */
  uint32_t RcvNxt;
  uint32_t RcvWnd;
  uint32_t SndUna;
  uint32_t SndNxt;
  uint32_t SndMax; /* exclusive: the first sequence number never sent */
  uint32_t SndWnd;
  uint32_t MaxSndWnd;
  uint32_t SendWL1;
  uint32_t CWnd;
  uint32_t SsThresh;
  uint16_t SRtt;   /* ticks x 8 */
  uint16_t RttVar; /* ticks x 4 */
  uint32_t TsRecent;
  uint32_t TsRecentAge; /* ticks */
  uint32_t TsTime;      /* current adjusted timestamp */
  uint32_t TotalRT;     /* ticks */
  uint8_t DupAckCount;
  uint8_t SndWndProbeCount;
  struct {
    uint8_t ProbeCount;
    uint32_t TimeoutDelta; /* ticks left */
  } KeepAlive;
  struct {
    uint8_t Count;
    uint32_t TimeoutDelta; /* ticks left */
  } Retransmit;
  union {
    struct {
      NET_BUFFER_LIST *SendDataHead; /* initiate and terminate */
      NET_BUFFER_LIST *SendDataTail;
    };
    uint32_t SendBacklogSize; /* query */
  };
  union {
    NET_BUFFER_LIST *BufferedData; /* initiate and terminate */
    uint32_t ReceiveBacklogSize;   /* query */
  };
} TCP_OFFLOAD_STATE_DELEGATED;
