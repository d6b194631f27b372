/* wire, peers and connections: what stands at the other side, and what is to be moved. */
#include "lab/scenario_fields.h"

#include "models/world/config.h"

#define BYTES_MAX INT64_C (1073741824)

/* What a network does to frames.  Patterns have no places: lab/impair.c reads them. */

#define CHANCE(name_, standard_, member, help_)                             \
  {                                                                         \
    .name = name_, .type = LAB_RATIO, .standard = standard_, .help = help_, \
    LAB_AT (WireImpairment, member)                                         \
  }
#define PATTERN(name_, help_)                      \
  {                                                \
    .name = name_, .type = LAB_TEXT, .help = help_ \
  }
G_STATIC_ASSERT (sizeof (WireChance) == sizeof (LabRatio));
G_STATIC_ASSERT (offsetof (WireChance, denominator) == offsetof (LabRatio, d));

static const LabField burst_fields[] = {
  CHANCE ("good_to_bad", "0/1", bursts.good_to_bad,
          "how likely each frame finds the channel turned bad"),
  CHANCE ("bad_to_good", "1/1", bursts.bad_to_good,
          "and turned good again; a burst has d/n frames"),
  CHANCE ("loss_in_bad", "1/1", bursts.loss_in_bad, "how likely a frame is lost while it is bad"),
  CHANCE ("loss_in_good", "0/1", bursts.loss_in_good, "and while it is good"),
  { 0 },
};
static const LabField reorder_fields[] = {
  PATTERN ("frames", "which frames"),
  CHANCE ("chance", "0/1", reordering.chance, "how likely each other frame"),
  { .name = "by",
    LAB_DIST_IN (LAB_TIME, 1, LAB_TIME_PS_MAX),
    .standard = "50 us",
    .help = "how much later than it would it arrives",
    LAB_AT (WireImpairment, reorder_by) },
  { 0 },
};
static const LabField duplicate_fields[] = {
  PATTERN ("frames", "which frames"),
  CHANCE ("chance", "0/1", duplication.chance, "how likely each other frame"),
  { 0 },
};
static const LabField corrupt_fields[] = {
  PATTERN ("frames", "which frames"),
  CHANCE ("chance", "0/1", corruption.chance, "how likely each other frame"),
  { 0 },
};
static const LabField red_fields[] = {
  { .name = "min",
    LAB_IN (LAB_BYTES, 0, INT64_C (4294967294)),
    .is_required = true,
    .help = "from this average queue on frames are marked or dropped, more the longer it is",
    LAB_AT (WireImpairment, red.min_bytes) },
  { .name = "max",
    LAB_IN (LAB_BYTES, 1, INT64_C (4294967295)),
    .is_required = true,
    .help = "and from this average queue on every one is",
    LAB_AT (WireImpairment, red.max_bytes) },
  { .name = "chance",
    .type = LAB_RATIO,
    .standard = "1/50",
    .help = "how likely a frame is marked or dropped as the average nears max",
    .source = "Floyd and Jacobson 1993, section 5",
    LAB_RATIO_AT (WireImpairment, red.chance_numerator) },
  { .name = "weight",
    .type = LAB_RATIO,
    .standard = "1/500",
    .help = "of what a frame finds, in the average",
    .source = "Floyd and Jacobson 1993, section 6: 0.002",
    LAB_RATIO_AT (WireImpairment, red.weight_numerator) },
  { .name = "ecn",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "frames of connections with ECN are marked and not dropped, RFC 3168",
    LAB_AT (WireImpairment, red.ecn) },
  { 0 },
};
static const LabWord counts_words[] = {
  { "frames", "every frame", 0, false, NULL },
  { "data", "frames with payload", 1, false, NULL },
  { 0 },
};
static const LabField direction_fields[] = {
  { .name = "counts",
    LAB_WORDS (counts_words),
    .standard = "frames",
    .help = "what the numbers in patterns count, from 1",
    LAB_AT (WireImpairment, counts_data) },
  PATTERN ("drop", "which frames are lost: 3rd, 7-9, every 100th, every 10th from 200 to 300"),
  CHANCE ("loss", "0/1", loss.chance, "how likely each other frame is lost"),
  { .name = "gilbert_elliott",
    .type = LAB_SECTION,
    .fields = burst_fields,
    .help = "losses in bursts, from a channel that is good or bad" },
  { .name = "corrupt",
    .type = LAB_SECTION,
    .fields = corrupt_fields,
    .help = "frames that arrive with a wrong checksum, of TCP or of the IPv4 header" },
  { .name = "duplicate",
    .type = LAB_SECTION,
    .fields = duplicate_fields,
    .help = "frames that arrive twice, the copy directly behind" },
  { .name = "reorder",
    .type = LAB_SECTION,
    .fields = reorder_fields,
    .help = "frames that are held back and overtaken" },
  { .name = "jitter",
    LAB_DIST_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .help = "added to the propagation of each frame",
    LAB_AT (WireImpairment, jitter) },
  { .name = "jitter_overtakes",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "a frame with less jitter passes one with more; else they keep their order",
    LAB_AT (WireImpairment, jitter_overtakes) },
  { .name = "queue",
    LAB_IN (LAB_BYTES, 2048, INT64_C (4294967295)),
    .help = "frames waiting in this direction; wire.queue if left out",
    LAB_AT (WireImpairment, queue_bytes) },
  { .name = "red",
    .type = LAB_SECTION,
    .fields = red_fields,
    .help = "random early detection in the queue of this direction" },
  { 0 },
};
#undef PATTERN
#undef CHANCE

