#include "tests/support.h"

#include <string.h>

#include "models/tcp/pattern.h"

static void
a_line_tells_its_stream_and_its_place (G_GNUC_UNUSED void **state)
{
  char text[65] = { 0 };

  tcp_pattern_fill ((TcpRange){ .stream_id = 0x2A, .offset = 0x1220, .bytes = 64 },
                    (uint8_t *)text);

  assert_string_equal (text, "stream 0000002a byte 0000001220\n"
                             "stream 0000002a byte 0000001240\n");
}

static void
a_range_has_the_bytes_of_its_places_wherever_it_is_cut (G_GNUC_UNUSED void **state)
{
  uint8_t bytes[100];

  for (uint64_t offset = 0; offset < 70; offset++)
    for (uint32_t count = 0; count < sizeof bytes; count += 7) {
      memset (bytes, 0xEE, sizeof bytes);
      tcp_pattern_fill ((TcpRange){ offset, 3, count }, bytes);
      for (uint32_t i = 0; i < count; i++)
        assert_int_equal (bytes[i], tcp_pattern_byte (3, offset + i));
      assert_int_equal (bytes[count], 0xEE);
    }
}

static void
places_are_printed_modulo_a_terabyte (G_GNUC_UNUSED void **state)
{
  uint64_t terabyte = UINT64_C (1) << 40;

  for (uint64_t k = 0; k < 64; k++)
    assert_int_equal (tcp_pattern_byte (1, terabyte + k), tcp_pattern_byte (1, k));
  assert_int_equal (tcp_pattern_byte (1, terabyte - 2), '0');
  assert_int_equal (tcp_pattern_byte (1, terabyte - 3), 'e');
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_line_tells_its_stream_and_its_place),
    cmocka_unit_test (a_range_has_the_bytes_of_its_places_wherever_it_is_cut),
    cmocka_unit_test (places_are_printed_modulo_a_terabyte),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
