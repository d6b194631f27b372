#include "models/wire/hops.h"

#include <glib.h>

#define HOP_TTL 255

typedef struct Hop {
  HopSetup setup;
  bool is_silent;
} Hop;

struct Hops {
  HopsWay way;
  void *data;
  HopsConfig config;
  GArray *hop;        /* Hop */
  GHashTable *by_mac; /* MAC id -> hop + 1; of lookups only */
  bool all_hear;      /* none has moved or is silent: every frame finds somebody */
  HopsStats stats;
};

Hops *
hops_new (const HopsConfig *config, HopsWay way, void *data)
{
  Hops *hops = g_new0 (Hops, 1);

  hops->way = way;
  hops->data = data;
  hops->config = *config;
  hops->hop = g_array_new (FALSE, TRUE, sizeof (Hop));
  hops->by_mac = g_hash_table_new (NULL, NULL);
  hops->all_hear = true;
  return hops;
}

void
hops_free (Hops *hops)
{
  if (hops == NULL)
    return;
  g_array_unref (hops->hop);
  g_hash_table_unref (hops->by_mac);
  g_free (hops);
}

static Hop *
hop_at (const Hops *hops, uint32_t index)
{
  SIM_ASSERT (index < hops->hop->len);
  return &g_array_index (hops->hop, Hop, index);
}

uint32_t
hops_add (Hops *hops, const HopSetup *setup)
{
  Hop hop = { .setup = *setup };

  g_array_append_val (hops->hop, hop);
  g_hash_table_insert (hops->by_mac, GUINT_TO_POINTER (setup->mac_id),
                       GUINT_TO_POINTER (hops->hop->len));
  return hops->hop->len - 1;
}

uint32_t
hops_address (const Hops *hops, uint32_t hop)
{
  SIM_ASSERT (hop < hops->hop->len);
  return hops->config.first_address_id + hop;
}

HopsStats
hops_stats (const Hops *hops)
{
  return hops->stats;
}

bool
hops_hear (Hops *hops, uint32_t mac_id)
{
  if (hops->all_hear)
    return true;
  gpointer found = g_hash_table_lookup (hops->by_mac, GUINT_TO_POINTER (mac_id));
  if (found != NULL && !hop_at (hops, GPOINTER_TO_UINT (found) - 1)->is_silent)
    return true;
  hops->stats.unheard++;
  return false;
}

/* A frame from |hop| to the host. */
static TcpSegment
frame_from (const Hops *hops, uint32_t hop, TcpFrameKind kind)
{
  const HopSetup *setup = &hop_at (hops, hop)->setup;
  TcpSegment frame = { .kind = (uint8_t)kind,
                       .connection_id = UINT32_MAX,
                       .tuple = { .source_address_id = hops_address (hops, hop),
                                  .destination_address_id = hops->config.host_address_id },
                       .ip_version = setup->ip_version,
                       .ttl = HOP_TTL,
                       .source_mac_id = setup->mac_id,
                       .destination_mac_id = hops->config.host_mac_id };

  if (setup->vlan_tagged) {
    frame.oddities = TCP_VLAN_TAGGED;
    frame.vlan_tag = setup->vlan_tag;
  }
  return frame;
}

static void
send_frame (Hops *hops, const TcpSegment *frame)
{
  wire_send (hops->way (hops->data), WIRE_END_PEERS, SIDE_PEER, frame);
}

static TcpFrameKind
answer_kind (uint8_t ip_version)
{
  return ip_version == 4 ? TCP_FRAME_ARP_REPLY : TCP_FRAME_ADVERTISEMENT;
}

/* A question to a MAC that the hop has left finds nobody. */
static bool
is_asked (const Hop *hop, const TcpSegment *frame)
{
  return !hop->is_silent && frame->ip_version == hop->setup.ip_version
         && (frame->destination_mac_id == TCP_MAC_EVERYONE
             || frame->destination_mac_id == hop->setup.mac_id);
}

void
hops_take (Hops *hops, const TcpSegment *frame)
{
  uint32_t index = frame->tuple.destination_address_id - hops->config.first_address_id;
  bool is_question = frame->kind == TCP_FRAME_ARP_REQUEST || frame->kind == TCP_FRAME_SOLICITATION;

  if (!is_question || index >= hops->hop->len)
    return;
  hops->stats.questions++;
  if (!is_asked (hop_at (hops, index), frame))
    return;
  hops->stats.answers++;
  TcpSegment answer = frame_from (hops, index, answer_kind (frame->ip_version));
  answer.flags = TCP_FRAME_SOLICITED;
  send_frame (hops, &answer);
}

void
hops_move (Hops *hops, uint32_t hop, uint32_t mac_id, bool announces)
{
  HopSetup *setup = &hop_at (hops, hop)->setup;

  g_hash_table_remove (hops->by_mac, GUINT_TO_POINTER (setup->mac_id));
  g_hash_table_insert (hops->by_mac, GUINT_TO_POINTER (mac_id), GUINT_TO_POINTER (hop + 1));
  setup->mac_id = mac_id;
  hops->all_hear = false;
  if (!announces)
    return;
  TcpSegment news = frame_from (hops, hop, answer_kind (setup->ip_version));
  send_frame (hops, &news);
}

void
hops_silence (Hops *hops, uint32_t hop, bool is_silent)
{
  hop_at (hops, hop)->is_silent = is_silent;
  hops->all_hear = false;
}

void
hops_refuse (Hops *hops, uint32_t hop, const TcpSegment *segment, uint32_t mtu_bytes)
{
  TcpSegment message = frame_from (hops, hop, TCP_FRAME_TOO_BIG);

  hops->stats.too_big++;
  message.tuple.destination_address_id = segment->tuple.source_address_id;
  message.about_address_id = segment->tuple.destination_address_id;
  message.tuple.source_port = segment->tuple.source_port;
  message.tuple.destination_port = segment->tuple.destination_port;
  message.seq = segment->seq;
  message.mss = (uint16_t)mtu_bytes;
  send_frame (hops, &message);
}

void
hops_redirect (Hops *hops, uint32_t hop, uint32_t destination_address_id, uint32_t better)
{
  TcpSegment message = frame_from (hops, hop, TCP_FRAME_REDIRECT);

  message.about_address_id = destination_address_id;
  message.ack = hops_address (hops, better);
  send_frame (hops, &message);
}
