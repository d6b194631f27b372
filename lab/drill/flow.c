#include "lab/drill/flow.h"

#include "sim/time.h"

#define DEFAULT_TTL 64
#define TOS_ECN_MASK 0x03

void
drill_flow_init (DrillFlow *flow, uint16_t local_port, uint16_t remote_port)
{
  *flow = (DrillFlow){
    .tuple = { DRILL_HOST_ADDRESS_ID, DRILL_PEER_ADDRESS_ID, local_port, remote_port },
    .connection_id = HOST_NO_SOCKET,
    .stamps = g_array_new (FALSE, FALSE, sizeof (DrillStamp)),
  };
}

void
drill_flow_clear (DrillFlow *flow)
{
  g_array_unref (flow->stamps);
}

/* Inbound */

static uint8_t
tos_of (const DrillPacket *packet)
{
  switch (packet->ecn) {
  case DRILL_ECN_ECT0:
  case DRILL_ECN_ECT01:
    return 2;
  case DRILL_ECN_ECT1:
    return 1;
  case DRILL_ECN_CE:
    return 3;
  case DRILL_ECN_ANY:
  case DRILL_ECN_NOT_ECT:
    break;
  }
  return packet->tos;
}

/* The echo of a stamp that the script has named; others go as they are. */
static uint32_t
wire_stamp (const DrillFlow *flow, uint32_t script)
{
  for (guint i = flow->stamps->len; i > 0; i--) {
    DrillStamp stamp = g_array_index (flow->stamps, DrillStamp, i - 1);
    if (stamp.script == script)
      return stamp.wire;
  }
  if (flow->stamps->len == 0 || script == 0)
    return script;
  DrillStamp first = g_array_index (flow->stamps, DrillStamp, 0);
  return first.wire + (script - first.script);
}

TcpSegment
drill_flow_inbound (DrillFlow *flow, const DrillPacket *packet, uint8_t ip_version)
{
  bool has_id = flow->connection_id != HOST_NO_SOCKET;
  uint32_t id = has_id ? flow->connection_id : 0;

  if (packet->flags & TCP_SYN)
    flow->remote_isn = packet->seq;
  TcpSegment segment = {
    .tuple = tcp_tuple_reversed (flow->tuple),
    .connection_id = id,
    .seq = packet->seq,
    .window = packet->window,
    .urgent_pointer = packet->urgent_pointer,
    .mss = packet->mss,
    .flags = packet->flags,
    .options = packet->options,
    .window_scale = packet->window_scale,
    .n_sack = packet->n_sack,
    .ip_version = ip_version,
    .ttl = packet->has & DRILL_HAS_TTL ? packet->ttl : DEFAULT_TTL,
    .tos = tos_of (packet),
    .flow_label = packet->flow_label,
    .source_mac_id = 2,
    .destination_mac_id = 1,
    .ts_value = packet->ts_value,
    .ts_echo = wire_stamp (flow, packet->ts_echo),
    .payload = { .stream_id = TCP_STREAM (id, TCP_FROM_PEER), .bytes = packet->payload_bytes },
  };
  if (segment.flags & TCP_ACK)
    segment.ack = packet->ack + flow->local_offset;
  if (packet->has & DRILL_HAS_URGENT)
    segment.flags |= TCP_URG;
  uint32_t first = packet->seq + ((packet->flags & TCP_SYN) != 0);
  segment.payload.offset = (uint32_t)(first - (flow->remote_isn + 1));
  for (uint8_t i = 0; i < packet->n_sack; i++)
    segment.sack[i] = (TcpSackBlock){ packet->sack[i].left + flow->local_offset,
                                      packet->sack[i].right + flow->local_offset };
  return segment;
}

/* Learning */

void
drill_flow_learn (DrillFlow *flow, const DrillPacket *expected, const TcpSegment *segment)
{
  bool is_new_isn = !flow->is_local_known || segment->seq != flow->local_isn;

  if (segment->flags & TCP_SYN && is_new_isn) {
    uint32_t script = expected->has & (DRILL_ANY_SEQ | DRILL_ABSOLUTE_SEQ) ? 0 : expected->seq;
    flow->local_isn = segment->seq;
    flow->local_offset = segment->seq - script;
    flow->is_local_known = true;
    g_array_set_size (flow->stamps, 0);
  }
  if (segment->options & expected->options & TCP_OPTION_TIMESTAMP) {
    DrillStamp stamp = { expected->ts_value, segment->ts_value };
    g_array_append_val (flow->stamps, stamp);
  }
}

/* Comparing */

bool
drill_flow_push_is_free (const DrillFlow *flow, const TcpSegment *segment, uint64_t written)
{
  uint32_t end = segment->seq + segment->payload.bytes - (flow->local_isn + 1);
  return segment->payload.bytes > 0 && flow->is_local_known && end < (uint32_t)written;
}

