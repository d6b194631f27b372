/* timeline: events, their anchors, and what each verb takes.  lab/timeline.c turns them into
 * TimelineEvents, so these rows have no places. */
#include "lab/scenario_fields.h"

#include "models/host/defect.h"
#include "models/target/config.h"
#include "models/world/config.h"

static const LabWord outcome_words[] = {
  { "begun", "when it begins", TIMELINE_BEGUN, false, NULL },
  { "done", "when it has ended well", TIMELINE_DONE, false, NULL },
  { "failed", "when it has failed", TIMELINE_FAILED, false, NULL },
  { "ended", "when it has ended, well or not", TIMELINE_ENDED, false, NULL },
  { 0 },
};

static const LabField after_fields[] = {
  { .name = "event", .type = LAB_NAME, .is_required = true, .help = "id of the other event" },
  { .name = "outcome",
    LAB_WORDS (outcome_words),
    .standard = "done",
    .help = "what of it is waited for" },
  { .name = "delay",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "and how long afterwards" },
  { 0 },
};

static const LabWord call_words[] = {
#define CALL(id, direction) { #id, #direction, NDIS_CALL_##id, false, NULL },
#include "models/trace/calls.def"
#undef CALL
  { 0 },
};
static const LabField call_element[] = {
  { .name = "call", LAB_WORDS (call_words), .help = "a documented function" },
  { 0 },
};

static const LabField when_fields[] = {
  { .name = "between",
    .type = LAB_LIST,
    .fields = call_element,
    .help = "two calls: the window opens when the first begins and closes when the second begins" },
  { .name = "for", .type = LAB_TEXT, .help = "the one connection that the calls are about" },
  { .name = "offset",
    LAB_IN (LAB_TIME, 0, LAB_TIME_PS_MAX),
    .standard = "0 ps",
    .help = "from the window's opening" },
  { .name = "metric",
    .type = LAB_TEXT,
    .help = "offloaded(web), established(web) or delivered(web)" },
  { .name = "reaches", LAB_IN (LAB_COUNT, 0, INT64_MAX), .help = "the value it must have" },
  { 0 },
};

#define TARGET_ROW(help_)                                                  \
  {                                                                        \
    .name = "target", .type = LAB_TEXT, .is_required = true, .help = help_ \
  }

static const LabField move_fields[] = {
  TARGET_ROW ("connections: web/417, web/900-909 or web/*"),
  { .name = "batch",
    .type = LAB_SECTION,
    .fields = lab_batch_fields,
    .help = "how they are cut up; host.offload.batch if left out" },
  { 0 },
};

static const LabField send_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "bytes",
    LAB_IN (LAB_BYTES, 1, INT64_C (1) << 40),
    .is_required = true,
    .help = "what the application writes on each" },
  { 0 },
};

static const LabField post_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "bytes",
    LAB_IN (LAB_BYTES, 0, 16777216),
    .is_required = true,
    .help = "memory of the request; 0 B: it asks for an indication" },
  { 0 },
};

static const LabWord side_words[] = {
  { "host", "the host's application", TIMELINE_PART_HOST, false, NULL },
  { "peer", "the peer's application", TIMELINE_PART_PEER, false, NULL },
  { 0 },
};
static const LabField close_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "by", LAB_WORDS (side_words), .standard = "host", .help = "whose application closes" },
  { 0 },
};

