/* target: engines, tables, cache, bus, interrupts, costs, and the readings of the documents. */
#include "lab/scenario_fields.h"

#include "models/target/config.h"

#define BYTES_MAX INT64_C (4294967295)

static const LabField engine_fields[] = {
  { .name = "count",
    LAB_IN (LAB_COUNT, 1, 64),
    .standard = "2",
    .help = "protocol engines",
    LAB_AT (TargetEngines, count) },
  { .name = "clock",
    LAB_IN (LAB_FREQUENCY, 1000000, INT64_C (10000000000)),
    .standard = "350 MHz",
    .help = "their clock",
    LAB_AT (TargetEngines, clock) },
  { 0 },
};

#define DIMENSION_ENGINE_CYCLES LAB_CYCLES
#define DIMENSION_HOST_CYCLES LAB_CYCLES
#define DIMENSION_PS LAB_TIME
#define UNIT_ENGINE_CYCLES " cycles"
#define UNIT_HOST_CYCLES " cycles"
#define UNIT_PS " ps"
#define MAX_ENGINE_CYCLES LAB_COST_CYCLES_MAX
#define MAX_HOST_CYCLES LAB_COST_CYCLES_MAX
#define MAX_PS LAB_TIME_PS_MAX
#define HELP_ENGINE_CYCLES "cost on a protocol engine"
#define HELP_HOST_CYCLES "cost on the processor that runs the miniport"
#define HELP_PS "how long it takes"