static const LabField impair_fields[] = {
  { .name = "to_peer",
    LAB_STANDING (direction_fields),
    .help = "from the NIC to the peers",
    LAB_AT (WireConfig, impair[TCP_TO_PEER]) },
  { .name = "from_peer",
    LAB_STANDING (direction_fields),
    .help = "from the peers to the NIC",
    LAB_AT (WireConfig, impair[TCP_FROM_PEER]) },
  { 0 },
};

const LabField lab_wire_fields[] = {
  { .name = "rate",
    LAB_IN (LAB_RATE, 1000, INT64_C (1000000000000)),
    .standard = "10 Gbit/s",
    .help = "of each direction, preamble and gap included",
    LAB_AT (WireConfig, rate_bits_per_s) },
  { .name = "one_way",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "10 us",
    .help = "propagation to the peers, and back",
    LAB_AT (WireConfig, one_way) },
  { .name = "queue",
    LAB_IN (LAB_BYTES, 2048, INT64_C (4294967295)),
    .standard = "256 KiB",
    .help = "frames waiting in each direction; drop-tail at the peers' end",
    LAB_AT (WireConfig, queue_bytes) },
  { .name = "loss",
    .type = LAB_RATIO,
    .standard = "0/1",
    .help = "how likely each frame is lost",
    LAB_RATIO_AT (WireConfig, loss_numerator) },
  { .name = "impair",
    LAB_STANDING (impair_fields),
    .help = "what else happens to frames on the way" },
  { 0 },
};
G_STATIC_ASSERT (offsetof (WireConfig, loss_denominator)
                 == offsetof (WireConfig, loss_numerator) + offsetof (LabRatio, d));

const LabField lab_peers_fields[] = {
  { .name = "tcp",
    LAB_STANDING (lab_peer_tcp_fields),
    .help = "the peers' TCP",
    LAB_AT (WorldConfig, peer_tcp) },
  { 0 },
};

static const LabWord asks_words[] = {
  { "host", "the host's application asks, the peer's answers", 0, false, NULL },
  { "peer", "the peer's application asks, the host's answers", 1, false, NULL },
  { 0 },
};

