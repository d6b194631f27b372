/*
 * The bytes of a stream, where somebody needs real ones.
 *
 * A stream is text: lines of 32 bytes that say which stream this is and where in it they begin, so
 * that a dump of any part of it tells its place to the eye:
 *
 *   stream 00000003 byte 00000012a0\n
 *
 * Byte k is character k mod 32 of the line whose number is k minus that; stream and place are
 * hexadecimal.
 *
 * Units       Bytes.  The place is printed modulo 2^40: after a terabyte the text repeats itself.
 * Source      Ours; see "Payload is a pattern, not bytes" in models/tcp/segment.h.
 */
#pragma once

#include "models/tcp/segment.h"

#define TCP_PATTERN_LINE_BYTES 32

/* tcp_pattern_byte is byte |offset| of |stream_id|. */
uint8_t tcp_pattern_byte (uint32_t stream_id, uint64_t offset);

/* tcp_pattern_fill writes the bytes that |range| stands for; |bytes| has room for range.bytes. */
void tcp_pattern_fill (TcpRange range, uint8_t *bytes);
