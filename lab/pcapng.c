#include "lab/pcapng.h"

#include <string.h>

#include "sim/assert.h"

#define BLOCK_SECTION 0x0A0D0D0A
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1A2B3C4D

#define OPTION_END 0
#define SECTION_USERAPPL 4
#define INTERFACE_NAME 2
#define INTERFACE_DESCRIPTION 3
#define INTERFACE_TSRESOL 9
#define INTERFACE_FCSLEN 13
#define PACKET_FLAGS 2
#define PACKET_QUEUE 6

#define NANOSECONDS 9
#define PS_PER_NS 1000
#define TEXT_BYTES_MAX 128

/* A block being made, its packet's bytes apart. */
typedef struct Block {
  uint8_t bytes[512];
  size_t count;
} Block;

static void
put8 (Block *block, unsigned value)
{
  SIM_ASSERT (block->count < sizeof block->bytes);
  block->bytes[block->count++] = (uint8_t)value;
}

static void
put16 (Block *block, unsigned value)
{
  put8 (block, value);
  put8 (block, value >> 8);
}

static void
put32 (Block *block, uint32_t value)
{
  put16 (block, value);
  put16 (block, value >> 16);
}

static void
put_padding (Block *block)
{
  while (block->count % 4 != 0)
    put8 (block, 0);
}

static void
put_text (Block *block, unsigned option, const char *text)
{
  size_t count = strlen (text);

  SIM_ASSERT (count <= TEXT_BYTES_MAX);
  put16 (block, option);
  put16 (block, (unsigned)count);
  for (size_t i = 0; i < count; i++)
    put8 (block, (unsigned char)text[i]);
  put_padding (block);
}

static void
put_small (Block *block, unsigned option, unsigned value)
{
  put16 (block, option);
  put16 (block, 1);
  put8 (block, value);
  put_padding (block);
}

static void
put_number (Block *block, unsigned option, uint32_t value)
{
  put16 (block, option);
  put16 (block, 4);
  put32 (block, value);
}

/* Writes the block: type and length around what is in it. */
static void
put_block (LabRecording *recording, uint32_t type, const Block *body)
{
  Block head = { .count = 0 }, tail = { .count = 0 };
  uint32_t count = (uint32_t)body->count + 12;

  put32 (&head, type);
  put32 (&head, count);
  put32 (&tail, count);
  lab_recording_put (recording, head.bytes, head.count);
  lab_recording_put (recording, body->bytes, body->count);
  lab_recording_put (recording, tail.bytes, tail.count);
}

void
lab_pcapng_section (LabRecording *recording, const char *application)
{
  Block body = { .count = 0 };

  put32 (&body, BYTE_ORDER_MAGIC);
  put16 (&body, 1); /* version 1.0 */
  put16 (&body, 0);
  put32 (&body, UINT32_MAX); /* length: not told */
  put32 (&body, UINT32_MAX);
  put_text (&body, SECTION_USERAPPL, application);
  put32 (&body, OPTION_END);
  put_block (recording, BLOCK_SECTION, &body);
}

void
lab_pcapng_interface (LabRecording *recording, const LabPcapngInterface *interface)
{
  Block body = { .count = 0 };

  put16 (&body, interface->link_type);
  put16 (&body, 0);
  put32 (&body, 0); /* packets are whole */
  put_text (&body, INTERFACE_NAME, interface->name);
  put_text (&body, INTERFACE_DESCRIPTION, interface->description);
  put_small (&body, INTERFACE_TSRESOL, NANOSECONDS);
  put_small (&body, INTERFACE_FCSLEN, 0);
  put32 (&body, OPTION_END);
  put_block (recording, BLOCK_INTERFACE, &body);
}

void
lab_pcapng_packet (LabRecording *recording, const LabPcapngPacket *packet)
{
  Block head = { .count = 0 }, tail = { .count = 0 };
  uint64_t ns = (uint64_t)(packet->when.ps / PS_PER_NS);

  while ((packet->count + tail.count) % 4 != 0)
    put8 (&tail, 0);
  size_t padding = tail.count;
  Block options = { .count = 0 };
  put_number (&options, PACKET_FLAGS, packet->way);
  if (packet->has_queue)
    put_number (&options, PACKET_QUEUE, packet->queue);
  put32 (&options, OPTION_END);
  uint32_t count = (uint32_t)(28 + packet->count + padding + options.count + 4);

  put32 (&head, BLOCK_PACKET);
  put32 (&head, count);
  put32 (&head, packet->interface);
  put32 (&head, (uint32_t)(ns >> 32));
  put32 (&head, (uint32_t)ns);
  put32 (&head, (uint32_t)packet->count);
  put32 (&head, (uint32_t)packet->count);
  put32 (&options, count);
  lab_recording_put (recording, head.bytes, head.count);
  lab_recording_put (recording, packet->bytes, packet->count);
  lab_recording_put (recording, tail.bytes, tail.count);
  lab_recording_put (recording, options.bytes, options.count);
}
