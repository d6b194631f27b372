/*
 * The transmission control block and its configuration.
 *
 * Members that the offload documents define keep the documented names; the rest is ours.
 *
 * Units       Ticks of 1 / ticks_per_s of the config; bytes.
 * Owns        TcpConfig is shared by many connections and outlives them.
 * Source      RFC 9293 3.3.1; TCP_OFFLOAD_STATE_DELEGATED; NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"
#include "sim/time.h"

typedef enum TcpCongestion {
  TCP_CONGESTION_NEWRENO,
  TCP_CONGESTION_CUBIC,
} TcpCongestion;

/* Whose rules apply where host and target differ: the target sends no RST of its own, does not
 * process urgent data, hands TIME_WAIT and SYN at RcvNxt back. */
typedef enum TcpRole {
  TCP_ROLE_HOST,
  TCP_ROLE_TARGET,
} TcpRole;

typedef struct TcpConfig {
  TcpRole role;
  uint32_t ticks_per_s;             /* 10, 100 or 1000 */
  uint32_t ack_frequency;           /* segments per ACK at most; TcpAckFrequency */
  uint32_t delayed_ack_ticks;       /* TcpDelayedAckTicks */
  uint32_t retransmissions_max;     /* TcpMaximumRetransmissions */
  uint32_t doubt_retransmissions;   /* TcpDoubtReachabilityRetransmissions */
  uint32_t sws_prevention_ticks;    /* TcpSwsPreventionTicks */
  uint32_t duplicate_ack_threshold; /* TcpDuplicateAckThreshold */
  uint32_t rto_initial_ticks;
  uint32_t rto_min_ticks;
  uint32_t rto_max_ticks;
  uint32_t fin_wait_2_ticks;
  uint32_t time_wait_ticks;
  uint32_t keepalive_timeout_ticks;
  uint32_t keepalive_interval_ticks;
  uint32_t keepalive_probes;
  uint32_t initial_window_segments; /* RFC 5681: 2 to 4; RFC 6928: 10 */
  uint8_t ttl;
  TcpCongestion congestion;
  bool supports_sack;
  bool supports_ecn;
  bool limited_transmit; /* RFC 3042 */
  /* This side's timestamp clock is ticks since time zero plus this offset (host and NIC clocks
   * differ; the delta rules make up for it). */
  uint32_t timestamp_clock_offset;
} TcpConfig;

typedef struct Tcb Tcb;
