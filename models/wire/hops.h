/*
 * The next hops beyond the wire: who answers ARP and neighbor discovery, and which routers complain.
 *
 * A next hop has an IP address and a MAC.  It may move to another MAC, or fall silent: then what is
 * sent to it is lost.  The way back from the peers does not lead through it.
 *
 * Order       An answer is sent in the event of the question.
 * Owns        The table is the hops'.
 * Invariants  Hops are numbered from 0 in the order they were added; hop n has address first + n.
 * Source      RFC 826; RFC 4861 7.2; RFC 1191 4, RFC 8201 (packet too big); RFC 792, RFC 4861 8
 *             (redirect).
 */
#pragma once

#include "models/wire/wire.h"

typedef struct Hops Hops;

typedef struct HopsConfig {
  uint32_t first_address_id;
  uint32_t host_address_id, host_mac_id;
} HopsConfig;

typedef struct HopSetup {
  uint32_t mac_id;
  uint8_t ip_version;
  bool vlan_tagged;
  uint16_t vlan_tag;
} HopSetup;

typedef struct HopsStats {
  uint64_t questions, answers; /* of ARP and neighbor discovery */
  uint64_t unheard;            /* frames to a MAC where nobody is any more */
  uint64_t too_big;
} HopsStats;

/* By which wire the host is reached now. */
typedef Wire *(*HopsWay) (void *data);

Hops *hops_new (const HopsConfig *config, HopsWay way, void *data);
void hops_free (Hops *hops);
uint32_t hops_add (Hops *hops, const HopSetup *setup);

/* hops_hear tells whether somebody takes a frame sent to |mac_id|; hops_take is given one that is
 * no TCP. */
bool hops_hear (Hops *hops, uint32_t mac_id);
void hops_take (Hops *hops, const TcpSegment *frame);

/* hops_move gives |hop| another MAC; |announces|: it tells the host unasked. */
void hops_move (Hops *hops, uint32_t hop, uint32_t mac_id, bool announces);
void hops_silence (Hops *hops, uint32_t hop, bool is_silent);

/* hops_refuse says that |segment| is larger than |mtu_bytes|, hops_redirect that |destination| is
 * reached by |better| now. */
void hops_refuse (Hops *hops, uint32_t hop, const TcpSegment *segment, uint32_t mtu_bytes);
void hops_redirect (Hops *hops, uint32_t hop, uint32_t destination_address_id, uint32_t better);

uint32_t hops_address (const Hops *hops, uint32_t hop);
HopsStats hops_stats (const Hops *hops);
