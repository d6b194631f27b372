#include "tests/support.h"

#include <string.h>

#include "models/tcp/state.h"
#include "models/tcp/tcp.h"

#define NO_ROW (-1)
#define C TcpConnectionClosed
#define LI TcpConnectionListen
#define SS TcpConnectionSynSent
#define SR TcpConnectionSynRcvd
#define ES TcpConnectionEstablished
#define F1 TcpConnectionFinWait1
#define F2 TcpConnectionFinWait2
#define CW TcpConnectionCloseWait
#define CG TcpConnectionClosing
#define LA TcpConnectionLastAck
#define TW TcpConnectionTimeWait
#define __ NO_ROW

/* The diagram once more, as a matrix: a column per event in the order of the enum. */
static const int expected[TCP_N_STATES][TCP_N_STATE_EVENTS] = {
  /*        passive act SYN acked CLOSE FIN fin+ RST ABORT exp. give SYN@ */
  [C] = { LI, SS, __, __, __, __, __, __, __, __, __, __ },
  [LI] = { __, __, SR, __, C, __, __, __, C, __, __, __ },
  [SS] = { __, __, SR, ES, C, __, __, C, C, __, C, __ },
  [SR] = { __, __, __, ES, __, __, __, C, C, __, C, __ },
  [ES] = { __, __, __, __, F1, CW, __, C, C, __, C, C },
  [F1] = { __, __, __, __, __, CG, F2, C, C, __, C, C },
  [F2] = { __, __, __, __, __, TW, __, C, C, C, C, C },
  [CW] = { __, __, __, __, LA, __, __, C, C, __, C, C },
  [CG] = { __, __, __, __, __, __, TW, C, C, __, C, C },
  [LA] = { __, __, __, __, __, __, C, C, C, __, C, C },
  [TW] = { __, __, __, __, __, __, __, C, C, C, __, __ },
};

static void
every_row_leads_where_the_diagram_says (G_GNUC_UNUSED void **state)
{
  for (int from = 0; from < TCP_N_STATES; from++)
    for (int event = 0; event < TCP_N_STATE_EVENTS; event++) {
      if (expected[from][event] == NO_ROW)
        continue;
      Tcb tcb = { .State = (uint8_t)from };

      assert_true (tcp_state_step (&tcb, (TcpStateEvent)event));

      assert_int_equal (tcb.State, expected[from][event]);
    }
}

static void
every_missing_pair_is_refused_and_changes_nothing (G_GNUC_UNUSED void **state)
{
  for (int from = 0; from < TCP_N_STATES; from++)
    for (int event = 0; event < TCP_N_STATE_EVENTS; event++) {
      if (expected[from][event] != NO_ROW)
        continue;
      Tcb tcb = { .State = (uint8_t)from };

      assert_false (tcp_state_step (&tcb, (TcpStateEvent)event));

      assert_int_equal (tcb.State, from);
      assert_null (tcp_state_rule ((TCP_OFFLOAD_CONNECTION_STATE)from, (TcpStateEvent)event));
    }
}

static void
every_row_names_its_source (G_GNUC_UNUSED void **state)
{
  uint32_t rows = 0;
  for (int from = 0; from < TCP_N_STATES; from++)
    for (int event = 0; event < TCP_N_STATE_EVENTS; event++) {
      const char *rule = tcp_state_rule ((TCP_OFFLOAD_CONNECTION_STATE)from, (TcpStateEvent)event);
      if (rule == NULL)
        continue;
      rows++;
      assert_true (g_str_has_prefix (rule, "RFC 9293") || strchr (rule, '-') != NULL);
    }
  assert_int_equal (rows, 51);
}

static void
established_to_last_ack_may_be_offloaded (G_GNUC_UNUSED void **state)
{
  for (int s = 0; s < TCP_N_STATES; s++) {
    bool may = s == ES || s == F1 || s == F2 || s == CW || s == CG || s == LA;

    assert_int_equal (tcp_state_can_offload ((TCP_OFFLOAD_CONNECTION_STATE)s), may);
  }
}

static void
names_are_those_of_the_rfc (G_GNUC_UNUSED void **state)
{
  assert_string_equal (tcp_state_name (C), "CLOSED");
  assert_string_equal (tcp_state_name (SR), "SYN_RCVD");
  assert_string_equal (tcp_state_name (F2), "FIN_WAIT_2");
  assert_string_equal (tcp_state_name (TW), "TIME_WAIT");
}

static void
sets_of_states_follow_from_the_diagram (G_GNUC_UNUSED void **state)
{
  for (int s = 0; s < TCP_N_STATES; s++) {
    TCP_OFFLOAD_CONNECTION_STATE st = (TCP_OFFLOAD_CONNECTION_STATE)s;
    TCP_OFFLOAD_CONNECTION_STATE next;
    bool may_get_fin = tcp_state_next (st, TCP_EVENT_FIN, &next);

    assert_int_equal (tcp_state_can_receive (st), may_get_fin);
    assert_int_equal (tcp_state_has_sent_fin (st),
                      s == F1 || s == F2 || s == CG || s == LA || s == TW);
    assert_int_equal (tcp_state_fin_is_acked (st), s == F2 || s == TW);
    assert_int_equal (tcp_state_is_synchronized (st), s != C && s != LI && s != SS && s != SR);
    assert_int_equal (tcp_state_resets_on_abort (st),
                      s == SR || s == ES || s == F1 || s == F2 || s == CW);
  }
}

static void
a_state_outside_the_enum_is_a_bug (G_GNUC_UNUSED void **state)
{
  expect_assert_failure (tcp_state_name ((TCP_OFFLOAD_CONNECTION_STATE)TCP_N_STATES));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_row_leads_where_the_diagram_says),
    cmocka_unit_test (every_missing_pair_is_refused_and_changes_nothing),
    cmocka_unit_test (every_row_names_its_source),
    cmocka_unit_test (established_to_last_ack_may_be_offloaded),
    cmocka_unit_test (names_are_those_of_the_rfc),
    cmocka_unit_test (sets_of_states_follow_from_the_diagram),
    cmocka_unit_test (a_state_outside_the_enum_is_a_bug),
  };
  return cmocka_run_group_tests_name ("state", tests, NULL, NULL);
}