/* The segment in the script's numbers. */
static DrillPacket
as_script (const DrillFlow *flow, const TcpSegment *segment)
{
  DrillPacket packet = {
    .outbound = true,
    .flags = segment->flags,
    .has = DRILL_HAS_WINDOW,
    .seq = segment->seq - flow->local_offset,
    .payload_bytes = segment->payload.bytes,
    .window = segment->window,
    .urgent_pointer = segment->urgent_pointer,
    .tos = segment->tos,
    .ttl = segment->ttl,
    .flow_label = segment->flow_label,
    .options = segment->options,
    .mss = segment->mss,
    .window_scale = segment->window_scale,
    .ts_value = segment->ts_value,
    .ts_echo = segment->ts_echo,
    .n_sack = segment->n_sack,
  };

  packet.seq_end = packet.seq + packet.payload_bytes;
  if (flow->stamps->len > 0) {
    DrillStamp first = g_array_index (flow->stamps, DrillStamp, 0);
    packet.ts_value += first.script - first.wire;
  }
  if (segment->flags & TCP_ACK) {
    packet.has |= DRILL_HAS_ACK;
    packet.ack = segment->ack;
  }
  if (segment->flags & TCP_URG)
    packet.has |= DRILL_HAS_URGENT;
  for (uint8_t i = 0; i < segment->n_sack; i++)
    packet.sack[i] = segment->sack[i];
  return packet;
}

static bool
ecn_fits (DrillEcn ecn, uint8_t tos)
{
  uint8_t bits = tos & TOS_ECN_MASK;

  switch (ecn) {
  case DRILL_ECN_ANY:
    return true;
  case DRILL_ECN_NOT_ECT:
    return bits == 0;
  case DRILL_ECN_ECT0:
    return bits == 2;
  case DRILL_ECN_ECT1:
    return bits == 1;
  case DRILL_ECN_ECT01:
    return bits == 1 || bits == 2;
  case DRILL_ECN_CE:
    return bits == 3;
  }
  SIM_UNREACHABLE ();
}

static const char *
compare_header (const DrillFlow *flow, const DrillPacket *expected, const DrillPacket *actual,
                bool is_syn)
{
  bool first = is_syn && !flow->is_local_known; /* its number is learned */
  uint32_t offset = expected->has & DRILL_ABSOLUTE_SEQ ? flow->local_offset : 0;

  if (expected->flags != actual->flags)
    return "flags";
  if (!(expected->has & DRILL_ANY_SEQ) && !first && expected->seq != actual->seq + offset)
    return "sequence number";
  if (expected->payload_bytes != actual->payload_bytes)
    return "payload bytes";
  if (expected->has & DRILL_HAS_ACK && expected->ack != actual->ack)
    return "ack";
  if (expected->has & DRILL_HAS_WINDOW && expected->window != actual->window)
    return "window";
  if (expected->has & DRILL_HAS_URGENT && expected->urgent_pointer != actual->urgent_pointer)
    return "urgent pointer";
  if (!ecn_fits (expected->ecn, actual->tos))
    return "ECN bits";
  if (expected->has & DRILL_HAS_TOS && expected->tos != actual->tos)
    return "type of service";
  if (expected->has & DRILL_HAS_TTL && expected->ttl != actual->ttl)
    return "time to live";
  if (expected->has & DRILL_HAS_FLOW_LABEL && expected->flow_label != actual->flow_label)
    return "flow label";
  return NULL;
}

/* The stamp advances with the script's, in ticks of |ts_tick_us|. */
static bool
stamp_fits (const DrillFlow *flow, const DrillPacket *expected, const DrillPacket *actual,
            const DrillSettings *settings)
{
  if (settings->ts_tick_us == 0 || flow->stamps->len == 0)
    return true;
  DrillStamp first = g_array_index (flow->stamps, DrillStamp, 0);
  int64_t wire_us =
      (int64_t)(actual->ts_value - first.script) * (1000000 / (int64_t)settings->tcp.ticks_per_s);
  int64_t script_us = (int64_t)(expected->ts_value - first.script) * settings->ts_tick_us;
  int64_t off_ps = (wire_us - script_us) * SIM_PS_PER_US;
  return ABS (off_ps) <= settings->tolerance_ps;
}

static const char *
compare_options (const DrillFlow *flow, const DrillPacket *expected, const DrillPacket *actual,
                 const DrillSettings *settings)
{
  if (expected->has & DRILL_ANY_OPTIONS)
    return NULL;
  if (expected->options != actual->options)
    return "options";
  if (expected->options & TCP_OPTION_MSS && expected->mss != actual->mss)
    return "mss";
  if (expected->options & TCP_OPTION_WINDOW_SCALE && expected->window_scale != actual->window_scale)
    return "window scale";
  if (expected->n_sack != actual->n_sack)
    return "SACK blocks";
  for (uint8_t i = 0; i < expected->n_sack; i++)
    if (expected->sack[i].left != actual->sack[i].left
        || expected->sack[i].right != actual->sack[i].right)
      return "SACK blocks";
  if (!(expected->options & TCP_OPTION_TIMESTAMP))
    return NULL;
  if (!stamp_fits (flow, expected, actual, settings))
    return "timestamp value";
  return expected->ts_echo != actual->ts_echo ? "timestamp echo" : NULL;
}