/* What requests and responses are, whoever decides when they come. */
#define ROUND_ROWS                                                                  \
  { .name = "asks",                                                                 \
    LAB_WORDS (asks_words),                                                         \
    .standard = "host",                                                             \
    .help = "whose application sends the requests",                                 \
    LAB_AT (TrafficSpec, peer_asks) },                                              \
      { .name = "request",                                                          \
        LAB_DIST_IN (LAB_BYTES, 1, BYTES_MAX),                                      \
        .standard = "512 B",                                                        \
        .help = "size of a request",                                                \
        LAB_AT (TrafficSpec, request) },                                            \
  {                                                                                 \
    .name = "response", LAB_DIST_IN (LAB_BYTES, 1, BYTES_MAX), .standard = "8 KiB", \
    .help = "size of a response", LAB_AT (TrafficSpec, response)                    \
  }
#define THINK_ROW                                                                    \
  {                                                                                  \
    .name = "think", LAB_DIST_IN (LAB_TIME, 0, LAB_TIME_PS_MAX), .standard = "0 ps", \
    .help = "before each request, the first included", LAB_AT (TrafficSpec, think)   \
  }
#define SERVICE_ROW                                                            \
  {                                                                            \
    .name = "service", LAB_DIST_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),             \
    .help = "how long the answering side takes", LAB_AT (TrafficSpec, service) \
  }
#define REQUESTS_ROW                                                                 \
  {                                                                                  \
    .name = "requests", LAB_IN (LAB_COUNT, 0, UINT32_MAX), .standard = "0",          \
    .help = "of each connection; 0: without end", LAB_AT (TrafficSpec, requests_max) \
  }

static const LabField request_fields[] = {
  ROUND_ROWS, THINK_ROW, SERVICE_ROW, REQUESTS_ROW, { 0 }
};

static const LabField open_loop_fields[] = {
  ROUND_ROWS,
  { .name = "every",
    LAB_DIST_IN (LAB_TIME, 1000, LAB_TIME_PS_MAX),
    .is_required = true,
    .help = "from one request of a connection to its next; what comes while another is under way "
            "waits, and the wait is part of its latency",
    LAB_AT (TrafficSpec, every) },
  SERVICE_ROW,
  REQUESTS_ROW,
  { 0 },
};

static const LabWord side_words[] = {
  { "host", "the host", 0, false, NULL },
  { "peer", "the peer", 1, false, NULL },
  { 0 },
};

static const LabField short_flow_fields[] = {
  { .name = "concurrent",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .help = "so many connections of the group are open; when one has ended the next is opened",
    LAB_AT (TrafficSpec, concurrent) },
  { .name = "pause",
    LAB_DIST_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .help = "with concurrent: from the end of one to the opening of the next",
    LAB_AT (TrafficSpec, pause) },
  { .name = "every",
    LAB_DIST_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .help = "instead of concurrent: from one opening of the group to the next, whatever is open",
    LAB_AT (TrafficSpec, every) },
  { .name = "opens",
    LAB_WORDS (side_words),
    .standard = "host",
    .help = "whose TCP sends the SYN; the other side listens",
    LAB_AT (TrafficSpec, peer_opens) },
  { .name = "closes",
    LAB_WORDS (side_words),
    .standard = "host",
    .help = "whose application closes first, behind the last response; its TCP ends in TIME_WAIT",
    LAB_AT (TrafficSpec, peer_closes) },
  ROUND_ROWS,
  THINK_ROW,
  SERVICE_ROW,
  { .name = "requests",
    LAB_IN (LAB_COUNT, 1, UINT32_MAX),
    .standard = "1",
    .help = "of each connection",
    LAB_AT (TrafficSpec, requests_max) },
  { 0 },
};

static const LabField replay_fields[] = {
  { .name = "flows",
    .type = LAB_FLOWS,
    .is_required = true,
    .help = "what was recorded; a file is looked for beside the scenario; flows are dealt round "
            "over the connections, each of which sends its own one after the other",
    LAB_AT (TrafficSpec, flows),
    .count_offset = offsetof (TrafficSpec, n_flows) },
  { .name = "connect",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "each flow is a connection of its own that the host opens at its start, and that is "
            "closed behind it; count is then the number of flows",
    LAB_AT (TrafficSpec, connects) },
  { 0 },
};

