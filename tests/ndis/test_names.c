#include "tests/support.h"

#include "models/ndis/oid.h"
#include "models/ndis/types.h"

static void
every_status_has_its_documented_name (G_GNUC_UNUSED void **state)
{
  for (NDIS_STATUS status = 0; status < NDIS_N_STATUSES; status++)
    assert_true (g_str_has_prefix (ndis_status_name (status), "NDIS_STATUS_"));
  assert_string_equal (ndis_status_name (NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS),
                       "NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS");
  assert_string_equal (ndis_status_name (NDIS_STATUS_NOT_WRITTEN), "NDIS_STATUS_NOT_WRITTEN");
  assert_null (ndis_status_name (NDIS_N_STATUSES));
}

static void
every_oid_has_its_documented_name (G_GNUC_UNUSED void **state)
{
  for (NDIS_OID oid = 0; oid < NDIS_N_OIDS; oid++)
    assert_true (g_str_has_prefix (ndis_oid_name (oid), "OID_"));
  assert_null (ndis_oid_name (NDIS_N_OIDS));
}

static void
every_event_and_reason_has_its_documented_name (G_GNUC_UNUSED void **state)
{
  for (uint32_t type = 0; type <= TcpIndicateAbort; type++)
    assert_true (g_str_has_prefix (ndis_event_name (type), "TcpIndicate"));
  for (uint32_t reason = 0; reason <= HardwareFailure; reason++)
    assert_non_null (ndis_upload_reason_name (reason));
  assert_string_equal (ndis_upload_reason_name (NoBufferPreposting), "NoBufferPreposting");
  assert_null (ndis_event_name (TcpIndicateAbort + 1));
  assert_null (ndis_upload_reason_name (HardwareFailure + 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_status_has_its_documented_name),
    cmocka_unit_test (every_oid_has_its_documented_name),
    cmocka_unit_test (every_event_and_reason_has_its_documented_name),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
