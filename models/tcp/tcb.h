/*
 * The transmission control block and its configuration.
 *
 * Members that the offload documents define keep the documented names; the rest is ours.  What a
 * hand-over carries is the documented part (offload_state.h, TcpImport).  The rest can be computed
 * from that, or begins anew on the other side: a running round-trip measurement, Karn's back-off
 * beyond the current segment, the fraction of a congestion avoidance step, CUBIC's epoch, the
 * challenge ACK throttles.
 *
 * Units       Ticks of 1 / ticks_per_s since time zero, in an int64; sequence numbers; bytes.
 * Owns        TcpConfig is shared by many connections and outlives them, as does its TcpStore.  A
 *             Tcb holds a TcpDisorder of that store only while something is out of order.
 * Invariants  SndUna <= SndNxt <= SndMax <= send_end + 1 (the FIN), RcvNxt <= rcv_adv, modulo 2^32.
 *             DupAckCount reaches the threshold in recovery only.
 * Source      RFC 9293 3.3.1; TCP_OFFLOAD_STATE_DELEGATED; NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/tcp/offload_state.h"
#include "models/tcp/segment.h"

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

typedef struct TcpStore TcpStore;
typedef struct TcpDisorder TcpDisorder;

typedef struct TcpConfig {
  TcpStore *store; /* counters, and where connections in disorder keep it (models/tcp/store.h) */
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
  uint32_t rto_variance_min_ticks; /* the G of RFC 6298 2.3; 0: a tick */
  uint32_t rto_max_ticks;
  uint32_t fin_wait_2_ticks;
  uint32_t time_wait_ticks;
  uint32_t keepalive_timeout_ticks;
  uint32_t keepalive_interval_ticks;
  uint32_t keepalive_probes;
  uint32_t initial_window_segments; /* RFC 5681: 2 to 4; RFC 6928: 10 */
  /* An ACK in slow start opens the window by so many segments at most: 0 and 1 are RFC 5681, more
   * is the limit L of RFC 3465. */
  uint32_t slow_start_limit_segments;
  uint8_t ttl;
  uint8_t quick_acks; /* of a connection, the first segments that no ACK is withheld of */
  TcpCongestion congestion;
  bool supports_sack;
  bool supports_ecn;
  uint8_t ecn_syns_max;        /* SYNs that offer ECN, RFC 3168 6.1.1.1; 0: all do */
  bool limited_transmit;       /* RFC 3042 */
  bool keeps_window_when_idle; /* the SHOULD of RFC 5681 4.1 is not followed */
  bool half_window_counts;     /* in slow start CWnd grows if more than half of it was used */
  bool fast_convergence;       /* RFC 9438 4.7, to be off where a flow is alone */
  bool window_follows;         /* every ACK offers all the room there is, however little it adds */
  bool challenges_syn_at_next; /* target: a SYN at RcvNxt is challenged, not uploaded (RST-05) */
  /* Stacks from before RFC 5961: a RST or a SYN anywhere in the window ends the connection
   * (RFC 793 3.4, 3.9).  Off: challenged. */
  bool believes_reset_in_window, resets_at_syn_in_window;
  bool ignores_reset_in_time_wait; /* RFC 1337 3, fix F1 */
  bool drops_syn_fin;              /* a SYN with FIN gets no answer, except in TIME_WAIT */
  /* This side's timestamp clock is ticks since time zero plus this offset (host and NIC clocks
   * differ; the delta rules make up for it). */
  uint32_t timestamp_clock_offset;
} TcpConfig;

/* No timer runs longer than the clock. */
#define TCP_TICK_NEVER INT64_MAX

typedef enum TcpTimer {
  TCP_TIMER_RETRANSMIT, /* and persist, FIN_WAIT_2, TIME_WAIT: one documented slot */
  TCP_TIMER_KEEPALIVE,
  TCP_TIMER_DELAYED_ACK,
  TCP_TIMER_SEND_SWS,
  TCP_TIMER_RECEIVE_SWS,
  TCP_N_TIMERS
} TcpTimer;

/* Conditions of a connection, in Tcb.bits. */
enum {
  /* what is due */
  TCP_BIT_DUE_ACK = 1 << 0,
  TCP_BIT_DUE_RETRANSMIT = 1 << 1, /* the segment at SndUna */
  TCP_BIT_DUE_PROBE = 1 << 2,      /* of a zero window */
  TCP_BIT_DUE_KEEPALIVE = 1 << 3,
  TCP_BIT_DUE_RESET = 1 << 4,
  TCP_BIT_RESET_HAS_ACK = 1 << 5, /* that RST carries an ACK */
  /* sending */
  TCP_BIT_FIN_QUEUED = 1 << 6,
  TCP_BIT_IN_RECOVERY = 1 << 7,
  TCP_BIT_PARTIAL_SEEN = 1 << 8,  /* this recovery has had a partial ACK */
  TCP_BIT_TIMING_RTT = 1 << 9,    /* rtt_seq is being timed */
  TCP_BIT_CWND_LIMITED = 1 << 10, /* the last data sent filled CWnd */
  TCP_BIT_FORCE_SEND = 1 << 11,   /* the SWS timer ran out: send what the window takes */
  TCP_BIT_FORCE_WINDOW = 1 << 12, /* likewise: advertise what there is */
  TCP_BIT_GAVE_UP = 1 << 13,      /* target: limit reached, waits to be uploaded */
  /* receiving */
  TCP_BIT_URGENT_HELD = 1 << 14, /* target: from the urgent segment on everything is the owner's */
  TCP_BIT_CHALLENGED = 1 << 15,  /* an in-window RST was challenged and not yet settled */
  TCP_BIT_SYN_CHALLENGED = 1 << 16,
  /* ECN, RFC 3168 */
  TCP_BIT_ECN = 1 << 17,      /* negotiated */
  TCP_BIT_ECN_ECHO = 1 << 18, /* ECE on every ACK until CWR */
  TCP_BIT_ECN_CWR = 1 << 19,  /* CWR on the next new data */
  TCP_BIT_ECN_OFFER = 1 << 20,
  TCP_BIT_ECN_ACCEPT = 1 << 21, /* what our SYN does not offer is agreed to if the peer's does */
  TCP_BIT_ECN_CUT = 1 << 22,    /* up to |recover| the window was cut for a mark, not for a loss */
  TCP_BIT_NO_OPTIONS = 1 << 23, /* our SYN has none, not even the MSS */
  TCP_BIT_FIRST_ACK = 1 << 24,  /* of the peer's SYN nothing was acknowledged yet */
};

