/* The scripts of tests/drill, and what drill says of scripts that are wrong. */
#include "tests/support.h"

#include "lab/drill/drill.h"

#include <string.h>

#define FOLDER "tests/drill"
#define SCRIPTS_LEAST 40
#define ON_TARGET_LEAST 30

static const char *const no_defines[] = { NULL };

/* Scripts in files */

static int
name_compare (const void *left, const void *right)
{
  return strcmp (*(char *const *)left, *(char *const *)right);
}

static GPtrArray *
scripts (void)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (FOLDER, 0, NULL);
  const char *file;

  assert_non_null (dir);
  while ((file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".pkt"))
      g_ptr_array_add (paths, g_strdup_printf (FOLDER "/%s", file));
  g_dir_close (dir);
  g_ptr_array_sort (paths, name_compare);
  return paths;
}

static DrillResult *
drill_path (const char *path, DrillOffload offload)
{
  GError *error = NULL;
  DrillScript *script = drill_script_load (path, no_defines, &error);
  if (script == NULL)
    fail_msg ("%s", error->message);
  DrillResult *result = drill_run (script, offload, &error);
  if (result == NULL)
    fail_msg ("%s", error->message);
  drill_script_free (script);
  return result;
}

/* Drills all; returns how many pass.  Failures are told and counted. */
static unsigned
drill_all (DrillOffload offload, unsigned *ret_failed, unsigned *ret_scripts)
{
  GPtrArray *paths = scripts ();
  unsigned passed = 0;

  *ret_failed = 0;
  *ret_scripts = paths->len;
  for (guint i = 0; i < paths->len; i++) {
    DrillResult *result = drill_path (paths->pdata[i], offload);
    passed += result->verdict == DRILL_PASSED;
    if (result->verdict == DRILL_FAILED) {
      g_autofree char *text = drill_result_text (result);
      print_error ("%s", text);
      (*ret_failed)++;
    }
    drill_result_free (result);
  }
  g_ptr_array_unref (paths);
  return passed;
}

static void
every_script_passes_on_the_hosts_path (G_GNUC_UNUSED void **state)
{
  unsigned failed, count;
  unsigned passed = drill_all (DRILL_OFFLOAD_NEVER, &failed, &count);

  assert_int_equal (failed, 0);
  assert_int_equal (passed, count);
  assert_true (count >= SCRIPTS_LEAST);
}

static void
every_script_that_applies_passes_on_the_targets_path (G_GNUC_UNUSED void **state)
{
  unsigned failed, count;
  unsigned passed = drill_all (DRILL_OFFLOAD_AFTER_HANDSHAKE, &failed, &count);

  assert_int_equal (failed, 0);
  assert_true (passed >= ON_TARGET_LEAST);
}

/* Scripts in the test */

#define LISTENS                                   \
  "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n" \
  "+0 bind(3, ..., ...) = 0\n"                    \
  "+0 listen(3, 1) = 0\n"                         \
  "+0 < S 0:0(0) win 20000 <mss 1000>\n"          \
  "+0 > S. 0:0(0) ack 1 win 65535 <mss 1460>\n"   \
  "+.1 < . 1:1(0) ack 1 win 20000\n"              \
  "+0 accept(3, ..., ...) = 4\n"
#define NEXT_LINE 8

static DrillResult *
drill_text (const char *text)
{
  GError *error = NULL;
  DrillScript *script = drill_script_parse ("x.pkt", text, strlen (text), no_defines, &error);
  if (script == NULL)
    fail_msg ("%s", error->message);
  DrillResult *result = drill_run (script, DRILL_OFFLOAD_NEVER, &error);
  if (result == NULL)
    fail_msg ("%s", error->message);
  drill_script_free (script);
  return result;
}

