#include "models/tcp/pattern.h"

#include <string.h>

#define STREAM_AT 7
#define STREAM_DIGITS 8
#define PLACE_AT 21
#define PLACE_DIGITS 10

static void
put_hex (uint8_t *at, unsigned digits, uint64_t value)
{
  for (unsigned i = digits; i-- > 0; value >>= 4)
    at[i] = (uint8_t) "0123456789abcdef"[value & 0xF];
}

static void
make_line (uint32_t stream_id, uint64_t place, uint8_t line[TCP_PATTERN_LINE_BYTES])
{
  memcpy (line, "stream ........ byte ..........\n", TCP_PATTERN_LINE_BYTES);
  put_hex (line + STREAM_AT, STREAM_DIGITS, stream_id);
  put_hex (line + PLACE_AT, PLACE_DIGITS, place);
}

uint8_t
tcp_pattern_byte (uint32_t stream_id, uint64_t offset)
{
  uint8_t line[TCP_PATTERN_LINE_BYTES];

  make_line (stream_id, offset - offset % TCP_PATTERN_LINE_BYTES, line);
  return line[offset % TCP_PATTERN_LINE_BYTES];
}

void
tcp_pattern_fill (TcpRange range, uint8_t *bytes)
{
  uint8_t line[TCP_PATTERN_LINE_BYTES];
  uint32_t skipped = (uint32_t)(range.offset % TCP_PATTERN_LINE_BYTES);
  uint64_t place = range.offset - skipped;

  for (uint32_t done = 0; done < range.bytes; place += TCP_PATTERN_LINE_BYTES, skipped = 0) {
    uint32_t left = range.bytes - done;
    uint32_t count =
        TCP_PATTERN_LINE_BYTES - skipped < left ? TCP_PATTERN_LINE_BYTES - skipped : left;
    make_line (range.stream_id, place, line);
    memcpy (bytes + done, line + skipped, count);
    done += count;
  }
}