/* The costs of power changes have a section of their own; an empty row ends the one before it. */
#define IS_POWER(id) (TARGET_COST_##id >= TARGET_COST_D0_TO_D3)
static const LabField cost_fields[TARGET_N_COSTS + 2] = {
#define COST(id, name_, unit, value, source_)                                           \
  [TARGET_COST_##id + IS_POWER (id)] = { .name = name_,                                 \
                                         LAB_DIST_IN (DIMENSION_##unit, 0, MAX_##unit), \
                                         .standard = #value UNIT_##unit,                \
                                         .help = HELP_##unit,                           \
                                         .source = source_,                             \
                                         LAB_AT (TargetConfig, cost[TARGET_COST_##id]) },
#include "models/target/costs.def"
#undef COST
};
G_STATIC_ASSERT (TARGET_COST_RESET == TARGET_N_COSTS - 1);
G_STATIC_ASSERT (TARGET_COST_D0_TO_D3 == TARGET_N_COSTS - 7);
#define POWER_FIELDS (&cost_fields[TARGET_COST_D0_TO_D3 + 1])

#define TABLE(name_, member, min_, max_, standard_, help_, source_)                      \
  {                                                                                      \
    .name = name_, LAB_IN (LAB_COUNT, min_, max_), .standard = standard_, .help = help_, \
    .source = source_, LAB_AT (TargetTables, member)                                     \
  }
static const LabField table_fields[] = {
  TABLE ("neighbor", neighbors, 1, 1048576, "64", "neighbor objects", NULL),
  TABLE ("path", paths, 1, 1048576, "256", "path objects", NULL),
  TABLE ("tcp", tcp, 1, 1048576, "1024", "offloaded connections, as the miniport reports them",
         "NetXtreme II: at most 1,024 (Allied Telesis AT-2973 guide; illumos-gate bnx)"),
  TABLE ("vlan", vlans, 1, TARGET_VLANS_MAX, "16", "VLAN ids of offloaded neighbors", NULL),
  TABLE ("mac", mac_addresses, 0, 1024, "8", "source MAC addresses beyond the adapter's own", NULL),
  TABLE ("ip", ip_addresses, 1, 65536, "64", "local IP addresses", NULL),
  { 0 },
};
#undef TABLE

static const LabField limit_fields[] = {
  { .name = "receive_window",
    LAB_IN (LAB_BYTES, 1, 1073741824),
    .standard = "1 MiB",
    .help = "largest InitialRcvWnd that is taken",
    .source = "BCM57710 (illumos-gate bnxe)",
    LAB_AT (TargetLimits, receive_window_bytes_max) },
  { .name = "path_mtu",
    LAB_IN (LAB_BYTES, 68, 65535),
    .standard = "9000 B",
    .help = "largest PathMtu that is taken",
    LAB_AT (TargetLimits, path_mtu_bytes_max) },
  { .name = "receive_buffer",
    LAB_IN (LAB_BYTES, 0, BYTES_MAX),
    .standard = "128 MiB",
    .help = "on-board memory for data that no receive is posted for",
    LAB_AT (TargetLimits, receive_buffer_bytes) },
  { .name = "transmit_descriptors",
    LAB_IN (LAB_COUNT, 1, UINT32_MAX),
    .standard = "32768",
    .help = "buffer lists in all send queues that an initiate may bring",
    LAB_AT (TargetLimits, transmit_descriptors) },
  { .name = "initiates_outstanding",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "16",
    .help = "trees the firmware works on at once",
    .source = "pending offload requests of a BCM5708 (illumos-gate bnx)",
    LAB_AT (TargetLimits, initiates_outstanding_max) },
  { .name = "reject_every",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "refuses every n-th connection as unsuitable; 0: none",
    LAB_AT (TargetLimits, connections_rejected_of) },
  { .name = "fail_allocation_every",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "every n-th allocation of host memory for an initiate fails; 0: none",
    LAB_AT (TargetLimits, allocations_failing_of) },
  { 0 },
};

static const LabWord memory_words[] = {
  { "on_board", "contexts are in the NIC's memory", TARGET_CONTEXT_ON_BOARD, false, NULL },
  { "in_host", "a miss is a DMA read besides", TARGET_CONTEXT_IN_HOST, false, NULL },
  { 0 },
};

static const LabField cache_fields[] = {
  { .name = "entries",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "1024",
    .help = "connections the cache before the engines holds; 0: each lookup is a miss",
    LAB_AT (TargetCache, entries) },
  { .name = "context",
    LAB_IN (LAB_BYTES, 1, 65536),
    .standard = "616 B",
    .help = "size of one connection's context",
    .source = "BCM5706/5708 (illumos-gate bnx)",
    LAB_AT (TargetCache, context_bytes) },
  { .name = "memory",
    LAB_WORDS (memory_words),
    .standard = "on_board",
    .help = "where contexts are that are not in the cache",
    LAB_AT (TargetCache, memory) },
  { 0 },
};

static const LabField bus_fields[] = {
  { .name = "read_rate",
    LAB_IN (LAB_RATE, 1000000, INT64_C (1000000000000)),
    .standard = "26.6 Gbit/s",
    .help = "host memory to NIC",
    .source = "PCIe gen2 x8, MPS 256, reads of 256 B: model of Neugebauer et al., SIGCOMM 2018",
    LAB_AT (TargetBus, read_bits_per_s) },
  { .name = "write_rate",
    LAB_IN (LAB_RATE, 1000000, INT64_C (1000000000000)),
    .standard = "26.22 Gbit/s",
    .help = "NIC to host memory",
    .source = "PCIe gen2 x8, MPS 256, writes of 256 B: model of Neugebauer et al., SIGCOMM 2018",
    LAB_AT (TargetBus, write_bits_per_s) },
  { .name = "read_tags",
    LAB_IN (LAB_COUNT, 1, 64),
    .standard = "32",
    .help = "reads outstanding at once",
    LAB_AT (TargetBus, read_tags) },
  { .name = "write_slots",
    LAB_IN (LAB_COUNT, 1, 64),
    .standard = "32",
    .help = "writes under way at once",
    LAB_AT (TargetBus, write_slots) },
  { 0 },
};

static const LabField interrupt_fields[] = {
  { .name = "vectors",
    LAB_IN (LAB_COUNT, 1, TARGET_VECTORS_MAX),
    .standard = "4",
    .help = "MSI-X vectors",
    LAB_AT (TargetInterrupts, vectors) },
  { .name = "completions",
    LAB_IN (LAB_COUNT, 1, 65536),
    .standard = "16",
    .help = "completions that interrupt at once; 1: no moderation",
    .source = "12 frames in Linux bnx2, rounded up",
    LAB_AT (TargetInterrupts, completions_max) },
  { .name = "delay",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "18 us",
    .help = "and how long fewer of them wait",
    .source = "Linux bnx2",
    LAB_AT (TargetInterrupts, delay_max) },
  { 0 },
};

static const LabField stateless_fields[] = {
  { .name = "checksum",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "makes and checks checksums of ordinary frames",
    LAB_AT (TargetStateless, checksum) },
  { .name = "large_send",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "cuts large sends into frames",
    LAB_AT (TargetStateless, lso) },
  { .name = "large_send_max",
    LAB_IN (LAB_BYTES, 1, 262144),
    .standard = "64 KiB",
    .help = "payload of one large send",
    LAB_AT (TargetStateless, lso_bytes_max) },
  { .name = "rss",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "spreads frames over its vectors by hash, if the host uses RSS",
    LAB_AT (TargetStateless, rss) },
  { 0 },
};

#define FEATURE(name_, member, standard_, help_)                              \
  {                                                                           \
    .name = name_, .type = LAB_BOOLEAN, .standard = standard_, .help = help_, \
    LAB_AT (TargetFeatures, member)                                           \
  }
static const LabField feature_fields[] = {
  FEATURE ("chimney", chimney, "true", "registers as an offload target; false: a plain NIC"),
  FEATURE ("ipv4", ipv4, "true", "offloads connections over IPv4"),
  FEATURE ("ipv6", ipv6, "true", "offloads connections over IPv6"),
  FEATURE ("sack", sack, "true", "understands selective acknowledgement"),
  FEATURE ("vlan", vlan, "true", "inserts and strips VLAN tags"),
  FEATURE ("send_backlog", send_backlog, "false", "indicates TcpIndicateSendBacklogChange"),
  FEATURE ("receive_backlog", receive_backlog, "true", "reports ReceiveBacklogSize"),
  { .name = "stateless",
    LAB_STANDING (stateless_fields),
    .help = "what it does for ordinary frames",
    LAB_AT (TargetFeatures, stateless) },
  { 0 },
};
#undef FEATURE

static const LabField backlog_fields[] = {
  { .name = "interval",
    LAB_IN (LAB_TIME, SIM_PS_PER_MS, 10 * SIM_PS_PER_S),
    .standard = "10 ms",
    .help = "time between two indications of one connection, at least",
    LAB_AT (TargetBacklog, interval_min) },
  { .name = "change_percent",
    LAB_IN (LAB_COUNT, 10, 100),
    .standard = "25",
    .help = "how far the figure must be off the one last told, in percent of that",
    LAB_AT (TargetBacklog, change_percent) },
  { 0 },
};

static const LabField upload_fields[] = {
  { .name = "fragments",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "HighFragmentation: fragments seen; 0: never",
    LAB_AT (TargetUploads, fragments_max) },
  { .name = "out_of_order",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "HighOutOfOrderPackets: segments out of order since the offload; 0: never",
    LAB_AT (TargetUploads, out_of_order_max) },
  { .name = "retransmissions",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "HighDropRate: retransmission timeouts since the offload; 0: never",
    LAB_AT (TargetUploads, retransmissions_max) },
  { .name = "unposted",
    LAB_IN (LAB_BYTES, 0, BYTES_MAX),
    .standard = "0 B",
    .help = "NoBufferPreposting: bytes indicated since a receive was last posted; 0 B: never",
    LAB_AT (TargetUploads, unposted_bytes_max) },
  { .name = "small_io_count",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "SmallIO: posts in a row of less than small_io; 0: never",
    LAB_AT (TargetUploads, small_io_count) },
  { .name = "small_io",
    LAB_IN (LAB_BYTES, 0, BYTES_MAX),
    .standard = "0 B",
    .help = "SmallIO: what counts as small",
    LAB_AT (TargetUploads, small_io_bytes) },
  { .name = "low_activity",
    LAB_IN (LAB_TICKS, 0, LAB_TICKS_MAX),
    .standard = "0 ticks",
    .help = "LowActivity: how long without a segment; 0 ticks: never",
    LAB_AT (TargetUploads, low_activity_ticks) },
  { 0 },
};

static const LabWord invalidate_words[] = {
  { "stop", "sending on what depends on it stops at once", TARGET_INVALIDATE_STOPS, false, NULL },
  { "continue", "sending goes on until terminate", TARGET_INVALIDATE_CONTINUES, false, NULL },
  { 0 },
};
static const LabWord pause_words[] = {
  { "queue", "it waits until the resume, or until everything is called back", TARGET_PAUSE_QUEUES,
    false, NULL },
  { "process", "it is taken in like any other", TARGET_PAUSE_PROCESSES, false, NULL },
  { 0 },
};
static const LabWord node_failure_words[] = {
  { "continue", "with the next sibling", TARGET_FAILURE_CONTINUES, false, NULL },
  { "stop", "leave the rest of the tree", TARGET_FAILURE_STOPS, false, NULL },
  { 0 },
};
static const LabWord reset_words[] = {
  { "loses_state", "contexts are on board: HardwareFailure for each connection",
    TARGET_RESET_LOSES_STATE, false, NULL },
  { "keeps_state", "the driver restores them from host memory", TARGET_RESET_KEEPS_STATE, false,
    NULL },
  { 0 },
};
static const LabWord corruption_words[] = {
  { "pass_up", "indicate it as an ordinary frame", TARGET_CORRUPTION_PASSES_UP, false, NULL },
  { "count", "drop it and count it, if an object is offloaded that it can be of",
    TARGET_CORRUPTION_COUNTS, false, NULL },
  { 0 },
};
static const LabWord syn_words[] = {
  { "upload", "give the connection back", TARGET_SYN_UPLOADS, false, NULL },
  { "challenge_ack", "send a challenge ACK", TARGET_SYN_CHALLENGES, false, NULL },
  { 0 },
};

static const LabWord receive_words[] = {
  { "pipelined", "place on while a completion is on its way up", TARGET_RECEIVES_PIPELINED, false,
    NULL },
  { "strict", "wait until the completion call has returned, as the charts draw it",
    TARGET_RECEIVES_STRICT, false, NULL },
  { 0 },
};

static const LabWord defect_words[] = {
#define DEFECT(id, name_, rule, text) { name_, text, TARGET_DEFECT_##id, false, NULL },
#include "models/target/defects.def"
#undef DEFECT
  { 0 },
};
static const LabField defect_element[] = {
  { .name = "defect", LAB_WORDS (defect_words), .help = "a documented wrong behaviour" },
  { 0 },
};
static const LabField vlan_element[] = {
  { .name = "vlan", LAB_IN (LAB_COUNT, 1, 4094), .help = "a VLAN id" },
  { 0 },
};

const LabField lab_target_fields[] = {
  { .name = "engine",
    LAB_STANDING (engine_fields),
    .help = "the protocol engines; each takes one job at a time",
    LAB_AT (TargetConfig, engines) },
  { .name = "costs", LAB_STANDING (cost_fields), .help = "what the target's work costs" },
  { .name = "power",
    LAB_STANDING (POWER_FIELDS),
    .help = "how long changes of the device power state take" },
  { .name = "tables",
    LAB_STANDING (table_fields),
    .help = "how many of each the NIC can hold",
    LAB_AT (TargetConfig, tables) },
  { .name = "limits",
    LAB_STANDING (limit_fields),
    .help = "what it takes of a single offload",
    LAB_AT (TargetConfig, limits) },
  { .name = "cache",
    LAB_STANDING (cache_fields),
    .help = "the connection cache",
    LAB_AT (TargetConfig, cache) },
  { .name = "bus", LAB_STANDING (bus_fields), .help = "DMA", LAB_AT (TargetConfig, bus) },
  { .name = "interrupts",
    LAB_STANDING (interrupt_fields),
    .help = "vectors and moderation",
    LAB_AT (TargetConfig, interrupts) },
  { .name = "mailbox",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "1024",
    .help = "commands and posts between doorbell and engine; more wait in the miniport",
    LAB_AT (TargetConfig, mailbox.commands_max) },
  { .name = "features",
    LAB_STANDING (feature_fields),
    .help = "what it can do",
    LAB_AT (TargetConfig, features) },
  { .name = "uploads",
    LAB_STANDING (upload_fields),
    .help = "when it asks for the upload of a connection on its own",
    LAB_AT (TargetConfig, uploads) },
  { .name = "backlog",
    LAB_STANDING (backlog_fields),
    .help = "when it tells a change of the preferred send backlog, with features.send_backlog",
    LAB_AT (TargetConfig, backlog) },
  { .name = "on_invalidate",
    LAB_WORDS (invalidate_words),
    .standard = "stop",
    .help = "what an invalidated object means for sending",
    .source = "decision 2",
    LAB_AT (TargetConfig, knobs.on_invalidate) },
  { .name = "on_pause",
    LAB_WORDS (pause_words),
    .standard = "queue",
    .help = "what becomes of an initiate that comes after NDIS_STATUS_OFFLOAD_PAUSE",
    .source = "rule STS-03",
    LAB_AT (TargetConfig, knobs.on_pause) },
  { .name = "on_node_failure",
    LAB_WORDS (node_failure_words),
    .standard = "continue",
    .help = "after a node of an initiate failed that is not the root",
    .source = "decision 5",
    LAB_AT (TargetConfig, knobs.on_node_failure) },
  { .name = "on_reset",
    LAB_WORDS (reset_words),
    .standard = "loses_state",
    .help = "what a reset of the adapter does to what is offloaded",
    LAB_AT (TargetConfig, knobs.on_reset) },
  { .name = "on_corruption",
    LAB_WORDS (corruption_words),
    .standard = "pass_up",
    .help = "what happens to a segment with a broken IP header or a wrong checksum",
    .source = "STAT-09, STAT-10",
    LAB_AT (TargetConfig, knobs.on_corruption) },
  { .name = "syn_at_rcv_nxt",
    LAB_WORDS (syn_words),
    .standard = "upload",
    .help = "a SYN with exactly the next sequence number",
    .source = "decision 25",
    LAB_AT (TargetConfig, knobs.syn_at_rcv_nxt) },
  { .name = "receive_completions",
    LAB_WORDS (receive_words),
    .standard = "pipelined",
    .help = "what the NIC does between a receive completion and its return",
    LAB_AT (TargetConfig, knobs.receive_completions) },
  { .name = "receive_fifo",
    LAB_IN (LAB_BYTES, 2048, BYTES_MAX),
    .standard = "128 KiB",
    .help = "frames waiting for an engine; beyond it they are dropped",
    LAB_AT (TargetConfig, mac_receive_buffer_bytes) },
  { .name = "transmit_fifo",
    LAB_IN (LAB_BYTES, 2048, BYTES_MAX),
    .standard = "64 KiB",
    .help = "frames waiting for the wire",
    LAB_AT (TargetConfig, mac_transmit_buffer_bytes) },
  { .name = "ticks_before_wrap",
    LAB_IN (LAB_TICKS, 0, UINT32_MAX),
    .standard = "0 ticks",
    .help = "how far below its wrap the tick counter starts that dates next hops' reachability; 0: "
            "at 0",
    .source = "rule NUD-02",
    LAB_AT (TargetConfig, ticks_before_wrap) },
  { .name = "statistics_before_wrap",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .standard = "0",
    .help = "how far below their wrap the counters of the statistics OIDs start; 0: at 0",
    LAB_AT (TargetConfig, statistics_before_wrap) },
  { .name = "vlans",
    .type = LAB_LIST,
    .fields = vlan_element,
    .standard = "[]",
    .help = "VLANs configured for the interface",
    LAB_ARRAY_AT (TargetConfig, vlan_ids, n_vlan_ids) },
  { .name = "tcp",
    LAB_STANDING (lab_target_tcp_fields),
    .help = "the target's TCP, until OID_TCP_CONNECTION_OFFLOAD_PARAMETERS says otherwise",
    LAB_AT (TargetConfig, tcp) },
  { .name = "push",
    LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX),
    .standard = "500 ticks",
    .help = "TcpPushTicks, likewise",
    LAB_AT (TargetConfig, push_ticks) },
  { .name = "nce_stale",
    LAB_IN (LAB_TICKS, 0, LAB_TICKS_MAX),
    .standard = "30000 ticks",
    .help = "NceStaleTicks, likewise; 0 ticks: no reachability queries",
    LAB_AT (TargetConfig, nce_stale_ticks) },
  { .name = "defects",
    .type = LAB_LIST,
    .fields = defect_element,
    .standard = "[]",
    .help = "wrong behaviours switched on from the start",
    LAB_AT (TargetConfig, defects) },
  { 0 },
};
