#include "lab/drill/parser.h"

#include <string.h>

/* Notes the name of something that the model does not have. */
static void
add_foreign (DrillPacket *packet, char *name)
{
  if (packet->foreign == NULL)
    packet->foreign = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (packet->foreign, name);
}

static void
skip_line (DrillParser *parser)
{
  unsigned line = drill_token (parser)->line;

  while (drill_token (parser)->kind != DRILL_TOKEN_END && drill_token (parser)->line == line)
    drill_advance (parser);
}

/* Below TCP */

static bool
parse_tos (DrillParser *parser, DrillPacket *packet)
{
  int64_t tos;

  if (!drill_expect_integer (parser, 0, UINT8_MAX, &tos))
    return false;
  packet->tos = (uint8_t)tos;
  packet->has |= DRILL_HAS_TOS;
  return true;
}

static bool
parse_ip_item (DrillParser *parser, DrillPacket *packet)
{
  static const struct {
    const char *word;
    DrillEcn ecn;
  } words[] = {
    { "noecn", DRILL_ECN_NOT_ECT }, { "ect0", DRILL_ECN_ECT0 }, { "ect1", DRILL_ECN_ECT1 },
    { "ect01", DRILL_ECN_ECT01 },   { "ce", DRILL_ECN_CE },
  };
  int64_t value;

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (drill_accept_word (parser, words[i].word)) {
      packet->ecn = words[i].ecn;
      return true;
    }
  if (drill_accept_word (parser, "tos") || drill_accept_word (parser, "class"))
    return parse_tos (parser, packet);
  if (drill_accept_word (parser, "ttl") || drill_accept_word (parser, "hlim")) {
    packet->has |= DRILL_HAS_TTL;
    if (!drill_expect_integer (parser, 0, UINT8_MAX, &value))
      return false;
    packet->ttl = (uint8_t)value;
    return true;
  }
  if (!drill_accept_word (parser, "flowlabel"))
    return drill_parser_fail (parser, "expected noecn, ect0, ect1, ect01, ce, tos, ttl, flowlabel");
  packet->has |= DRILL_HAS_FLOW_LABEL;
  if (!drill_expect_integer (parser, 0, 0xFFFFF, &value))
    return false;
  packet->flow_label = (uint32_t)value;
  return true;
}

static bool
parse_ip (DrillParser *parser, DrillPacket *packet)
{
  bool is_round = drill_accept_symbol (parser, '(');

  if (!is_round && !drill_accept_symbol (parser, '['))
    return true;
  do
    if (!parse_ip_item (parser, packet))
      return false;
  while (drill_accept_symbol (parser, ','));
  return drill_expect_symbol (parser, is_round ? ')' : ']');
}

/* ICMP */

static const struct {
  const char *type, *code; /* NULL: any code */
  DrillIcmp icmp;
} icmp_messages[] = {
  { "unreachable", "protocol_unreachable", DRILL_ICMP_HARD },
  { "unreachable", "port_unreachable", DRILL_ICMP_HARD },
  /* RFC 1812 5.2.7.1, RFC 4443 3.1 */
  { "unreachable", "net_prohibited", DRILL_ICMP_HARD },
  { "unreachable", "host_prohibited", DRILL_ICMP_HARD },
  { "unreachable", "packet_filtered", DRILL_ICMP_HARD },
  { "unreachable", "admin_prohibited", DRILL_ICMP_HARD },
  { "unreachable", "frag_needed", DRILL_ICMP_NONE }, /* it tells an MTU */
  { "unreachable", NULL, DRILL_ICMP_SOFT },
  { "time_exceeded", NULL, DRILL_ICMP_SOFT },
  { "parameter_problem", "unknown_next_header", DRILL_ICMP_HARD },
  { "parameter_problem", NULL, DRILL_ICMP_SOFT },
  { "source_quench", NULL, DRILL_ICMP_SOFT }, /* RFC 6633 */
  { "redirect", NULL, DRILL_ICMP_SOFT },
};

