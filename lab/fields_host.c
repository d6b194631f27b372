/* host: processors, costs, the host's own TCP, the offload manager and the applications' habits. */
#include "lab/scenario_fields.h"

#include "models/host/config.h"

static const LabField processor_fields[] = {
  { .name = "count",
    LAB_IN (LAB_COUNT, 1, HOST_CPUS_MAX),
    .standard = "4",
    .help = "processors",
    .source = "a four-processor server of the chimney's years (assumption)",
    LAB_AT (HostConfig, n_cpus) },
  { .name = "clock",
    LAB_IN (LAB_FREQUENCY, 1000000, INT64_C (10000000000)),
    .standard = "2.4 GHz",
    .help = "their clock",
    .source = "a four-processor server of the chimney's years (assumption)",
    LAB_AT (HostConfig, clock_hz) },
  { 0 },
};

#define COST_DIMENSION_CALL LAB_CYCLES
#define COST_DIMENSION_PACKET LAB_CYCLES
#define COST_DIMENSION_NODE LAB_CYCLES
#define COST_DIMENSION_CONNECTION LAB_CYCLES
#define COST_DIMENSION_KIB LAB_UNIT_COST
#define COST_UNIT_CALL " cycles"
#define COST_UNIT_PACKET " cycles"
#define COST_UNIT_NODE " cycles"
#define COST_UNIT_CONNECTION " cycles"
#define COST_UNIT_KIB " cycles/KiB"
#define COST_HELP_CALL "cost of each call, event or piece of work"
#define COST_HELP_PACKET "cost of each frame or segment"
#define COST_HELP_NODE "cost of each node of a state tree"
#define COST_HELP_CONNECTION "cost of each connection moved"
#define COST_HELP_KIB "cost of the bytes"