static const LabWord flag_words[] = {
  { "FIN", "no more data", 0, false, NULL },
  { "SYN", "synchronize", 1, false, NULL },
  { "RST", "reset", 2, false, NULL },
  { "PSH", "push", 3, false, NULL },
  { "ACK", "acknowledgement", 4, false, NULL },
  { "URG", "urgent", 5, false, NULL },
  { "ECE", "congestion echo", 6, false, NULL },
  { "CWR", "window reduced", 7, false, NULL },
  { 0 },
};
G_STATIC_ASSERT (TCP_FIN == 1 << 0 && TCP_RST == 1 << 2 && TCP_ACK == 1 << 4);
static const LabField flag_element[] = {
  { .name = "flag", LAB_WORDS (flag_words), .help = "a TCP flag" },
  { 0 },
};
/* Beside the longest headers: IPv4 with an option and TCP with all it can hold. */
#define PAYLOAD_MAX (65535 - 24 - 60)
static const LabField segment_fields[] = {
  { .name = "flags",
    .type = LAB_LIST,
    .fields = flag_element,
    .standard = "[ACK]",
    .help = "TCP flags" },
  { .name = "seq",
    .type = LAB_TEXT,
    .standard = "rcv_nxt",
    .help = "sequence number: rcv_nxt of the receiving side, plus or minus a number" },
  { .name = "ack",
    .type = LAB_TEXT,
    .standard = "snd_nxt",
    .help = "acknowledgement: snd_nxt of the receiving side, plus or minus a number" },
  { .name = "payload",
    LAB_IN (LAB_BYTES, 0, PAYLOAD_MAX),
    .standard = "0 B",
    .help = "bytes in it" },
  { .name = "window",
    LAB_IN (LAB_BYTES, 0, INT64_C (1073741824)),
    .help = "window it announces; the peer's own if left out" },
  { .name = "urgent", LAB_IN (LAB_COUNT, 0, 65535), .standard = "0", .help = "urgent pointer" },
  { .name = "ip_options",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "its IP header has options" },
  { .name = "fragment",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "it comes in fragments: its frame says that more follow" },
  { .name = "vlan",
    LAB_IN (LAB_COUNT, 0, 4094),
    .help = "VLAN id in its tag, 0: no tag; the peer's own if left out" },
  { 0 },
};
static const LabField receive_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "segment",
    .type = LAB_SECTION,
    .fields = segment_fields,
    .is_required = true,
    .help = "the segment that arrives" },
  { 0 },
};

static const LabWord attack_words[] = {
#define ATTACK_KIND(id, name_, help_) { name_, help_, ATTACK_##id, false, NULL },
  ATTACK_KINDS (ATTACK_KIND)
#undef ATTACK_KIND
      { 0 },
};
static const LabWord aim_words[] = {
  { "blind", "any number of all 2^32: the attacker sees nothing", ATTACK_BLIND, false, NULL },
  { "window", "near what the host expects; data overlaps what was sent", ATTACK_WINDOW, false,
    NULL },
  { "exact", "what the host expects: the attacker reads along", ATTACK_EXACT, false, NULL },
  { 0 },
};
static const LabField flood_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "kind", LAB_WORDS (attack_words), .is_required = true, .help = "what is sent" },
  { .name = "aim",
    LAB_WORDS (aim_words),
    .standard = "blind",
    .help = "how good its sequence numbers are; of acks, their acknowledgment numbers" },
  { .name = "count",
    LAB_IN (LAB_COUNT, 1, UINT32_MAX),
    .is_required = true,
    .help = "segments, dealt by chance over the connections" },
  { .name = "every",
    LAB_IN (LAB_TIME, 1, LAB_TIME_PS_MAX),
    .standard = "10 us",
    .help = "from one segment to the next" },
  { .name = "payload",
    LAB_IN (LAB_BYTES, 1, PAYLOAD_MAX),
    .standard = "100 B",
    .help = "bytes in a segment of data" },
  { 0 },
};

static const LabWord reason_words[] = {
  { "LowActivity", "too little traffic; the host decides", LowActivity, false, NULL },
  { "HighDropRate", "too many transmissions are lost; the host decides", HighDropRate, false,
    NULL },
  { "SmallIO", "posted requests are too small; the host decides", SmallIO, false, NULL },
  { "NoBufferPreposting", "no receives are posted ahead; the host decides", NoBufferPreposting,
    false, NULL },
  { "HighFragmentation", "too many fragments come; the host decides", HighFragmentation, false,
    NULL },
  { "HighOutOfOrderPackets", "too much comes out of order; the host decides", HighOutOfOrderPackets,
    false, NULL },
  { "UploadRequested", "no reason is given; the host must", UploadRequested, false, NULL },
  { 0 },
};
static const LabField ask_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "reason",
    LAB_WORDS (reason_words),
    .standard = "UploadRequested",
    .help = "what the target gives as its reason" },
  { 0 },
};