#define TCP_BITS_DUE                                                                    \
  (TCP_BIT_DUE_ACK | TCP_BIT_DUE_RETRANSMIT | TCP_BIT_DUE_PROBE | TCP_BIT_DUE_KEEPALIVE \
   | TCP_BIT_DUE_RESET)

/* RFC 9438: the window as a function of the time since the last reduction. */
typedef struct TcpCubic {
  int64_t epoch_tick;   /* TCP_TICK_NEVER: no epoch */
  uint32_t w_max;       /* bytes */
  uint32_t k_ms;        /* until w_max is reached again */
  uint32_t w_est;       /* bytes: what NewReno would have */
  uint32_t w_est_acked; /* bytes x 17, towards the next byte of w_est */
  uint32_t cwnd_prior;  /* bytes: CWnd at the last reduction */
  uint32_t age_ticks;   /* since |epoch_tick| at the last ACK that counted */
} TcpCubic;

typedef struct Tcb {
  /* what every segment touches */
  const TcpConfig *config;
  TcpDisorder *disorder; /* NULL: nothing is out of order */
  int64_t deadline_tick; /* the earliest of timer[] */
  uint32_t bits;
  uint8_t State; /* TCP_OFFLOAD_CONNECTION_STATE */
  uint8_t const_flags;
  uint8_t DupAckCount;
  uint8_t delayed_segments; /* received, not yet acknowledged */
  uint32_t RcvNxt;
  uint32_t rcv_adv;        /* right edge of the window offered: RcvNxt + RcvWnd */
  uint32_t rcv_held_bytes; /* received in order, not yet consumed */
  uint32_t last_ack_sent;
  uint32_t SndUna;
  uint32_t SndNxt;
  uint32_t SndMax;
  uint32_t send_end; /* one past the last byte queued; the FIN's number */
  uint32_t SndWnd;
  uint32_t SendWL1;
  uint32_t CWnd;
  uint32_t SsThresh;
  uint32_t flight_at_send;   /* behind the last data sent */
  uint32_t cwnd_acked_bytes; /* towards the next step of congestion avoidance */
  uint32_t recover;          /* RFC 6582, exclusive: SndMax when loss was last seen */
  uint32_t TsRecent;
  uint32_t ts_delta;      /* timestamp = ticks + timestamp_clock_offset + ts_delta */
  uint32_t nonsense_tick; /* modulo 2^32: when the first of nonsense_acks went */
  int64_t ts_recent_tick;
  int64_t timer[TCP_N_TIMERS];
  TcpRange ready; /* received in order, not yet taken; more in |disorder| if it does not continue */
  int64_t rtt_tick;
  int64_t last_send_tick;
  uint32_t rtt_seq;
  uint16_t SRtt;
  uint16_t RttVar;
  uint16_t smss;      /* payload of a full segment, RFC 5681 */
  uint16_t peer_smss; /* payload of a full segment of the peer's, as we reckon */
  uint8_t SndWindScale;
  uint8_t RcvWindScale;
  uint8_t RetransmitCount;
  uint8_t backoff; /* Karn: doublings of the RTO until the next round-trip sample */
  uint8_t SndWndProbeCount;
  uint8_t KeepAliveProbeCount;
  uint8_t quick_acks_left;

  /* what few do */
  uint8_t ip_version;
  uint8_t ttl;
  uint8_t tos;
  uint8_t user_priority;
  uint8_t cached_flags;
  uint8_t KaProbeCount;
  uint16_t local_mss; /* what we announce, RFC 6691: options come off the payload */
  uint32_t MaxSndWnd;
  uint32_t TotalRT;
  uint32_t InitialRcvWnd;
  uint32_t RcvIndicationSize;
  uint32_t KaTimeout;
  uint32_t KaInterval;
  uint32_t MaxRT;
  uint32_t FlowLabel;
  uint32_t HashValue;
  uint32_t connection_id;
  TcpTuple tuple; /* as this end sends */
  uint32_t path_mtu_bytes;
  uint16_t RemoteMss;
  uint16_t nonsense_acks; /* since nonsense_tick, RFC 5961 7 */
  uint32_t reset_seq;     /* of the RST that is due */
  uint32_t reset_ack;
  int64_t challenge_tick; /* of the last challenge to an in-window SYN */
  TcpCubic cubic;
} Tcb;

_Static_assert(sizeof (Tcb) <= 320, "a connection has outgrown five cache lines");
