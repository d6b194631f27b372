#include "tests/support.h"

#include "lab/quantity.h"

static void
quantities_are_read_exactly (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    LabDimension dimension;
    int64_t value;
  } table[] = {
    { "0", LAB_COUNT, 0 },
    { "1000", LAB_COUNT, 1000 },
    { "9223372036854775807", LAB_COUNT, INT64_MAX },
    { "1234567890123456789 B", LAB_BYTES, INT64_C (1234567890123456789) },
    { "5 us", LAB_TIME, 5000000 },
    { "0.5 us", LAB_TIME, 500000 },
    { "0.000000000001 s", LAB_TIME, 1 },
    { "0.50000000000000000000 us", LAB_TIME, 500000 },
    { "30 min", LAB_TIME, INT64_C (1800000000000000) },
    { "2.4 GHz", LAB_FREQUENCY, INT64_C (2400000000) },
    { "350MHz", LAB_FREQUENCY, 350000000 },
    { "10 Gbit/s", LAB_RATE, INT64_C (10000000000) },
    { "1448 B", LAB_BYTES, 1448 },
    { "64 KiB", LAB_BYTES, 65536 },
    { "1.5 KiB", LAB_BYTES, 1536 },
    { "2 MB", LAB_BYTES, 2000000 },
    { "900 cycles", LAB_CYCLES, 900 },
    { "1 cycle", LAB_CYCLES, 1 },
    { "358 cycles/KiB", LAB_UNIT_COST, 358 },
    { "0.5 cycles/B", LAB_UNIT_COST, 512 },
    { "200 ticks", LAB_TICKS, 200 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    int64_t value = -1;
    g_autofree char *why = NULL;
    bool ok = lab_quantity_read (table[i].text, table[i].dimension, &value, &why);
    if (!ok)
      print_error ("%s: %s\n", table[i].text, why);
    assert_true (ok);
    assert_int_equal (value, table[i].value);
  }
}

static void
what_is_no_quantity_is_explained (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    LabDimension dimension;
    const char *why;
  } table[] = {
    { "350", LAB_FREQUENCY,
      "350 has no unit; write one of Hz, kHz, MHz, GHz, for instance 350 MHz" },
    { "350 ms", LAB_FREQUENCY,
      "\"350 ms\" is a time, not a frequency; write it in Hz, kHz, MHz, GHz" },
    { "350 Mhz", LAB_FREQUENCY, "\"Mhz\" is not a unit; write 350 MHz" },
    { "10 Gbps", LAB_RATE, "\"Gbps\" is not a unit; write 10 Gbit/s" },
    { "64 KB", LAB_BYTES, "\"KB\" is not a unit; write 64 KiB or kB" },
    { "5 parsec", LAB_TIME, "\"parsec\" is not a unit; write one of ps, ns, us, ms, s, min" },
    { "8 us", LAB_COUNT, "\"8 us\" has a unit, but this is a count; write 8" },
    { "many", LAB_COUNT, "\"many\" is not a count; write for instance 16" },
    { "fast", LAB_RATE, "\"fast\" is not a rate; write for instance 10 Gbit/s" },
    { "0.5", LAB_COUNT, "0.5 is not a whole number; write fewer digits" },
    { "0.5 ps", LAB_TIME, "0.5 ps is not a whole number of picoseconds; write fewer digits" },
    { "9999999999 s", LAB_TIME, "9999999999 s is too large to be counted; write less" },
    { "12345678901234567890 B", LAB_BYTES,
      "12345678901234567890 B has too many digits; write fewer and a larger unit" },
    { "9223372036854775808", LAB_COUNT,
      "9223372036854775808 is too large to be counted; write less" },
    { "1234567890123456789 KiB", LAB_BYTES,
      "1234567890123456789 KiB is too large to be counted; write less" },
    { "0o17", LAB_COUNT, "0o17 is not decimal; write 15" },
    { "0x1F", LAB_COUNT, "0x1F is not decimal; write 31" },
    { "017", LAB_COUNT, "017 could be octal; write 17" },
    { "017 us", LAB_TIME, "017 could be octal; write 17" },
    { "12:30", LAB_COUNT, "12:30 could be base 60; write one number with its unit" },
    { "12:30", LAB_TIME, "12:30 could be base 60; write one number with its unit" },
    { "1_000", LAB_COUNT, "1_000 has marks between its digits; write the digits alone" },
    { "1,000 B", LAB_BYTES, "1,000 has marks between its digits; write the digits alone" },
    { "1e6", LAB_COUNT, "1e6 has an exponent; write all digits or a larger unit" },
    { "-5 us", LAB_TIME, "-5 us is negative; write 0 or more" },
    { "", LAB_COUNT, "\"\" is not a count; write for instance 16" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    int64_t value = 77;
    g_autofree char *why = NULL;
    assert_false (lab_quantity_read (table[i].text, table[i].dimension, &value, &why));
    assert_string_equal (why, table[i].why);
    assert_int_equal (value, 77);
  }
}