static const LabWord power_words[] = {
  { "D0", "working", 0, false, NULL },
  { "D1", "sleeping lightly", 1, false, NULL },
  { "D2", "sleeping", 2, false, NULL },
  { "D3", "off", 3, false, NULL },
  { "S0", "the system works; its device in D0", LAB_POWER_OF_SYSTEM + 0, false, NULL },
  { "S1", "the system sleeps lightly; its device in D1", LAB_POWER_OF_SYSTEM + 1, false, NULL },
  { "S3", "the system sleeps; its device in D3", LAB_POWER_OF_SYSTEM + 3, false, NULL },
  { 0 },
};
static const LabField power_fields[] = {
  TARGET_ROW ("the part: target, or system"),
  { .name = "to",
    LAB_WORDS (power_words),
    .is_required = true,
    .help = "power state, of the device or of the system" },
  { 0 },
};

static const LabWord link_words[] = {
  { "up", "frames pass", 1, false, NULL },
  { "down", "frames are lost", 0, false, NULL },
  { 0 },
};
static const LabField link_fields[] = {
  { .name = "target",
    .type = LAB_TEXT,
    .standard = "wire",
    .help = "the part: wire or targets.<name>.wire" },
  { .name = "to", LAB_WORDS (link_words), .is_required = true, .help = "what it becomes" },
  { 0 },
};

static const LabWord switch_words[] = {
  { "off", "upload everything, then set parameters without an encapsulation", 0, false, NULL },
  { "on", "query the capabilities and set the parameters", 1, false, NULL },
  { 0 },
};
static const LabField chimney_fields[] = {
  { .name = "target", .type = LAB_TEXT, .standard = "host", .help = "the part: host" },
  { .name = "to", LAB_WORDS (switch_words), .is_required = true, .help = "what it becomes" },
  { 0 },
};

static const LabField statistics_fields[] = {
  { .name = "target", .type = LAB_TEXT, .standard = "target", .help = "the part: target" },
  { .name = "reset",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "set the four OIDs, which resets the counters, instead of querying them" },
  { 0 },
};

static const LabField cpu_element[] = {
  { .name = "cpu", LAB_IN (LAB_COUNT, 0, 63), .help = "a processor of the host" },
  { 0 },
};
static const LabField rss_fields[] = {
  { .name = "cpus",
    .type = LAB_LIST,
    .fields = cpu_element,
    .is_required = true,
    .takes_one = true,
    .help = "processors that the entries of the table are dealt out to" },
  { 0 },
};

static const LabField part_fields[] = {
  { .name = "target",
    .type = LAB_TEXT,
    .standard = "target",
    .help = "the part: target or targets.<name>" },
  { 0 },
};

static const LabField capability_fields[] = {
  { .name = "target",
    .type = LAB_TEXT,
    .standard = "target",
    .help = "the part: target or targets.<name>" },
  { .name = "connections",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .help = "TcpConnectionOffloadCapacity; target.tables.tcp if left out" },
  { .name = "ipv4", .type = LAB_BOOLEAN, .help = "SupportIPv4; as in target.features if left out" },
  { .name = "ipv6", .type = LAB_BOOLEAN, .help = "SupportIPv6, likewise" },
  { .name = "sack", .type = LAB_BOOLEAN, .help = "SupportSack, likewise" },
  { 0 },
};

static const LabField fail_over_fields[] = {
  TARGET_ROW ("the part: im.<name> of a failover driver"),
  { .name = "to",
    .type = LAB_TEXT,
    .help = "target or targets.<name>; the next whose link is up if left out" },
  { 0 },
};

static const LabWord member_words[] = {
  { "out", "nothing is offloaded to it, and what it offers does not count", 0, false, NULL },
  { "in", "it may be changed to again", 1, false, NULL },
  { 0 },
};
static const LabField team_fields[] = {
  TARGET_ROW ("the part: im.<name> of a failover driver"),
  { .name = "member", .type = LAB_TEXT, .is_required = true, .help = "target or targets.<name>" },
  { .name = "to", LAB_WORDS (member_words), .is_required = true, .help = "where it goes" },
  { 0 },
};

static const LabField defect_fields[] = {
  TARGET_ROW ("the part: host, target, targets.<name> or im.<name>"),
  { .name = "name", .type = LAB_TEXT, .is_required = true, .help = "one of `list defects`" },
  { 0 },
};

