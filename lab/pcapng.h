/*
 * The blocks of a pcapng file: section, interfaces, packets with nanosecond stamps.
 *
 * Order       One section, then its interfaces, then packets; interfaces are numbered from 0.
 * Units       Instants are rounded down to nanoseconds (if_tsresol 9).
 * Errors      Those of the recording, told when it is closed.
 * Invariants  Bytes are little-endian on every machine.
 * Source      draft-ietf-opsawg-pcapng: 4.1 section header, 4.2 interface description, 4.3 enhanced
 *             packet.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lab/recording.h"

/* Link types of tcpdump.org's list. */
enum {
  LAB_LINKTYPE_ETHERNET = 1,
  LAB_LINKTYPE_USER0 = 147,
};

typedef enum LabPcapngWay {
  LAB_PCAPNG_INBOUND = 1,
  LAB_PCAPNG_OUTBOUND = 2,
} LabPcapngWay;

typedef struct LabPcapngInterface {
  uint16_t link_type;
  const char *name, *description;
} LabPcapngInterface;

typedef struct LabPcapngPacket {
  uint32_t interface;
  SimTime when;
  LabPcapngWay way;
  bool has_queue;
  uint32_t queue; /* meaningful if has_queue */
  const uint8_t *bytes;
  size_t count;
} LabPcapngPacket;

void lab_pcapng_section (LabRecording *recording, const char *application);
void lab_pcapng_interface (LabRecording *recording, const LabPcapngInterface *interface);
void lab_pcapng_packet (LabRecording *recording, const LabPcapngPacket *packet);
