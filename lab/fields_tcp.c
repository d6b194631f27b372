/* The TCP engines: one list of rows, three sets of defaults. */
#include "lab/scenario_fields.h"

#include "models/tcp/tcb.h"

static const LabWord congestion_words[] = {
  { "newreno", "RFC 6582", TCP_CONGESTION_NEWRENO, false, NULL },
  { "cubic", "RFC 9438", TCP_CONGESTION_CUBIC, false, NULL },
  { 0 },
};

static const LabWord tick_words[] = {
  { "10", "a tick is 100 ms", 10, false, NULL },
  { "100", "a tick is 10 ms", 100, false, NULL },
  { "1000", "a tick is 1 ms", 1000, false, NULL },
  { 0 },
};

/* retransmissions_max, rto_initial and initial_window differ between the sides. */
#define TCP_FIELDS(retransmissions, rto_initial, initial_window)                                 \
  {                                                                                              \
    { .name = "ticks_per_second",                                                                \
      LAB_WORDS (tick_words),                                                                    \
      .standard = "1000",                                                                        \
      .help = "granularity of the TCP clock",                                                    \
      .source = "NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS: 1000 if nobody says otherwise",         \
      LAB_AT (TcpConfig, ticks_per_s) },                                                         \
        { .name = "ack_frequency",                                                               \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = "2",                                                                       \
          .help = "segments that one ACK may acknowledge",                                       \
          .source = "RFC 9293 3.8.6.3; Broadcom drivers in illumos-gate (bnx, bnxe)",            \
          LAB_AT (TcpConfig, ack_frequency) },                                                   \
        { .name = "delayed_ack",                                                                 \
          LAB_IN (LAB_TICKS, 0, LAB_TICKS_MAX),                                                  \
          .standard = "200 ticks",                                                               \
          .help = "how long an ACK may be withheld",                                             \
          .source = "Broadcom BCM57710 driver (illumos-gate bnxe)",                              \
          LAB_AT (TcpConfig, delayed_ack_ticks) },                                               \
        { .name = "retransmissions_max",                                                         \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = retransmissions,                                                           \
          .help = "retransmissions of one segment before the connection is given up",            \
          .source = "Broadcom drivers in illumos-gate (bnx 10, bnxe 6); Microsoft KB170359 (5)", \
          LAB_AT (TcpConfig, retransmissions_max) },                                             \
        { .name = "doubt_retransmissions",                                                       \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = "3",                                                                       \
          .help = "retransmissions before the neighbor's reachability is in doubt",              \
          .source = "Broadcom BCM57710 driver (illumos-gate bnxe)",                              \
          LAB_AT (TcpConfig, doubt_retransmissions) },                                           \
        { .name = "sws_prevention",                                                              \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "1000 ticks",                                                              \
          .help = "how long a small segment may wait for more",                                  \
          .source = "Broadcom BCM57710 driver (illumos-gate bnxe)",                              \
          LAB_AT (TcpConfig, sws_prevention_ticks) },                                            \
        { .name = "duplicate_ack_threshold",                                                     \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = "3",                                                                       \
          .help = "duplicate ACKs that start fast retransmit",                                   \
          .source = "RFC 5681 3.2",                                                              \
          LAB_AT (TcpConfig, duplicate_ack_threshold) },                                         \
        { .name = "rto_initial",                                                                 \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = rto_initial,                                                               \
          .help = "retransmission timeout before the first round-trip sample",                   \
          .source =                                                                              \
              "RFC 6298 2.1 (1 s); Windows before Server 2008 (3 s), Microsoft Learn cc938207",  \
          LAB_AT (TcpConfig, rto_initial_ticks) },                                               \
        { .name = "rto_min",                                                                     \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "300 ticks",                                                               \
          .help = "smallest retransmission timeout",                                             \
          .source = "Microsoft ndischimney reference; Windows defaults",                         \
          LAB_AT (TcpConfig, rto_min_ticks) },                                                   \
        { .name = "rto_max",                                                                     \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "60000 ticks",                                                             \
          .help = "largest retransmission timeout",                                              \
          .source = "RFC 6298 2.5",                                                              \
          LAB_AT (TcpConfig, rto_max_ticks) },                                                   \
        { .name = "fin_wait_2",                                                                  \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "120000 ticks",                                                            \
          .help = "how long a half-closed connection is kept",                                   \
          LAB_AT (TcpConfig, fin_wait_2_ticks) },                                                \
        { .name = "time_wait",                                                                   \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "120000 ticks",                                                            \
          .help = "how long TIME_WAIT lasts",                                                    \
          LAB_AT (TcpConfig, time_wait_ticks) },                                                 \
        { .name = "keepalive_timeout",                                                           \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "7200000 ticks",                                                           \
          .help = "silence before the first keepalive probe",                                    \
          .source = "RFC 1122 4.2.3.6",                                                          \
          LAB_AT (TcpConfig, keepalive_timeout_ticks) },                                         \
        { .name = "keepalive_interval",                                                          \
          LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),                                                  \
          .standard = "1000 ticks",                                                              \
          .help = "from one keepalive probe to the next",                                        \
          .source = "Windows default (unverified)",                                              \
          LAB_AT (TcpConfig, keepalive_interval_ticks) },                                        \
        { .name = "keepalive_probes",                                                            \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = "10",                                                                      \
          .help = "keepalive probes without an answer before the connection is given up",        \
          LAB_AT (TcpConfig, keepalive_probes) },                                                \
        { .name = "initial_window",                                                              \
          LAB_IN (LAB_COUNT, 1, 64),                                                             \
          .standard = initial_window,                                                            \
          .help = "initial congestion window in segments",                                       \
          .source = "RFC 5681 3.1: 2 to 4; RFC 6928: 10",                                        \
          LAB_AT (TcpConfig, initial_window_segments) },                                         \
        { .name = "ttl",                                                                         \
          LAB_IN (LAB_COUNT, 1, 255),                                                            \
          .standard = "128",                                                                     \
          .help = "time to live, or hop limit, of what this side sends",                         \
          LAB_AT (TcpConfig, ttl) },                                                             \
        { .name = "congestion",                                                                  \
          LAB_WORDS (congestion_words),                                                          \
          .standard = "newreno",                                                                 \
          .help = "congestion control",                                                          \
          LAB_AT (TcpConfig, congestion) },                                                      \
        { .name = "sack",                                                                        \
          .type = LAB_BOOLEAN,                                                                   \
          .standard = "true",                                                                    \
          .help = "understands selective acknowledgement",                                       \
          .source = "Microsoft ndischimney reference; Windows defaults",                         \
          LAB_AT (TcpConfig, supports_sack) },                                                   \
        { .name = "ecn",                                                                         \
          .type = LAB_BOOLEAN,                                                                   \
          .standard = "false",                                                                   \
          .help = "understands explicit congestion notification, RFC 3168",                      \
          LAB_AT (TcpConfig, supports_ecn) },                                                    \
        { .name = "limited_transmit",                                                            \
          .type = LAB_BOOLEAN,                                                                   \
          .standard = "true",                                                                    \
          .help = "limited transmit, RFC 3042",                                                  \
          LAB_AT (TcpConfig, limited_transmit) },                                                \
        { .name = "fast_convergence",                                                            \
          .type = LAB_BOOLEAN,                                                                   \
          .standard = "true",                                                                    \
          .help = "CUBIC makes room for other flows; to be off where a flow is alone",           \
          .source = "RFC 9438 4.7",                                                              \
          LAB_AT (TcpConfig, fast_convergence) },                                                \
        { .name = "timestamp_offset",                                                            \
          LAB_IN (LAB_TICKS, 0, UINT32_MAX),                                                     \
          .standard = "0 ticks",                                                                 \
          .help = "how far this side's timestamp clock is ahead",                                \
          LAB_AT (TcpConfig, timestamp_clock_offset) },                                          \
        { 0 },                                                                                   \
  }

const LabField lab_host_tcp_fields[] = TCP_FIELDS ("5", "3000 ticks", "2");
const LabField lab_target_tcp_fields[] = TCP_FIELDS ("6", "1000 ticks", "4");
const LabField lab_peer_tcp_fields[] = TCP_FIELDS ("15", "1000 ticks", "10");