/* An option that is left out stays as it is. */
static const LabField option_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "receive_window",
    LAB_IN (LAB_BYTES, 1, INT64_C (1073741824)),
    .help = "InitialRcvWnd, with TCP_FLAG_UPDATE_RCV_WND" },
  { .name = "indication",
    LAB_IN (LAB_BYTES, 0, UINT32_MAX),
    .help = "RcvIndicationSize; 0 B: no wish" },
  { .name = "nagle", .type = LAB_BOOLEAN, .help = "the Nagle algorithm" },
  { .name = "keepalive", .type = LAB_BOOLEAN, .help = "keepalive; it starts anew" },
  { .name = "KaProbeCount", LAB_IN (LAB_COUNT, 1, 255), .help = "probes without an answer" },
  { .name = "KaTimeout", LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX), .help = "silence before them" },
  { .name = "KaInterval", LAB_IN (LAB_TICKS, 1, LAB_TICKS_MAX), .help = "between them" },
  { .name = "MaxRT",
    LAB_IN (LAB_TICKS, 0, UINT32_MAX),
    .help = "how long data may stay unacknowledged; with TCP_FLAG_MAX_RT_RESTART" },
  { .name = "flow_label", LAB_IN (LAB_COUNT, 0, 0xfffff), .help = "of IPv6" },
  { .name = "ttl", LAB_IN (LAB_COUNT, 1, 255), .help = "TtlOrHopLimit" },
  { .name = "tos", LAB_IN (LAB_COUNT, 0, 255), .help = "TosOrTrafficClass" },
  { .name = "user_priority", LAB_IN (LAB_COUNT, 0, 7), .help = "UserPriority" },
  { 0 },
};

static const LabWord layer_words[] = {
  { "neighbors", "the next hops of the connections", OFFLOAD_LAYER_NEIGHBOR, false, NULL },
  { "paths", "their paths", OFFLOAD_LAYER_PATH, false, NULL },
  { "connections", "the connections", OFFLOAD_LAYER_TCP, false, NULL },
  { 0 },
};
static const LabWord subject_words[] = {
  { "neighbors", "the next hops of the connections", HOST_AIM_NEIGHBORS, false, NULL },
  { "paths", "their paths", HOST_AIM_PATHS, false, NULL },
  { "connections", "the connections", HOST_AIM_CONNECTIONS, false, NULL },
  { "all", "next hops, paths and connections in one tree", HOST_AIM_ALL, false, NULL },
  { "placeholders", "nothing: a tree of placeholders alone", HOST_AIM_PLACEHOLDERS, false, NULL },
  { 0 },
};
static const LabField query_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "of",
    LAB_WORDS (subject_words),
    .standard = "connections",
    .help = "whose constant, cached and delegated state is asked for" },
  { 0 },
};

static const LabField fail_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "of",
    LAB_WORDS (layer_words),
    .standard = "connections",
    .help = "what is lost: their state, or that of their paths or next hops and with it theirs" },
  { 0 },
};

static const LabWord parent_words[] = {
  { "neighbors", "the next hops of the connections", HOST_AIM_NEIGHBORS, false, NULL },
  { "paths", "their paths", HOST_AIM_PATHS, false, NULL },
  { "placeholders", "nothing: a tree of placeholders alone", HOST_AIM_PLACEHOLDERS, false, NULL },
  { 0 },
};
static const LabField invalidate_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "of",
    LAB_WORDS (parent_words),
    .standard = "neighbors",
    .help = "what is invalid; a connection alone is terminated instead" },
  { 0 },
};

static const LabWord command_words[] = {
  { "update_rcv_wnd", "TCP_FLAG_UPDATE_RCV_WND", TCP_FLAG_UPDATE_RCV_WND, false, NULL },
  { "keep_alive_restart", "TCP_FLAG_KEEP_ALIVE_RESTART", TCP_FLAG_KEEP_ALIVE_RESTART, false, NULL },
  { "max_rt_restart", "TCP_FLAG_MAX_RT_RESTART", TCP_FLAG_MAX_RT_RESTART, false, NULL },
  { 0 },
};
static const LabField command_element[] = {
  { .name = "command", LAB_WORDS (command_words), .help = "a flag of the cached TCP state" },
  { 0 },
};
static const LabField update_fields[] = {
  TARGET_ROW ("connections"),
  { .name = "of",
    LAB_WORDS (subject_words),
    .standard = "connections",
    .help = "whose cached state is written, changed or not" },
  { .name = "commands",
    .type = LAB_LIST,
    .fields = command_element,
    .standard = "[]",
    .help = "what the update of a connection is to bring about" },
  { 0 },
};