static DrillIcmp
find_icmp (const DrillToken *type, const DrillToken *code)
{
  for (size_t i = 0; i < G_N_ELEMENTS (icmp_messages); i++)
    if (drill_is_word (type, icmp_messages[i].type)
        && (icmp_messages[i].code == NULL || drill_is_word (code, icmp_messages[i].code)))
      return icmp_messages[i].icmp;
  return DRILL_ICMP_NONE;
}

/* [first:end(bytes)] of the segment that it is about. */
static bool
parse_icmp_subject (DrillParser *parser, DrillPacket *packet)
{
  int64_t seq, rest;

  if (!drill_expect_symbol (parser, '[') || !drill_expect_integer (parser, 0, UINT32_MAX, &seq)
      || !drill_expect_symbol (parser, ':') || !drill_expect_integer (parser, 0, UINT32_MAX, &rest)
      || !drill_expect_symbol (parser, '(') || !drill_expect_integer (parser, 0, UINT16_MAX, &rest)
      || !drill_expect_symbol (parser, ')'))
    return false;
  packet->seq = (uint32_t)seq;
  if (drill_accept_symbol (parser, ']'))
    return true;
  add_foreign (packet, g_strdup ("packet of icmp")); /* about something else than TCP in IP */
  skip_line (parser);
  return true;
}

static bool
parse_icmp (DrillParser *parser, DrillPacket *packet)
{
  const DrillToken *type = drill_token (parser);

  packet->icmp = find_icmp (type, drill_token_after (parser));
  if (packet->icmp == DRILL_ICMP_NONE || packet->outbound) {
    add_foreign (packet, g_strdup ("packet of icmp"));
    skip_line (parser);
    return true;
  }
  drill_advance (parser);
  if (drill_token (parser)->kind == DRILL_TOKEN_WORD)
    drill_advance (parser);
  return parse_icmp_subject (parser, packet);
}

/* What is neither a TCP segment in an IP datagram nor about one. */
static bool
accept_other_protocol (DrillParser *parser, DrillPacket *packet)
{
  static const char *const names[] = { "icmpv6", "udp",  "udplite", "sctp", "gre",
                                       "GREv0",  "mpls", "ipv4",    "ipv6", "psp" };
  const DrillToken *token = drill_token (parser);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (drill_is_word (token, names[i])) {
      add_foreign (packet, g_strdup_printf ("packet of %s", names[i]));
      skip_line (parser);
      return true;
    }
  return false;
}

static bool
parse_ports (DrillParser *parser, DrillPacket *packet)
{
  int64_t source, destination;

  if (drill_token (parser)->kind != DRILL_TOKEN_INTEGER
      || !drill_is_symbol (drill_token_after (parser), '>'))
    return true;
  if (!drill_expect_integer (parser, 1, UINT16_MAX, &source) || !drill_expect_symbol (parser, '>')
      || !drill_expect_integer (parser, 1, UINT16_MAX, &destination))
    return false;
  packet->has |= DRILL_HAS_PORTS;
  packet->source_port = (uint16_t)source;
  packet->destination_port = (uint16_t)destination;
  return true;
}

/* TCP */

static uint8_t
flag_of (char letter)
{
  switch (letter) {
  case 'F':
    return TCP_FIN;
  case 'S':
    return TCP_SYN;
  case 'R':
    return TCP_RST;
  case 'P':
    return TCP_PSH;
  case 'U':
    return TCP_URG;
  case 'E':
    return TCP_ECE;
  case 'W':
    return TCP_CWR;
  default:
    return 0;
  }
}