static void
a_printed_quantity_reads_back_as_itself (G_GNUC_UNUSED void **state)
{
  static const struct {
    int64_t value;
    LabDimension dimension;
    const char *text;
  } table[] = {
    { 0, LAB_TIME, "0 ps" },
    { 500000, LAB_TIME, "500 ns" },
    { 1500000, LAB_TIME, "1.5 us" },
    { 1500001, LAB_TIME, "1500.001 ns" },
    { 400000000000, LAB_TIME, "400 ms" },
    { INT64_MAX, LAB_TIME, "9223372036854775.807 ns" },
    { 2400000000, LAB_FREQUENCY, "2.4 GHz" },
    { 350000000, LAB_FREQUENCY, "350 MHz" },
    { 10000000000, LAB_RATE, "10 Gbit/s" },
    { 1448, LAB_BYTES, "1448 B" },
    { 65536, LAB_BYTES, "64 KiB" },
    { 1000000, LAB_BYTES, "1000000 B" },
    { 1, LAB_CYCLES, "1 cycles" },
    { 358, LAB_UNIT_COST, "358 cycles/KiB" },
    { 200, LAB_TICKS, "200 ticks" },
    { 1000, LAB_COUNT, "1000" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = lab_quantity_text (table[i].value, table[i].dimension);
    assert_string_equal (text, table[i].text);
    if (table[i].value == INT64_MAX)
      continue; /* more digits than a person may write */
    int64_t value = -1;
    g_autofree char *why = NULL;
    assert_true (lab_quantity_read (text, table[i].dimension, &value, &why));
    assert_int_equal (value, table[i].value);
  }
}

static void
ratios_are_fractions_or_percentages (G_GNUC_UNUSED void **state)
{
  LabRatio ratio = { 0, 0 };
  g_autofree char *why = NULL;

  assert_true (lab_ratio_read ("0/1", &ratio, &why));
  assert_true (ratio.n == 0 && ratio.d == 1);
  assert_true (lab_ratio_read ("3/1000", &ratio, &why));
  assert_true (ratio.n == 3 && ratio.d == 1000);
  assert_true (lab_ratio_read ("0.5%", &ratio, &why));
  assert_true (ratio.n == 5 && ratio.d == 1000);
  g_autofree char *text = lab_ratio_text (ratio);
  assert_string_equal (text, "5/1000");
}

static void
what_is_no_ratio_is_explained (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    const char *why;
  } table[] = {
    { "0.01", "\"0.01\" is not a ratio; write n/d, for instance 1/1000" },
    { "2/1", "2/1 is not between 0 and 1; write for instance 1/1000" },
    { "1/0", "1/0 is not between 0 and 1; write for instance 1/1000" },
    { "101%", "\"101%\" is not a ratio; write n/d, for instance 1/1000" },
    { "%", "\"%\" is not a ratio; write n/d, for instance 1/1000" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    LabRatio ratio = { 7, 7 };
    g_autofree char *why = NULL;
    assert_false (lab_ratio_read (table[i].text, &ratio, &why));
    assert_string_equal (why, table[i].why);
  }
}

static void
percentiles_keep_their_decimals (G_GNUC_UNUSED void **state)
{
  static const char *const texts[] = { "50", "99.9", "99.99", "100", "0.1" };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    LabRatio ratio = { 0, 0 };
    g_autofree char *why = NULL;
    assert_true (lab_percentile_read (texts[i], &ratio, &why));
    g_autofree char *text = lab_percentile_text (ratio);
    assert_string_equal (text, texts[i]);
  }
  LabRatio ratio = { 0, 0 };
  g_autofree char *why = NULL;
  assert_false (lab_percentile_read ("0", &ratio, &why));
}

static void
only_true_and_false_are_booleans (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    const char *why;
  } table[] = {
    { "yes", "yes is not a boolean; write true" },
    { "No", "No is not a boolean; write false" },
    { "on", "on is not a boolean; write true" },
    { "off", "off is not a boolean; write false" },
    { "True", "True is not a boolean; write true" },
    { "0", "0 is not a boolean; write false" },
    { "maybe", "\"maybe\" is not a boolean; write true or false" },
  };
  bool value = false;
  g_autofree char *none = NULL;
  assert_true (lab_boolean_read ("true", &value, &none));
  assert_true (value);
  assert_true (lab_boolean_read ("false", &value, &none));
  assert_false (value);
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *why = NULL;
    assert_false (lab_boolean_read (table[i].text, &value, &why));
    assert_string_equal (why, table[i].why);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (quantities_are_read_exactly),
    cmocka_unit_test (what_is_no_quantity_is_explained),
    cmocka_unit_test (a_printed_quantity_reads_back_as_itself),
    cmocka_unit_test (ratios_are_fractions_or_percentages),
    cmocka_unit_test (what_is_no_ratio_is_explained),
    cmocka_unit_test (percentiles_keep_their_decimals),
    cmocka_unit_test (only_true_and_false_are_booleans),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