char *
drill_flow_compare (const DrillFlow *flow, const DrillPacket *expected, const TcpSegment *segment,
                    const DrillSettings *settings)
{
  DrillPacket actual = as_script (flow, segment);
  bool is_syn = (segment->flags & TCP_SYN) != 0;
  bool is_new = is_syn && segment->seq != flow->local_isn;
  DrillFlow fresh = *flow;

  if (is_new)
    fresh.is_local_known = false;
  const char *what = compare_header (&fresh, expected, &actual, is_syn);
  if (what == NULL)
    what = compare_options (flow, expected, &actual, settings);
  return g_strdup (what);
}

/* Words */

static void
append_flags (GString *text, uint8_t flags)
{
  static const struct {
    uint8_t flag;
    char letter;
  } letters[] = { { TCP_FIN, 'F' }, { TCP_SYN, 'S' }, { TCP_RST, 'R' }, { TCP_PSH, 'P' },
                  { TCP_URG, 'U' }, { TCP_ECE, 'E' }, { TCP_CWR, 'W' }, { TCP_ACK, '.' } };

  if (flags == 0)
    g_string_append_c (text, '-');
  for (size_t i = 0; i < G_N_ELEMENTS (letters); i++)
    if (flags & letters[i].flag)
      g_string_append_c (text, letters[i].letter);
}

static void
append_options (GString *text, const DrillPacket *packet)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  if (packet->has & DRILL_ANY_OPTIONS)
    g_ptr_array_add (items, g_strdup ("..."));
  if (packet->options & TCP_OPTION_MSS)
    g_ptr_array_add (items, g_strdup_printf ("mss %u", packet->mss));
  if (packet->options & TCP_OPTION_WINDOW_SCALE)
    g_ptr_array_add (items, g_strdup_printf ("wscale %u", packet->window_scale));
  if (packet->options & TCP_OPTION_SACK_PERMITTED)
    g_ptr_array_add (items, g_strdup ("sackOK"));
  if (packet->options & TCP_OPTION_TIMESTAMP)
    g_ptr_array_add (items,
                     g_strdup_printf ("TS val %u ecr %u", packet->ts_value, packet->ts_echo));
  if (packet->options & TCP_OPTION_SACK) {
    GString *blocks = g_string_new ("sack");
    for (uint8_t i = 0; i < packet->n_sack; i++)
      g_string_append_printf (blocks, " %u:%u", packet->sack[i].left, packet->sack[i].right);
    g_ptr_array_add (items, g_string_free (blocks, FALSE));
  }
  if (items->len == 0)
    return;
  g_ptr_array_add (items, NULL);
  g_autofree char *list = g_strjoinv (",", (char **)items->pdata);
  g_string_append_printf (text, " <%s>", list);
}

static void
append_below (GString *text, const DrillPacket *packet)
{
  static const char *const names[] = { NULL, "noecn", "ect0", "ect1", "ect01", "ce" };

  if (packet->ecn != DRILL_ECN_ANY)
    g_string_append_printf (text, " [%s]", names[packet->ecn]);
  if (packet->has & DRILL_HAS_TOS)
    g_string_append_printf (text, " [tos 0x%x]", packet->tos);
  if (packet->has & DRILL_HAS_TTL)
    g_string_append_printf (text, " [ttl %u]", packet->ttl);
  if (packet->has & DRILL_HAS_PORTS)
    g_string_append_printf (text, " %u > %u", packet->source_port, packet->destination_port);
}

char *
drill_packet_text (const DrillPacket *packet)
{
  GString *text = g_string_new (packet->outbound ? ">" : "<");

  append_below (text, packet);
  g_string_append_c (text, ' ');
  append_flags (text, packet->flags);
  if (packet->has & DRILL_ANY_SEQ)
    g_string_append_printf (text, " ...(%u)", packet->payload_bytes);
  else
    g_string_append_printf (text, " %u:%u(%u)", packet->seq, packet->seq_end,
                            packet->payload_bytes);
  if (packet->has & DRILL_HAS_ACK)
    g_string_append_printf (text, " ack %u", packet->ack);
  if (packet->has & DRILL_HAS_WINDOW)
    g_string_append_printf (text, " win %u", packet->window);
  if (packet->has & DRILL_HAS_URGENT)
    g_string_append_printf (text, " urg %u", packet->urgent_pointer);
  append_options (text, packet);
  return g_string_free (text, FALSE);
}

char *
drill_segment_text (const DrillFlow *flow, const TcpSegment *segment)
{
  DrillPacket packet = as_script (flow, segment);

  if (segment->tos & TOS_ECN_MASK)
    packet.ecn =
        segment->tos & 1 ? (segment->tos & 2 ? DRILL_ECN_CE : DRILL_ECN_ECT1) : DRILL_ECN_ECT0;
  return drill_packet_text (&packet);
}