static const LabField relink_fields[] = {
  TARGET_ROW ("connections, whose paths move"),
  { .name = "neighbor",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .is_required = true,
    .help = "the new next hop: its number in the group, from 0, spare ones last" },
  { .name = "failed",
    .type = LAB_BOOLEAN,
    .standard = "false",
    .help = "the old next hop has failed: it is invalidated first" },
  { 0 },
};

static const LabWord hop_words[] = {
  { "moved", "it has another MAC address from now on", TIMELINE_HOP_MOVES, false, NULL },
  { "gone", "it neither takes frames nor answers", TIMELINE_HOP_GOES, false, NULL },
  { "back", "it does both again", TIMELINE_HOP_COMES, false, NULL },
  { 0 },
};
static const LabField arp_fields[] = {
  TARGET_ROW ("connections: what happens to the next hops that they were dealt at the start"),
  { .name = "to", LAB_WORDS (hop_words), .standard = "moved", .help = "what becomes of them" },
  { .name = "announce",
    .type = LAB_BOOLEAN,
    .standard = "true",
    .help = "one that moves says so at once, by ARP or an advertisement" },
  { 0 },
};

static const LabField redirect_fields[] = {
  TARGET_ROW ("connections, whose paths a router redirects"),
  { .name = "neighbor",
    LAB_IN (LAB_COUNT, 0, UINT32_MAX),
    .is_required = true,
    .help = "the better next hop: its number in the group, from 0, spare ones last" },
  { 0 },
};

static const LabField mtu_fields[] = {
  TARGET_ROW ("connections, to whose peers the link leads"),
  { .name = "mtu",
    LAB_IN (LAB_BYTES, 68, 65535),
    .is_required = true,
    .help = "what passes; larger datagrams are dropped and the host is told by ICMP" },
  { 0 },
};

/* What each verb takes.  A verb of the world without a line here does not compile. */
#define VERB_OFFLOAD move_fields
#define VERB_UPLOAD move_fields
#define VERB_UPDATE update_fields
#define VERB_QUERY query_fields
#define VERB_INVALIDATE invalidate_fields
#define VERB_RELINK relink_fields
#define VERB_SEND send_fields
#define VERB_POST_RECEIVE post_fields
#define VERB_CLOSE close_fields
#define VERB_ABORT close_fields
#define VERB_RECEIVE receive_fields
#define VERB_SET_POWER power_fields
#define VERB_LINK link_fields
#define VERB_PAUSE part_fields
#define VERB_RESUME part_fields
#define VERB_UPLOAD_ALL part_fields
#define VERB_FAIL_OVER fail_over_fields
#define VERB_TEAM team_fields
#define VERB_SURPRISE_REMOVE part_fields
#define VERB_RESET part_fields
#define VERB_PAUSE_STACK part_fields
#define VERB_RESTART_STACK part_fields
#define VERB_SET_CAPABILITIES capability_fields
#define VERB_STATISTICS statistics_fields
#define VERB_SET_CHIMNEY chimney_fields
#define VERB_SET_OPTION option_fields
#define VERB_ARP arp_fields
#define VERB_REDIRECT redirect_fields
#define VERB_PATH_MTU mtu_fields
#define VERB_RSS_TABLE rss_fields
#define VERB_DEFECT defect_fields
#define VERB_FLOOD flood_fields
#define VERB_ASK_UPLOAD ask_fields
#define VERB_FAIL_HARDWARE fail_fields

static const LabWord verb_words[] = {
#define TIMELINE_VERB(id, word, help_) { #word, help_, TIMELINE_##id, false, VERB_##id },
  TIMELINE_VERBS (TIMELINE_VERB)
#undef TIMELINE_VERB
      { 0 },
};

const LabField lab_timeline_fields[] = {
  { .name = "id",
    .type = LAB_NAME,
    .is_required = true,
    .help = "what other events, checks and reports call it" },
  { .name = "do", LAB_WORDS (verb_words), .is_required = true, .help = "what happens" },
  { .name = "at",
    LAB_IN (LAB_TIME, 0, INT64_C (1000000000000000000)),
    .help = "anchor: the clock" },
  { .name = "after", .type = LAB_SECTION, .fields = after_fields, .help = "anchor: another event" },
  { .name = "when",
    .type = LAB_SECTION,
    .fields = when_fields,
    .help = "anchor: inside an interface window, or when a metric reaches a value" },
  { 0 },
};