/* Letters, a point for ACK, or - for none; a number behind them is the three bits of AccECN. */
static bool
parse_flags (DrillParser *parser, DrillPacket *packet)
{
  const DrillToken *token = drill_token (parser);

  if (drill_accept_symbol (parser, '-'))
    return true;
  if (token->kind == DRILL_TOKEN_WORD) {
    for (size_t i = 0; i < token->bytes; i++) {
      uint8_t flag = flag_of (token->start[i]);
      if (flag == 0 && (token->start[i] == 'A' || g_ascii_isdigit (token->start[i])))
        add_foreign (packet, g_strdup ("AccECN"));
      else if (flag == 0)
        return drill_parser_fail (parser, "expected flags of F, S, R, P, U, E, W");
      packet->flags |= flag;
    }
    drill_advance (parser);
  } else if (!drill_is_symbol (token, '.') && token->kind != DRILL_TOKEN_DECIMAL) {
    return drill_parser_fail (parser, "expected the segment's flags");
  }
  if (drill_accept_symbol (parser, '.')) {
    packet->flags |= TCP_ACK;
  } else if (drill_token (parser)->kind == DRILL_TOKEN_DECIMAL
             && *drill_token (parser)->start == '.') {
    packet->flags |= TCP_ACK;
    add_foreign (packet, g_strdup ("AccECN"));
    drill_advance (parser);
  }
  return true;
}

static bool
parse_number (DrillParser *parser, uint32_t *ret_number)
{
  int64_t number;

  if (!drill_expect_integer (parser, 0, UINT32_MAX, &number))
    return false;
  *ret_number = (uint32_t)number;
  return true;
}

static bool
parse_sequence (DrillParser *parser, DrillPacket *packet)
{
  int64_t bytes;

  if (drill_accept (parser, DRILL_TOKEN_ELLIPSIS)) {
    packet->has |= DRILL_ANY_SEQ;
  } else if (!parse_number (parser, &packet->seq) || !drill_expect_symbol (parser, ':')
             || !parse_number (parser, &packet->seq_end)) {
    return false;
  }
  unsigned line = drill_token (parser)->line;
  if (!drill_expect_symbol (parser, '(') || !drill_expect_integer (parser, 0, UINT16_MAX, &bytes)
      || !drill_expect_symbol (parser, ')'))
    return false;
  packet->payload_bytes = (uint32_t)bytes;
  if (drill_accept_symbol (parser, '!'))
    packet->has |= DRILL_ABSOLUTE_SEQ;
  if ((packet->has & DRILL_ANY_SEQ) == 0 && packet->seq + packet->payload_bytes != packet->seq_end)
    return drill_error (parser->error, parser->path, line, "%u:%u is not a segment of %u bytes",
                        packet->seq, packet->seq_end, packet->payload_bytes);
  return true;
}

static bool
parse_behind_sequence (DrillParser *parser, DrillPacket *packet)
{
  int64_t value;

  if (drill_accept_word (parser, "ack")) {
    packet->has |= DRILL_HAS_ACK;
    if (!parse_number (parser, &packet->ack))
      return false;
  }
  if (drill_accept_word (parser, "win") && !drill_accept_symbol (parser, '*')) {
    packet->has |= DRILL_HAS_WINDOW;
    if (!drill_expect_integer (parser, 0, UINT16_MAX, &value))
      return false;
    packet->window = (uint16_t)value;
  }
  if (drill_accept_word (parser, "urg")) {
    packet->has |= DRILL_HAS_URGENT;
    if (!drill_expect_integer (parser, 0, UINT16_MAX, &value))
      return false;
    packet->urgent_pointer = (uint16_t)value;
  }
  return true;
}

/* Options */

static bool
parse_sack (DrillParser *parser, DrillPacket *packet)
{
  packet->options |= TCP_OPTION_SACK;
  while (drill_token (parser)->kind == DRILL_TOKEN_INTEGER) {
    TcpSackBlock block;
    if (!parse_number (parser, &block.left) || !drill_expect_symbol (parser, ':')
        || !parse_number (parser, &block.right))
      return false;
    if (packet->n_sack == TCP_SACK_BLOCKS_MAX)
      return drill_parser_fail (parser, "expected at most %d blocks", TCP_SACK_BLOCKS_MAX);
    packet->sack[packet->n_sack++] = block;
  }
  return true;
}