static void
what_differs_is_told_with_its_line_and_both_packets (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text, *what, *expected, *actual;
  } rows[] = {
    { "+0 write(4, ..., 500) = 500\n+0 > P. 1:501(500) ack 2\n", "ack", "> P. 1:501(500) ack 2",
      "> P. 1:501(500) ack 1 win 65535" },
    { "+0 write(4, ..., 500) = 500\n+0 > . 1:501(500) ack 1\n", "flags", "> . 1:501(500) ack 1",
      "> P. 1:501(500) ack 1 win 65535" },
    { "+0 write(4, ..., 500) = 500\n+0 > P. 2:502(500) ack 1\n", "sequence number",
      "> P. 2:502(500) ack 1", "> P. 1:501(500) ack 1 win 65535" },
    { "+0 write(4, ..., 500) = 500\n+0 > P. 1:401(400) ack 1\n", "payload bytes",
      "> P. 1:401(400) ack 1", "> P. 1:501(500) ack 1 win 65535" },
    { "+0 write(4, ..., 500) = 500\n+0 > P. 1:501(500) ack 1 win 9\n", "window",
      "> P. 1:501(500) ack 1 win 9", "> P. 1:501(500) ack 1 win 65535" },
    { "+0 write(4, ..., 500) = 500\n+0 > P. 1:501(500) ack 1 <sack 1:2>\n", "options",
      "> P. 1:501(500) ack 1 <sack 1:2>", "> P. 1:501(500) ack 1 win 65535" },
    { "+0 < P. 1:101(100) ack 1 win 20000\n+5 > . 1:1(0) ack 102\n", "ack", "> . 1:1(0) ack 102",
      "> . 1:1(0) ack 101 win 65435" },
    { "+0 < P. 1:101(100) ack 1 win 20000\n+0 read(4, ..., 200) = 99\n", "result of read",
      "read (...) = 99", "read (...) = 100" },
    { "+0 close(4) = 0\n+0 < . 1:1(0) ack 1 win 20000\n+0 > . 1:1(0) ack 1\n", "flags",
      "> . 1:1(0) ack 1", "> F. 1:1(0) ack 1 win 65535" },
    { "+0 bind(4, ..., ...) = 0\n+0 > . 1:1(0) ack 1\n", "no packet", "> . 1:1(0) ack 1", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat (LISTENS, rows[i].text, NULL);
    DrillResult *result = drill_text (text);
    unsigned lines = 0;
    for (const char *p = rows[i].text; *p != '\0'; p++)
      lines += *p == '\n';

    assert_int_equal (result->verdict, DRILL_FAILED);
    assert_int_equal (result->line, NEXT_LINE + lines - 1);
    assert_string_equal (result->what, rows[i].what);
    assert_string_equal (result->expected, rows[i].expected);
    if (rows[i].actual == NULL)
      assert_null (result->actual);
    else
      assert_string_equal (result->actual, rows[i].actual);
    drill_result_free (result);
  }
}

static void
a_segment_at_the_wrong_time_fails (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *when;
    DrillVerdict verdict;
  } rows[] = {
    { "+.2", DRILL_PASSED },  { "+.197", DRILL_PASSED },   { "+.15", DRILL_FAILED },
    { "+.25", DRILL_FAILED }, { "+.1~+.3", DRILL_PASSED }, { "+.1~+.15", DRILL_FAILED },
    { ".4", DRILL_PASSED },   { ".3~.5", DRILL_PASSED },   { ".5", DRILL_FAILED },
    { "*", DRILL_PASSED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat ("--tolerance_usecs=4000 --tolerance_percent=0\n" LISTENS
                                         "+.1 < P. 1:101(100) ack 1 win 20000\n",
                                         rows[i].when, " > . 1:1(0) ack 101\n", NULL);
    DrillResult *result = drill_text (text);
    assert_int_equal (result->verdict, rows[i].verdict);
    if (rows[i].verdict == DRILL_FAILED)
      assert_true (g_str_has_prefix (result->what, "time: it came at 0.4"));
    drill_result_free (result);
  }
}

static void
a_tolerance_is_a_share_of_a_long_wait (G_GNUC_UNUSED void **state)
{
  DrillResult *result = drill_text (LISTENS "+.1 < P. 1:101(100) ack 1 win 20000\n"
                                            "+.22 > . 1:1(0) ack 101\n");
  assert_int_equal (result->verdict, DRILL_PASSED);
  drill_result_free (result);
}

