/*
 * A segment as the bytes of its Ethernet frame.
 *
 * The frame is what the fields of the segment say, options padded as common stacks pad them, with
 * right checksums unless an oddity asks for a wrong one, padded to 60 bytes, without FCS.
 *
 * Addresses are made from the world's ids, so that they tell them:
 *
 *   MAC    02:00:xx:xx:xx:xx       locally administered, id in the last four bytes
 *   IPv4   10.x.x.x                id in the last three
 *   IPv6   fd63:6869:6d73::xxxx:xxxx   a unique local prefix, id in the last four
 *
 * Oddities have these bytes: IP options are three no-operations and an end of list (IPv6: a
 * hop-by-hop header of padding); a bad IP header has a wrong checksum (IPv6, which has none:
 * version 15); a bad TCP checksum is the right one with every other bit turned over.  A fragment
 * contains what its segment does.
 *
 * Units       Bytes; network order.
 * Owns        Nothing.
 * Errors      A segment that no IP datagram can carry is a bug and asserts.
 * Source      IEEE 802.3, 802.1Q; RFC 791, 8200, 1071, 9293, 7323 Appendix A, 2018; RFC 4193 3 for
 *             the prefix.
 */
#pragma once

#include <stddef.h>

#include "models/tcp/segment.h"

/* The largest datagram with its link header and a tag. */
#define LAB_FRAME_BYTES_MAX (18 + 40 + 65535)

/* lab_frame_write writes the frame into |bytes|, which has room for LAB_FRAME_BYTES_MAX, and
 * returns its size. */
size_t lab_frame_write (const TcpSegment *segment, uint8_t *bytes);

void lab_frame_mac (uint32_t mac_id, uint8_t ret_mac[6]);
void lab_frame_ip4 (uint32_t address_id, uint8_t ret_address[4]);
void lab_frame_ip6 (uint32_t address_id, uint8_t ret_address[16]);
