#include "models/host/config.h"

/* Ticks of a millisecond clock, as OID_TCP_CONNECTION_OFFLOAD_PARAMETERS has by default (A4.4). */
#define TICKS_PER_SECOND 1000

static TcpConfig
tcp_default (void)
{
  return (TcpConfig){
    .role = TCP_ROLE_HOST,
    .ticks_per_s = TICKS_PER_SECOND,
    .ack_frequency = 2,
    .delayed_ack_ticks = 200,
    .retransmissions_max = 5,
    .doubt_retransmissions = 3,
    .sws_prevention_ticks = 1000,
    .duplicate_ack_threshold = 3,
    .rto_initial_ticks = 3000,
    .rto_min_ticks = 300,
    .rto_max_ticks = 60000,
    .fin_wait_2_ticks = 120000,
    .time_wait_ticks = 120000,
    .keepalive_timeout_ticks = 7200000,
    .keepalive_interval_ticks = 1000,
    .keepalive_probes = 10,
    .initial_window_segments = 2,
    .ttl = 128,
    .congestion = TCP_CONGESTION_NEWRENO,
    .supports_sack = true,
    .limited_transmit = true,
    .fast_convergence = true,
  };
}

static NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS
parameters_default (void)
{
  return (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS){
    .Header = { .Type = NDIS_OBJECT_TYPE_DEFAULT,
                .Revision = NDIS_REVISION_1,
                .Size = sizeof (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS) },
    .Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3,
    .TicksPerSecond = TICKS_PER_SECOND,
    .TcpAckFrequency = 2,
    .TcpDelayedAckTicks = 200,
    .TcpMaximumRetransmissions = 5,
    .TcpDoubtReachabilityRetransmissions = 3,
    .TcpSwsPreventionTicks = 1000,
    .TcpDuplicateAckThreshold = 3,
    .TcpPushTicks = 500,
    .NceStaleTicks = 30000,
  };
}

HostConfig
host_config_default (void)
{
  return (HostConfig){
    .n_cpus = 4,
    .clock_hz = INT64_C (2400000000),
    .stateless = { .checksum = true, .rss = true },
    .tcp = tcp_default (),
    .chimney = true,
    .parameters = parameters_default (),
    .parameters_oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS,
    .offload = { .chooser = { .interval = { SIM_PS_PER_MS },
                              .after_bytes = 64 * 1024,
                              .active_bytes = 4 * 1024,
                              .back_off = { 10 * SIM_PS_PER_MS },
                              .back_off_max = { SIM_PS_PER_S } },
                 .max_outstanding_initiates = 16,
                 .batch = { .size = 64, .tree = HOST_TREE_BY_PATH },
                 .offload_again = false },
    .receive = { .style = HOST_RECEIVE_PRE_POST,
                 .posted_requests = 2,
                 .request_bytes = 16384,
                 .push = true,
                 .accept_indications = true },
    .send = { .backlog_bytes = 131072, .nagle = true },
    .keepalive = { .KaTimeout = 7200000, .KaInterval = 1000, .KaProbeCount = 10 },
    .nud = { .reachable = sim_ms (30000),
             .delay_first_probe = sim_ms (5000),
             .retransmit = sim_ms (1000),
             .unicast_probes = 3,
             .multicast_probes = 3 },
    .TtlOrHopLimit = 128,
  };
}
