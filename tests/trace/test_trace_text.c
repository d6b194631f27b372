#include "tests/support.h"

#include "models/trace/trace_text.h"

static const char *
status_name (int64_t value)
{
  return value == -1 ? "NOT_WRITTEN" : value == 0 ? "SUCCESS" : NULL;
}

static const TraceTextColumn columns[] = { { "status", status_name, -1, 5 } };
static const TraceTextNames names = { columns, G_N_ELEMENTS (columns) };

static void
a_record_of_every_kind_reads_back_as_it_was_written (G_GNUC_UNUSED void **state)
{
  for (uint16_t kind = 0; kind < TRACE_N_KINDS; kind++) {
    SimRecord record = { .when = { 1000 + kind }, .actor_id = 7, .kind = kind };
    SimRecord back;
    g_autoptr (GString) line = g_string_new (NULL);
    record.n_columns = trace_kinds[kind].n_columns;
    for (unsigned i = 0; i < record.n_columns; i++)
      record.column[i] = (int64_t)i - 2;

    trace_text_print (line, &record, &names);
    assert_true (trace_text_parse (line->str, &names, &back, NULL));

    assert_int_equal (back.kind, kind);
    assert_int_equal (back.when.ps, record.when.ps);
    assert_int_equal (back.actor_id, 7);
    assert_int_equal (back.n_columns, record.n_columns);
    assert_memory_equal (back.column, record.column, sizeof record.column);
  }
}

static void
calls_and_named_columns_are_printed_by_name (G_GNUC_UNUSED void **state)
{
  SimRecord record = { .when = { 5 }, .kind = TRACE_CALL_END, .n_columns = TRACE_N_CALL_END };
  g_autoptr (GString) line = g_string_new (NULL);
  record.column[1] = NDIS_CALL_NdisOffloadTcpSend;
  record.column[4] = -1;

  trace_text_print (line, &record, &names);

  assert_string_equal (line->str, "5 0 call-end crossing=0 call=NdisOffloadTcpSend layer=0 op=0 "
                                  "status=NOT_WRITTEN value=0");
}

static void
columns_left_out_are_zero_and_a_comment_ends_the_line (G_GNUC_UNUSED void **state)
{
  SimRecord record;

  assert_true (trace_text_parse ("10 3 nbl nbl=4 status=SUCCESS # bytes=9", &names, &record, NULL));

  assert_int_equal (record.kind, TRACE_NBL);
  assert_int_equal (record.column[0], 0);
  assert_int_equal (record.column[1], 4);
  assert_int_equal (record.column[4], 0);
}

static void
a_value_without_a_name_may_be_a_number (G_GNUC_UNUSED void **state)
{
  SimRecord record;

  assert_true (trace_text_parse ("1 0 nbl status=4 nbl=0x10", &names, &record, NULL));

  assert_int_equal (record.column[5], 4);
  assert_int_equal (record.column[1], 16);
}

static void
a_mistake_is_told_with_its_place (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *line;
    const char *message;
  } rows[] = {
    { "", "column 1: a word is missing" },
    { "now 0 nbl", "column 4: \"now\" is not an integer" },
    { "1 0 nbls", "column 9: no kind is called \"nbls\"" },
    { "1 0 nbl size=3", "column 14: nbl has no column" },
    { "1 0 nbl nbl", "column 12: \"nbl\" has no value" },
    { "1 0 nbl nbl=", "column 13: a word is missing" },
    { "1 0 nbl nbl=x", "column 14: \"x\" is no value of nbl" },
    { "1 0 call-begin call=NdisNothing", "column 32: \"NdisNothing\" is no value of call" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    SimRecord record;
    assert_false (trace_text_parse (rows[i].line, &names, &record, &error));
    assert_non_null (error);
    if (!g_str_has_prefix (error->message, rows[i].message))
      fail_msg ("\"%s\": %s", rows[i].line, error->message);
  }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_record_of_every_kind_reads_back_as_it_was_written),
    cmocka_unit_test (calls_and_named_columns_are_printed_by_name),
    cmocka_unit_test (columns_left_out_are_zero_and_a_comment_ends_the_line),
    cmocka_unit_test (a_value_without_a_name_may_be_a_number),
    cmocka_unit_test (a_mistake_is_told_with_its_place),
  };
  return cmocka_run_group_tests_name ("trace_text", tests, NULL, NULL);
}