static const LabField bulk_fields[] = {
  { .name = "bytes",
    LAB_IN (LAB_BYTES, 0, INT64_C (1) << 50),
    .standard = "0 B",
    .help = "each way; 0 B: without end",
    LAB_AT (TrafficSpec, bulk_bytes) },
  { .name = "chunk",
    LAB_IN (LAB_BYTES, 1, BYTES_MAX),
    .standard = "64 KiB",
    .help = "what an application writes at a time",
    LAB_AT (TrafficSpec, bulk_chunk_bytes) },
  { 0 },
};

/* Patterns that connections of one group may mix. */
#define MEMBER_WORDS                                                                        \
  { "none", "idle: timeline events do everything", TRAFFIC_NONE, false, NULL },             \
      { "request_response", "closed loop: think, request, response, and again",             \
        TRAFFIC_REQUEST_RESPONSE, false, request_fields },                                  \
      { "open_loop", "requests by the clock, whether or not the last one was answered",     \
        TRAFFIC_OPEN_LOOP, false, open_loop_fields },                                       \
      { "send", "bulk from the host to the peer", TRAFFIC_SEND, false, bulk_fields },       \
      { "receive", "bulk from the peer to the host", TRAFFIC_RECEIVE, false, bulk_fields }, \
  {                                                                                         \
    "both", "bulk both ways at once", TRAFFIC_BOTH, false, bulk_fields                      \
  }

static const LabWord member_words[] = { MEMBER_WORDS, { 0 } };

static const LabField member_fields[] = {
  { .name = "pattern",
    LAB_WORDS (member_words),
    .is_required = true,
    .help = "what the applications at the two ends do",
    LAB_AT (TrafficSpec, pattern) },
  { .name = "weight",
    LAB_IN (LAB_COUNT, 1, 1000000),
    .standard = "1",
    .help = "how likely a connection is dealt it, against the sum of all weights",
    LAB_AT (TrafficSpec, weight) },
  { 0 },
};
static const LabField mix_fields[] = {
  { .name = "of",
    .type = LAB_PARTS,
    .fields = member_fields,
    .tag = "pattern",
    .is_required = true,
    .help = "patterns by name; each connection is dealt one by weight" },
  { 0 },
};

static const LabWord pattern_words[] = {
  MEMBER_WORDS,
  { "short_flows", "connections that are opened during the run, ask a few times, and are closed",
    TRAFFIC_SHORT_FLOWS, false, short_flow_fields },
  { "replay", "a recorded list of flows", TRAFFIC_REPLAY, false, replay_fields },
  { "mix", "several patterns in one group", TRAFFIC_NONE, false, mix_fields },
  { 0 },
};

static const LabField traffic_fields[] = {
  { .name = "pattern",
    LAB_WORDS (pattern_words),
    .standard = "none",
    .help = "what the applications at the two ends do",
    LAB_AT (TrafficSpec, pattern) },
  { 0 },
};

static const LabField via_fields[] = {
  { .name = "neighbors",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "1",
    .help = "next hops; paths are dealt round over them",
    LAB_AT (ConnectionGroup, neighbors) },
  { .name = "paths",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "1",
    .help = "remote addresses; connections are dealt round over them",
    LAB_AT (ConnectionGroup, paths) },
  { .name = "addresses",
    LAB_IN (LAB_COUNT, 1, 1048576),
    .standard = "1",
    .help = "IP addresses of the host; paths are dealt round over them",
    LAB_AT (ConnectionGroup, addresses) },
  { .name = "own_macs",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "0",
    .help = "source MAC addresses beside the interface's; neighbors are dealt round over them",
    LAB_AT (ConnectionGroup, own_macs) },
  { .name = "spare_neighbors",
    LAB_IN (LAB_COUNT, 0, 1048576),
    .standard = "0",
    .help = "more next hops, which no path uses until it is relinked",
    LAB_AT (ConnectionGroup, spare_neighbors) },
  { 0 },
};