static bool
parse_timestamp (DrillParser *parser, DrillPacket *packet)
{
  packet->options |= TCP_OPTION_TIMESTAMP;
  if (!drill_accept_word (parser, "val"))
    return drill_parser_fail (parser, "expected `val`");
  if (!parse_number (parser, &packet->ts_value))
    return false;
  if (!drill_accept_word (parser, "ecr"))
    return drill_parser_fail (parser, "expected `ecr`");
  return parse_number (parser, &packet->ts_echo);
}

/* An option by another name: up to the next comma or the end of the list. */
static bool
parse_foreign_option (DrillParser *parser, DrillPacket *packet)
{
  const DrillToken *token = drill_token (parser);

  if (token->kind != DRILL_TOKEN_WORD)
    return drill_parser_fail (parser, "expected a TCP option");
  add_foreign (packet, g_strdup_printf ("TCP option %.*s", (int)token->bytes, token->start));
  for (;
       !drill_is_symbol (drill_token (parser), ',') && !drill_is_symbol (drill_token (parser), '>');
       drill_advance (parser))
    if (drill_token (parser)->kind == DRILL_TOKEN_END)
      return drill_parser_fail (parser, "expected `>`");
  return true;
}

static bool
parse_option (DrillParser *parser, DrillPacket *packet)
{
  int64_t value;

  if (drill_accept_word (parser, "nop") || drill_accept_word (parser, "eol"))
    return true;
  if (drill_accept_word (parser, "mss")) {
    packet->options |= TCP_OPTION_MSS;
    if (!drill_expect_integer (parser, 0, UINT16_MAX, &value))
      return false;
    packet->mss = (uint16_t)value;
    return true;
  }
  if (drill_accept_word (parser, "wscale")) {
    packet->options |= TCP_OPTION_WINDOW_SCALE;
    if (!drill_expect_integer (parser, 0, UINT8_MAX, &value))
      return false;
    packet->window_scale = (uint8_t)value;
    return true;
  }
  if (drill_accept_word (parser, "sackOK")) {
    packet->options |= TCP_OPTION_SACK_PERMITTED;
    return true;
  }
  if (drill_accept_word (parser, "sack"))
    return parse_sack (parser, packet);
  if (drill_accept_word (parser, "TS"))
    return parse_timestamp (parser, packet);
  return parse_foreign_option (parser, packet);
}

static bool
parse_options (DrillParser *parser, DrillPacket *packet)
{
  if (!drill_accept_symbol (parser, '<'))
    return true;
  if (drill_accept (parser, DRILL_TOKEN_ELLIPSIS)) {
    packet->has |= DRILL_ANY_OPTIONS;
    return drill_expect_symbol (parser, '>');
  }
  do
    if (!parse_option (parser, packet))
      return false;
  while (drill_accept_symbol (parser, ','));
  return drill_expect_symbol (parser, '>');
}

bool
drill_parse_packet (DrillParser *parser, DrillPacket *packet)
{
  packet->outbound = drill_accept_symbol (parser, '>');
  if (!packet->outbound && !drill_expect_symbol (parser, '<'))
    return false;
  if (!parse_ip (parser, packet))
    return false;
  if (drill_accept_word (parser, "icmp"))
    return parse_icmp (parser, packet);
  if (accept_other_protocol (parser, packet))
    return true;
  if (!parse_ports (parser, packet) || !parse_flags (parser, packet)
      || !parse_sequence (parser, packet) || !parse_behind_sequence (parser, packet)
      || !parse_options (parser, packet))
    return false;
  if (drill_accept_symbol (parser, '/')) {
    add_foreign (packet, g_strdup ("TCP over UDP"));
    skip_line (parser);
  } else if (drill_is_word (drill_token (parser), "psp")
             || drill_is_word (drill_token (parser), "encap")) {
    add_foreign (packet, g_strdup ("encapsulation"));
    skip_line (parser);
  }
  return true;
}