static const LabField cost_fields[] = {
#define COST(id, name_, cycles, per, source_)                   \
  { .name = name_,                                              \
    LAB_DIST_IN (COST_DIMENSION_##per, 0, LAB_COST_CYCLES_MAX), \
    .standard = #cycles COST_UNIT_##per,                        \
    .help = COST_HELP_##per,                                    \
    .source = source_,                                          \
    LAB_AT (HostConfig, cost[HOST_COST_##id]) },
#include "models/host/costs.def"
#undef COST
  { 0 },
};

static const LabField stateless_fields[] = {
  { .name = "checksum",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "the NIC makes and checks checksums",
    LAB_AT (HostStateless, checksum) },
  { .name = "large_send",
    LAB_IN (LAB_BYTES, 0, 262144),
    .standard = "0 B",
    .help = "payload handed down as one segment at most; 0 B: large send offload is off",
    LAB_AT (HostStateless, lso_bytes) },
  { .name = "coalesce",
    LAB_IN (LAB_COUNT, 0, 64),
    .standard = "0",
    .help = "received segments processed as one; 0: receive coalescing is off",
    LAB_AT (HostStateless, coalesce_packets) },
  { .name = "rss",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "connections, and the frames that the NIC receives, are spread over the processors",
    LAB_AT (HostStateless, rss) },
  { 0 },
};

static const LabWord tick_words[] = {
  { "10", "a tick is 100 ms", 10, false, NULL },
  { "100", "a tick is 10 ms", 100, false, NULL },
  { "1000", "a tick is 1 ms", 1000, false, NULL },
  { 0 },
};

/* Under their documented names. */
#define PARAMETER(name_, dimension, min_, max_, standard_, help_)                               \
  {                                                                                             \
    .name = #name_, LAB_IN (dimension, min_, max_), .standard = standard_, .help = help_,       \
    .source = "NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS; values of the Broadcom BCM57710 driver " \
              "(illumos-gate bnxe)",                                                            \
    LAB_AT (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, name_)                                      \
  }
static const LabField parameter_fields[] = {
  { .name = "TicksPerSecond",
    LAB_WORDS (tick_words),
    .standard = "1000",
    .help = "granularity of the target's TCP clock",
    .source = "Microsoft ndischimney reference; Windows defaults",
    LAB_AT (NDIS_TCP_CONNECTION_OFFLOAD_PARAMETERS, TicksPerSecond) },
  PARAMETER (TcpAckFrequency, LAB_COUNT, 1, 255, "2", "segments that one ACK may acknowledge"),
  PARAMETER (TcpDelayedAckTicks, LAB_TICKS, 0, LAB_TICKS_MAX, "200 ticks",
             "how long an ACK may be withheld"),
  PARAMETER (TcpMaximumRetransmissions, LAB_COUNT, 1, 255, "5",
             "retransmissions before the target gives a connection back"),
  PARAMETER (TcpDoubtReachabilityRetransmissions, LAB_COUNT, 1, 255, "3",
             "retransmissions before reachability is in doubt"),
  PARAMETER (TcpSwsPreventionTicks, LAB_TICKS, 1, LAB_TICKS_MAX, "1000 ticks",
             "how long a small segment may wait for more"),
  PARAMETER (TcpDuplicateAckThreshold, LAB_COUNT, 1, 255, "3",
             "duplicate ACKs that start fast retransmit"),
  PARAMETER (TcpPushTicks, LAB_TICKS, 1, LAB_TICKS_MAX, "500 ticks",
             "how long a partly filled push-mode request is kept"),
  PARAMETER (NceStaleTicks, LAB_TICKS, 0, LAB_TICKS_MAX, "30000 ticks",
             "age at which a neighbor's reachability is asked for; 0 ticks: never"),
  { 0 },
};
#undef PARAMETER

static const LabWord tree_words[] = {
  { "by_path", "a tree for each path", HOST_TREE_BY_PATH, false, NULL },
  { "by_neighbor", "a tree for each neighbor, with all its paths", HOST_TREE_BY_NEIGHBOR, false,
    NULL },
  { "one", "one tree a batch", HOST_TREE_ONE, false, NULL },
  { "flat", "a tree for each connection", HOST_TREE_FLAT, false, NULL },
  { 0 },
};

const LabField lab_batch_fields[] = {
  { .name = "size",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "64",
    .help = "connections in a batch; 0: all in one",
    LAB_AT (HostBatch, size) },
  { .name = "gap",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "from the start of one batch to the start of the next",
    LAB_AT (HostBatch, gap) },
  { .name = "tree",
    LAB_WORDS (tree_words),
    .standard = "by_path",
    .help = "which connections share a state tree",
    LAB_AT (HostBatch, tree) },
  { 0 },
};

static const LabWord optional_words[] = {
  { "upload", "do as the target asks", HOST_OPTIONAL_UPLOAD, false, NULL },
  { "ignore", "leave the connection where it is", HOST_OPTIONAL_IGNORE, false, NULL },
  { 0 },
};

static const LabWord choice_words[] = {
  { "timeline", "none: events of the timeline decide", HOST_CHOOSES_NONE, false, NULL },
  { "all_at_once", "every connection, as soon as there is room", HOST_CHOOSES_ALL, false, NULL },
  { "by_bytes", "those that have moved after_bytes through the host, most first",
    HOST_CHOOSES_BYTES, false, NULL },
  { "by_activity", "those that move active_bytes in an interval, most first", HOST_CHOOSES_ACTIVITY,
    false, NULL },
  { "each_once", "each established connection, once, as soon as it has moved after_bytes",
    HOST_CHOOSES_EACH, false, NULL },
  { 0 },
};
static const LabWord evict_words[] = {
  { "none", "who is offloaded stays", HOST_EVICTS_NONE, false, NULL },
  { "lru", "who has rested longest goes, for others that move", HOST_EVICTS_LRU, false, NULL },
  { 0 },
};

static const LabField offload_fields[] = {
  { .name = "policy",
    LAB_WORDS (choice_words),
    .standard = "timeline",
    .help = "which connections the host offloads of its own accord",
    LAB_AT (HostOffloadPolicy, chooser.choice) },
  { .name = "interval",
    LAB_IN (LAB_TIME, 1, LAB_TIME_PS_MAX),
    .standard = "1 ms",
    .help = "from one look of the policy at the connections to the next",
    LAB_AT (HostOffloadPolicy, chooser.interval) },
  { .name = "after_bytes",
    LAB_IN (LAB_BYTES, 0, INT64_C (1) << 50),
    .standard = "64 KiB",
    .help = "by_bytes, each_once: what a connection moves through the host first, both ways",
    LAB_AT (HostOffloadPolicy, chooser.after_bytes) },
  { .name = "active_bytes",
    LAB_IN (LAB_BYTES, 1, INT64_C (1) << 50),
    .standard = "4 KiB",
    .help = "by_activity: what it moves in an interval, both ways",
    LAB_AT (HostOffloadPolicy, chooser.active_bytes) },
  { .name = "evict",
    LAB_WORDS (evict_words),
    .standard = "none",
    .help = "who makes room when the target's table is full",
    LAB_AT (HostOffloadPolicy, chooser.eviction) },
  { .name = "idle_upload",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "an offloaded connection that rests so long is uploaded; 0: never",
    LAB_AT (HostOffloadPolicy, chooser.idle_max) },
  { .name = "back_off",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "10 ms",
    .help = "before the policy offers a connection again that came back or was refused; it doubles",
    LAB_AT (HostOffloadPolicy, chooser.back_off) },
  { .name = "back_off_max",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "1 s",
    .help = "the longest it doubles to",
    LAB_AT (HostOffloadPolicy, chooser.back_off_max) },
  { .name = "max_outstanding_initiates",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "16",
    .help = "trees being initiated at once; 0: no limit",
    .source = "pending offload requests of a BCM5708 (illumos-gate bnx)",
    LAB_AT (HostOffloadPolicy, max_outstanding_initiates) },
  { .name = "max_outstanding_terminates",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "0",
    .help = "trees being terminated at once; 0: no limit",
    LAB_AT (HostOffloadPolicy, max_outstanding_terminates) },
  { .name = "batch",
    LAB_STANDING (lab_batch_fields),
    .help = "how offload and upload cut up many connections, where an event does not say",
    LAB_AT (HostOffloadPolicy, batch) },
  { .name = "optional_reasons",
    LAB_WORDS (optional_words),
    .standard = "upload",
    .help = "what to do when the target asks for an upload that is the host's to decide",
    LAB_AT (HostOffloadPolicy, optional_reasons) },
  { .name = "offload_again",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "offload again what an upload-all or a power change took away",
    LAB_AT (HostOffloadPolicy, offload_again) },
  { .name = "retry_delay",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "before a connection is initiated again that failed",
    LAB_AT (HostOffloadPolicy, retry_delay) },
  { .name = "retries_max",
    LAB_IN (LAB_COUNT, 0, 1000),
    .standard = "0",
    .help = "how often that is tried for each connection and event; 0: never",
    LAB_AT (HostOffloadPolicy, retries_max) },
  { 0 },
};

static const LabWord receive_words[] = {
  { "pre_post", "requests are always posted", HOST_RECEIVE_PRE_POST, false, NULL },
  { "indicate_and_post", "nothing is posted until data has been indicated",
    HOST_RECEIVE_INDICATE_AND_POST, false, NULL },
  { 0 },
};

/* The rows of the host have defaults, those of a group do not. */
/* clang-format off */
#define RECEIVE_ROWS(STANDARD)                                                          \
  { .name = "style",                                                                    \
    LAB_WORDS (receive_words),                                                          \
    .standard = STANDARD ("pre_post"),                                                  \
    .help = "how applications wait for data",                                           \
    LAB_AT (HostReceivePolicy, style) },                                                \
  { .name = "posted_requests",                                                          \
    LAB_IN (LAB_COUNT, 1, HOST_POSTED_RECEIVES_MAX),                                    \
    .standard = STANDARD ("2"),                                                         \
    .help = "requests kept posted (pre_post)",                                          \
    LAB_AT (HostReceivePolicy, posted_requests) },                                      \
  { .name = "request",                                                                  \
    LAB_IN (LAB_BYTES, 1, 16777216),                                                    \
    .standard = STANDARD ("16 KiB"),                                                    \
    .help = "memory of each receive request",                                           \
    LAB_AT (HostReceivePolicy, request_bytes) },                                        \
  { .name = "push",                                                                     \
    .type = LAB_BOOLEAN,                                                                \
    .standard = STANDARD ("true"),                                                      \
    .help = "a PSH or the push timer completes a partly filled request",                \
    LAB_AT (HostReceivePolicy, push) },                                                 \
  { .name = "prefilled",                                                                \
    .type = LAB_BOOLEAN,                                                                \
    .standard = STANDARD ("false"),                                                     \
    .help = "with push: false: applications read whole requests, and one that the host" \
            " has begun to fill goes to the target as it is",                           \
    LAB_AT (HostReceivePolicy, prefilled) },                                            \
  { .name = "zero_length",                                                              \
    .type = LAB_BOOLEAN,                                                                \
    .standard = STANDARD ("false"),                                                     \
    .help = "indicate_and_post: refuse an indication, post a request of no bytes when"  \
            " ready, and take what is indicated then",                                  \
    LAB_AT (HostReceivePolicy, zero_length) },                                          \
  { .name = "accept_indications",                                                       \
    .type = LAB_BOOLEAN,                                                                \
    .standard = STANDARD ("true"),                                                      \
    .help = "take indicated data as it is; false: refuse it and post a request",        \
    LAB_AT (HostReceivePolicy, accept_indications) },                                   \
  { .name = "accept",                                                                   \
    LAB_IN (LAB_BYTES, 0, 16777216),                                                    \
    .standard = STANDARD ("0 B"),                                                       \
    .help = "how much of an indication is taken; 0 B: all",                             \
    LAB_AT (HostReceivePolicy, accept_bytes) },                                         \
  { .name = "RcvIndicationSize",                                                        \
    LAB_IN (LAB_BYTES, 0, 65536),                                                       \
    .standard = STANDARD ("0 B"),                                                       \
    .help = "how much data the target should gather before it indicates; 0 B: no wish", \
    .source = "the documents: typically tens to hundreds of bytes",                     \
    LAB_AT (HostReceivePolicy, RcvIndicationSize) }
#define STANDARD_OF_HOST(text) text
#define STANDARD_OF_GROUP(text) NULL
static const LabField receive_fields[] = {
  RECEIVE_ROWS (STANDARD_OF_HOST),
  { .name = "return_delay",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "before an accepted indication's buffer list is given back",
    LAB_AT (HostReceivePolicy, return_delay) },
  { 0 },
};
const LabField lab_group_receive_fields[] = {
  RECEIVE_ROWS (STANDARD_OF_GROUP),
  { 0 },
};
/* clang-format on */
#undef STANDARD_OF_HOST
#undef STANDARD_OF_GROUP
#undef RECEIVE_ROWS

static const LabField send_fields[] = {
  { .name = "backlog",
    LAB_IN (LAB_BYTES, 1, 1073741824),
    .standard = "128 KiB",
    .help = "outstanding bytes at which an application stops writing",
    LAB_AT (HostSendPolicy, backlog_bytes) },
  { .name = "nagle",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "small segments wait for an ACK, RFC 9293 3.7.4",
    LAB_AT (HostSendPolicy, nagle) },
  { .name = "with_disconnect",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "what is left when an application closes goes down with the disconnect request",
    LAB_AT (HostSendPolicy, with_disconnect) },
  { 0 },
};

static const LabField keepalive_fields[] = {
  { .name = "enabled",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "applications ask for keepalive",
    LAB_AT (HostKeepalive, enabled) },
  { .name = "KaTimeout",
    LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),
    .standard = "7200000 ticks",
    .help = "silence before the first probe",
    .source = "RFC 1122 4.2.3.6",
    LAB_AT (HostKeepalive, KaTimeout) },
  { .name = "KaInterval",
    LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),
    .standard = "1000 ticks",
    .help = "from one probe to the next",
    .source = "Windows default (unverified)",
    LAB_AT (HostKeepalive, KaInterval) },
  { .name = "KaProbeCount",
    LAB_IN (LAB_COUNT, 1, 255),
    .standard = "10",
    .help = "probes without an answer before the connection is given up",
    LAB_AT (HostKeepalive, KaProbeCount) },
  { .name = "MaxRT",
    LAB_IN (LAB_TICKS, 0, UINT32_MAX),
    .standard = "0 ticks",
    .help = "how long data may stay unacknowledged; 0 ticks: TcpMaximumRetransmissions decides",
    .source = "Microsoft ndischimney reference; Windows defaults",
    LAB_AT (HostKeepalive, MaxRT) },
  { 0 },
};

static const LabField nud_fields[] = {
  { .name = "reachable_time",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "30 s",
    .help = "how long a proof of reachability counts; 0 ps: for ever",
    .source = "RFC 4861 10, REACHABLE_TIME",
    LAB_AT (HostNud, reachable) },
  { .name = "delay_first_probe",
    LAB_IN (LAB_TIME, 1, LAB_TIME_PS_MAX),
    .standard = "5 s",
    .help = "from the first use of a stale entry to the first question",
    .source = "RFC 4861 10, DELAY_FIRST_PROBE_TIME",
    LAB_AT (HostNud, delay_first_probe) },
  { .name = "retransmit",
    LAB_IN (LAB_TIME, 1, LAB_TIME_PS_MAX),
    .standard = "1 s",
    .help = "from one question to the next",
    .source = "RFC 4861 10, RETRANS_TIMER",
    LAB_AT (HostNud, retransmit) },
  { .name = "unicast_probes",
    LAB_IN (LAB_COUNT, 1, 100),
    .standard = "3",
    .help = "questions to a next hop in doubt before it is given up",
    .source = "RFC 4861 10, MAX_UNICAST_SOLICIT",
    LAB_AT (HostNud, unicast_probes) },
  { .name = "multicast_probes",
    LAB_IN (LAB_COUNT, 1, 100),
    .standard = "3",
    .help = "questions to everybody for a next hop that is not known",
    .source = "RFC 4861 10, MAX_MULTICAST_SOLICIT",
    LAB_AT (HostNud, multicast_probes) },
  { 0 },
};

static const LabWord defect_words[] = {
#define DEFECT(id, name_, what, rules) { name_, what, HOST_DEFECT_##id, false, NULL },
#include "models/host/defects.def"
#undef DEFECT
  { 0 },
};
static const LabField defect_element[] = {
  { .name = "defect", LAB_WORDS (defect_words), .help = "a documented wrong behaviour" },
  { 0 },
};

static const LabWord oid_words[] = {
  { "OID_TCP_CONNECTION_OFFLOAD_PARAMETERS", "its name since NDIS 6.0",
    OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, false, NULL },
  { "OID_TCP_TASK_OFFLOAD", "the name in the guide to the chimney", OID_TCP_TASK_OFFLOAD, false,
    NULL },
  { 0 },
};

const LabField lab_host_fields[] = {
  { .name = "processors", LAB_STANDING (processor_fields), .help = "the host's processors" },
  { .name = "chimney",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "false: nothing is ever offloaded",
    LAB_AT (HostConfig, chimney) },
  { .name = "costs",
    LAB_STANDING (cost_fields),
    .help = "what the host's own work costs on its processors" },
  { .name = "stateless",
    LAB_STANDING (stateless_fields),
    .help = "stateless offloads of the ordinary path",
    LAB_AT (HostConfig, stateless) },
  { .name = "tcp",
    LAB_STANDING (lab_host_tcp_fields),
    .help = "the host's own TCP",
    LAB_AT (HostConfig, tcp) },
  { .name = "parameters",
    LAB_STANDING (parameter_fields),
    .help = "what OID_TCP_CONNECTION_OFFLOAD_PARAMETERS tells the target",
    LAB_AT (HostConfig, parameters) },
  { .name = "parameters_oid",
    LAB_WORDS (oid_words),
    .standard = "OID_TCP_CONNECTION_OFFLOAD_PARAMETERS",
    .help = "the OID by which they are set",
    .source = "decision 28",
    LAB_AT (HostConfig, parameters_oid) },
  { .name = "offload",
    LAB_STANDING (offload_fields),
    .help = "the offload manager",
    LAB_AT (HostConfig, offload) },
  { .name = "receive",
    LAB_STANDING (receive_fields),
    .help = "how applications receive from offloaded connections",
    LAB_AT (HostConfig, receive) },
  { .name = "send",
    LAB_STANDING (send_fields),
    .help = "how applications send",
    LAB_AT (HostConfig, send) },
  { .name = "keepalive",
    LAB_STANDING (keepalive_fields),
    .help = "keepalive as applications ask for it; becomes cached TCP state",
    LAB_AT (HostConfig, keepalive) },
  { .name = "neighbors",
    LAB_STANDING (nud_fields),
    .help = "neighbor unreachability detection, by ARP and by neighbor discovery",
    LAB_AT (HostConfig, nud) },
  { .name = "ttl",
    LAB_IN (LAB_COUNT, 1, 255),
    .standard = "128",
    .help = "TtlOrHopLimit of the cached path state",
    LAB_AT (HostConfig, TtlOrHopLimit) },
  { .name = "tos",
    LAB_IN (LAB_COUNT, 0, 255),
    .standard = "0",
    .help = "TosOrTrafficClass of the cached TCP state",
    LAB_AT (HostConfig, TosOrTrafficClass) },
  { .name = "user_priority",
    LAB_IN (LAB_COUNT, 0, 7),
    .standard = "0",
    .help = "UserPriority of the cached TCP state",
    LAB_AT (HostConfig, UserPriority) },
  { .name = "defects",
    .type = LAB_LIST,
    .fields = defect_element,
    .standard = "[]",
    .help = "wrong behaviours switched on from the start",
    LAB_AT (HostConfig, defects) },
  { 0 },
};