static const LabWord state_words[] = {
  { "ESTABLISHED", "established when the run begins, unless their traffic opens them", 0, false,
    NULL },
  { "SYN_SENT", "the host connects when the run begins", -1, true, NULL },
  { "LISTEN", "the peer connects when the run begins", -1, true, NULL },
  { 0 },
};
static const LabWord ip_words[] = {
  { "4", "IPv4", 4, false, NULL },
  { "6", "IPv6", 6, false, NULL },
  { 0 },
};

#define OPTION(name_, member, standard_, help_)                               \
  {                                                                           \
    .name = name_, .type = LAB_BOOLEAN, .standard = standard_, .help = help_, \
    LAB_AT (ConnectionGroup, member)                                          \
  }
const LabField lab_connection_fields[] = {
  { .name = "count",
    LAB_IN (LAB_COUNT, 1, WORLD_CONNECTIONS_MAX),
    .is_required = true,
    .help = "connections of the group",
    LAB_AT (ConnectionGroup, count) },
  { .name = "state",
    LAB_WORDS (state_words),
    .standard = "ESTABLISHED",
    .help = "their state when the run begins" },
  { .name = "ip",
    LAB_WORDS (ip_words),
    .standard = "4",
    .help = "version of IP",
    LAB_AT (ConnectionGroup, ip_version) },
  { .name = "via", LAB_STANDING (via_fields), .help = "how many next hops and remote addresses" },
  { .name = "mtu",
    LAB_IN (LAB_BYTES, 68, 65535),
    .standard = "1500 B",
    .help = "path MTU",
    LAB_AT (ConnectionGroup, path_mtu_bytes) },
  { .name = "mss",
    LAB_IN (LAB_BYTES, 28, 65495),
    .standard = "1448 B",
    .help = "payload of a full segment; SYNs announce 12 B more where timestamps are on",
    .source = "RFC 6691; 1,500 less headers with timestamps",
    LAB_AT (ConnectionGroup, mss_bytes) },
  { .name = "receive_window",
    LAB_IN (LAB_BYTES, 1, BYTES_MAX),
    .standard = "64 KiB",
    .help = "of the host's side; also its socket buffer",
    LAB_AT (ConnectionGroup, receive_window_bytes) },
  { .name = "peer_window",
    LAB_IN (LAB_BYTES, 1, BYTES_MAX),
    .standard = "64 KiB",
    .help = "of the peer's side",
    LAB_AT (ConnectionGroup, peer_window_bytes) },
  OPTION ("timestamps", timestamps, "true", "timestamps were agreed on, RFC 7323"),
  OPTION ("sack", sack, "true", "selective acknowledgement was agreed on, RFC 2018"),
  OPTION ("window_scaling", window_scaling, "true", "window scaling was agreed on, RFC 7323"),
  OPTION ("nagle", nagle, "true", "small segments wait for an ACK"),
  OPTION ("keepalive", keepalive, "false", "applications ask for keepalive"),
  OPTION ("ecn", ecn, "false", "ECN was agreed on, RFC 3168; while offloaded it is deaf to marks"),
  OPTION ("sequence_wraps", sequence_wraps, "false",
          "both sides' sequence numbers begin shortly before they wrap"),
  { .name = "vlan",
    LAB_IN (LAB_COUNT, 0, 4094),
    .standard = "0",
    .help = "VLAN id; 0: none",
    LAB_AT (ConnectionGroup, vlan_id) },
  { .name = "user_priority",
    LAB_IN (LAB_COUNT, 0, 7),
    .standard = "0",
    .help = "802.1p priority of their frames, both ways",
    LAB_AT (ConnectionGroup, user_priority) },
  { .name = "receive",
    .type = LAB_SECTION,
    .fields = lab_group_receive_fields,
    .help = "how their applications wait for data; what is left out is as in host.receive",
    LAB_AT (ConnectionGroup, receive) },
  { .name = "traffic",
    .type = LAB_SECTION,
    .fields = traffic_fields,
    .tag = "pattern",
    .standard = "{}",
    .help = "what their applications do",
    LAB_AT (ConnectionGroup, traffic) },
  { 0 },
};
#undef OPTION