static void
what_the_model_does_not_have_is_named_and_never_passes (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text, *name;
  } rows[] = {
    { "+0 epoll_create(1) = 5\n", "call epoll_create (line 8)" },
    { "+0 setsockopt(4, IPPROTO_TCP, TCP_CORK, [1], 4) = 0\n", "setsockopt TCP_CORK (line 8)" },
    { "+0 send(4, ..., 5, MSG_OOB) = 5\n", "send MSG_OOB (line 8)" },
    { "+0 < icmp unreachable frag_needed mtu 1200 [1:1(0)]\n", "packet of icmp (line 8)" },
    { "+0 < icmp unreachable port_unreachable [0:0(0)/udp(1 > 2)]\n", "packet of icmp (line 8)" },
    { "+0 < . 1:1(0) ack 1 win 5 <FO 0102>\n", "TCP option FO (line 8)" },
    { "+0 < . 1:1(0) ack 1 win 5 <foo 7>\n", "TCP option foo (line 8)" },
    { "+0 > .5 1:1(0) ack 1\n", "AccECN (line 8)" },
    { "+0 < . 1:1(0) ack 1 win 5/udp(1 > 2)\n", "TCP over UDP (line 8)" },
    { "+0 `ifconfig lo`\n", "command `ifconfig lo` (line 8)" },
    { "+0 %{ assert tcpi_rcv_rtt == 3 }%\n", "code with tcpi_rcv_rtt (line 8)" },
    { "+0 %{ import os }%\n", "code with import (line 8)" },
    { "+0 write(4, NULL, 5) = -1 EFAULT (Bad address)\n", "addresses of memory in write (line 8)" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strconcat (LISTENS, rows[i].text, NULL);
    DrillResult *result = drill_text (text);
    assert_int_equal (result->verdict, DRILL_NOT_APPLICABLE);
    assert_true (result->foreign->len > 0);
    assert_string_equal (result->foreign->pdata[0], rows[i].name);
    drill_result_free (result);
  }
}

static void
sysctls_are_set_passed_over_or_named (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *command;
    const char *name; /* NULL: applies */
  } rows[] = {
    { "sysctl -w net.inet.tcp.hostcache.purgenow=1", NULL },
    { "sysctl -w net.inet.tcp.sack.enable=0", NULL },
    { "sysctl -w net.inet.tcp.insecure_rst=1", NULL },
    { "sysctl -w net.inet.tcp.blackhole=0", NULL },
    { "sysctl -w net.inet.tcp.blackhole=1", "sysctl net.inet.tcp.blackhole=1 (line 1)" },
    { "sysctl -w net.inet.tcp.unheard_of=1", "sysctl net.inet.tcp.unheard_of (line 1)" },
    { "rm -r /", "command `rm -r /` (line 1)" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text =
        g_strdup_printf ("`%s`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", rows[i].command);
    DrillResult *result = drill_text (text);
    if (rows[i].name == NULL) {
      assert_int_equal (result->verdict, DRILL_PASSED);
    } else {
      assert_int_equal (result->verdict, DRILL_NOT_APPLICABLE);
      assert_string_equal (result->foreign->pdata[0], rows[i].name);
    }
    drill_result_free (result);
  }
}

static void
a_sysctl_changes_what_a_syn_offers (G_GNUC_UNUSED void **state)
{
  DrillResult *result =
      drill_text ("`sysctl -w net.inet.tcp.rfc1323=0`\n"
                  "0 socket(..., SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) = 3\n"
                  "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
                  "+0 > S 0:0(0) win 65535 <mss 1460,sackOK,eol,eol>\n");
  assert_int_equal (result->verdict, DRILL_PASSED);
  drill_result_free (result);
}

/* Parsing */

