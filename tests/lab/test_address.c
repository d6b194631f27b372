#include "tests/support.h"

#include "lab/address.h"

static void
addresses_name_one_some_or_all (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text;
    bool is_all;
    uint32_t first;
    uint32_t last;
  } table[] = {
    { "web", true, 0, 0 },          { "web/*", true, 0, 0 },
    { "web/417", false, 417, 417 }, { "web/900-909", false, 900, 909 },
    { "web/0-0", false, 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    LabAddress address;
    g_autofree char *why = NULL;
    assert_true (lab_address_read (table[i].text, &address, &why));
    assert_string_equal (address.group, "web");
    assert_int_equal (address.is_all, table[i].is_all);
    assert_int_equal (address.first, table[i].first);
    assert_int_equal (address.last, table[i].last);
  }
}

static void
what_is_no_address_is_refused (G_GNUC_UNUSED void **state)
{
  static const char *const texts[] = { "",      "/3",      "web/",    "web/3-",          "web/-3",
                                       "web/x", "web/1,2", "web/1/2", "web/99999999999", "*",
                                       "a.b/1" };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    LabAddress address;
    g_autofree char *why = NULL;
    assert_false (lab_address_read (texts[i], &address, &why));
    g_autofree char *expected = g_strdup_printf (
        "\"%s\" is not an address of connections; write web/417, web/900-909 or web/*", texts[i]);
    assert_string_equal (why, expected);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (addresses_name_one_some_or_all),
    cmocka_unit_test (what_is_no_address_is_refused),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