static void
a_mistake_is_told_with_its_line (G_GNUC_UNUSED void **state)
{
  static const struct {
    const char *text, *message;
  } rows[] = {
    { "", "x.pkt:1: no events" },
    { "// only words\n", "x.pkt:2: no events" },
    { "0 socket(\n", "x.pkt:2: expected a value, not the end" },
    { "0 socket(1, 2\n= 3\n", "x.pkt:2: expected `)`, not `=`" },
    { "0 socket(1) 3\n", "x.pkt:1: expected `=`, not `3`" },
    { "\n+x close(3) = 0\n", "x.pkt:2: expected a time in seconds, not `x`" },
    { "-1 close(3) = 0\n", "x.pkt:1: expected a time in seconds, not `-1`" },
    { "0 < Q 1:1(0)\n", "x.pkt:1: expected flags of F, S, R, P, U, E, W, not `Q`" },
    { "0 < . 1:2(0)\n", "x.pkt:1: 1:2 is not a segment of 0 bytes" },
    { "0 < . 1:1(0) win 70000\n", "x.pkt:1: expected a number from 0 to 65535, not `70000`" },
    { "0 < . 1:1(0) <mss>\n", "x.pkt:1: expected a number from 0 to 65535, not `>`" },
    { "0 < . 1:1(0) <mss 5\n", "x.pkt:2: expected `>`, not the end" },
    { "0 < . 1:1(0) <sack 1:2 3:4 5:6 7:8 9:10>\n", "x.pkt:1: expected at most 4 blocks, not `>`" },
    { "0 < [ect5] . 1:1(0)\n",
      "x.pkt:1: expected noecn, ect0, ect1, ect01, ce, tos, ttl, flowlabel, not `ect5`" },
    { "0 `never ends\n", "x.pkt:1: ` without `" },
    { "0 %{ never ends\n", "x.pkt:1: %{ without }%" },
    { "/* never\nends", "x.pkt:1: /* without */" },
    { "#ifdef A\n0 close(3) = 0\n", "x.pkt:1: #ifdef without #endif" },
    { "0 close(3) = 0\n#endif\n", "x.pkt:2: #endif without #ifdef" },
    { "1~.5 close(3) = 0\n", "x.pkt:1: a range of times that ends before it begins" },
    { "+1 close(3) = 0\n.5 close(4) = 0\n", "x.pkt:2: a time before that of the event before" },
    { "1 close(3) = 0\n* > . 1:1(0)\n+1~+2 close(4) = 0\n1.9 close(5) = 0\n",
      "x.pkt:4: a time before that of the event before" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    GError *error = NULL;
    DrillScript *script =
        drill_script_parse ("x.pkt", rows[i].text, strlen (rows[i].text), no_defines, &error);
    assert_null (script);
    assert_string_equal (error->message, rows[i].message);
    g_error_free (error);
  }
}

static void
values_inside_one_another_have_a_limit (G_GNUC_UNUSED void **state)
{
  g_autofree char *deep = g_strnfill (10000, '[');
  g_autofree char *text = g_strconcat ("0 f(", deep, NULL);
  GError *error = NULL;

  assert_null (drill_script_parse ("x.pkt", text, strlen (text), no_defines, &error));
  assert_string_equal (error->message,
                       "x.pkt:1: expected at most 32 values inside one another, not `[`");
  g_error_free (error);
}

static void
parts_are_switched_by_definitions (G_GNUC_UNUSED void **state)
{
  const char *text =
      "#ifdef ONE\n0 close(1) = 0\n#else\n0 close(2) = 0\n0 close(NUMBER) = 0\n#endif\n";
  const char *with_one[] = { "ONE", NULL };
  const char *with_number[] = { "NUMBER=7", NULL };
  const struct {
    const char *const *defines;
    guint events;
  } rows[] = { { with_one, 1 }, { with_number, 2 }, { no_defines, 2 } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    DrillScript *script = drill_script_parse ("x.pkt", text, strlen (text), rows[i].defines, NULL);
    assert_non_null (script);
    assert_int_equal (script->events->len, rows[i].events);
    drill_script_free (script);
  }
  DrillScript *script = drill_script_parse ("x.pkt", text, strlen (text), with_number, NULL);
  const DrillEvent *last = script->events->pdata[1];
  const DrillValue *number = last->call.arguments->pdata[0];
  assert_int_equal (last->line, 5);
  assert_string_equal (number->text, "7");
  drill_script_free (script);
}

static void
an_option_without_its_number_is_refused (G_GNUC_UNUSED void **state)
{
  const char *text = "--tolerance_usecs=much\n0 close(3) = 0\n";
  DrillScript *script = drill_script_parse ("x.pkt", text, strlen (text), no_defines, NULL);
  GError *error = NULL;

  assert_non_null (script);
  assert_null (drill_run (script, DRILL_OFFLOAD_NEVER, &error));
  assert_string_equal (error->message,
                       "x.pkt:1: --tolerance_usecs needs a number up to 4294967295");
  g_error_free (error);
  drill_script_free (script);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_script_passes_on_the_hosts_path),
    cmocka_unit_test (every_script_that_applies_passes_on_the_targets_path),
    cmocka_unit_test (what_differs_is_told_with_its_line_and_both_packets),
    cmocka_unit_test (a_segment_at_the_wrong_time_fails),
    cmocka_unit_test (a_tolerance_is_a_share_of_a_long_wait),
    cmocka_unit_test (what_the_model_does_not_have_is_named_and_never_passes),
    cmocka_unit_test (sysctls_are_set_passed_over_or_named),
    cmocka_unit_test (a_sysctl_changes_what_a_syn_offers),
    cmocka_unit_test (a_mistake_is_told_with_its_line),
    cmocka_unit_test (values_inside_one_another_have_a_limit),
    cmocka_unit_test (parts_are_switched_by_definitions),
    cmocka_unit_test (an_option_without_its_number_is_refused),
  };
  return cmocka_run_group_tests_name ("drill", tests, NULL, NULL);
}
