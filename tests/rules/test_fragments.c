#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "models/rules/columns.h"
#include "models/rules/rule_book.h"
#include "models/rules/trace_names.h"

/*
 * Fragments of trace: what a rule has to see, and what it has to be silent on.  See
 * fragments/README.
 */
#define FOLDER "tests/rules/fragments/"
#define CROSSINGS_MAX 4096

typedef struct Case {
  RuleBook *book;
  RuleId rule;
  const char *path;
  unsigned trip_line; /* 0: none marked */
  bool trips_at_end;  /* the mark is on the line "end" */
  bool is_finished;
  bool was_broken_before; /* before that line */
  GString *also;          /* " RULE RULE " */
  SimRecord begins[CROSSINGS_MAX];
} Case;

static void run_lines (Case *it, const char *path, bool silent, bool is_prelude);

/* What a call-end leaves out is what its call-begin said. */
static void
fill_in (Case *it, SimRecord *record)
{
  int64_t crossing = record->column[0];

  assert_in_range (crossing, 0, CROSSINGS_MAX - 1);
  if (record->kind == TRACE_CALL_BEGIN)
    it->begins[crossing] = *record;
  if (record->kind != TRACE_CALL_END || record->column[1] != 0)
    return;
  record->column[1] = it->begins[crossing].column[1];
  record->column[2] = it->begins[crossing].column[5];
  record->column[3] = it->begins[crossing].column[6];
}

static void
run_record (Case *it, const char *path, unsigned line, const char *text, bool is_prelude)
{
  g_autoptr (GError) error = NULL;
  SimRecord record;

  if (!trace_text_parse (text, &rule_trace_names, &record, &error))
    fail_msg ("%s:%u: %s", path, line, error->message);
  if (record.kind == TRACE_CALL_BEGIN || record.kind == TRACE_CALL_END)
    fill_in (it, &record);
  record.number = is_prelude ? 0 : line;
  if (!is_prelude && strstr (text, "# trips") != NULL)
    it->trip_line = line;
  rule_book_read (it->book, &record);
}

static void
run_end (Case *it, const char *text)
{
  it->trips_at_end = strstr (text, "# trips") != NULL;
  it->was_broken_before = rule_book_broken (it->book, it->rule) > 0;
  rule_book_finish (it->book, false);
  it->is_finished = true;
}

static void
run_line (Case *it, const char *path, unsigned line, char *text, bool is_prelude)
{
  g_strchomp (text);
  if (*text == '\0' || *text == '#')
    return;
  if (g_str_has_prefix (text, "include ")) {
    g_autofree char *prelude = g_strdup_printf (FOLDER "prelude/%s.trace", text + 8);
    run_lines (it, prelude, false, true);
  } else if (g_str_has_prefix (text, "also ")) {
    g_string_append_printf (it->also, " %s ", text + 5);
  } else if (strcmp (text, "end") == 0 || g_str_has_prefix (text, "end ")) {
    run_end (it, text);
  } else {
    run_record (it, path, line, text, is_prelude);
  }
}

static void
run_lines (Case *it, const char *path, bool silent, bool is_prelude)
{
  g_autofree char *content = NULL;
  bool is_wanted = !silent;

  if (!g_file_get_contents (path, &content, NULL, NULL))
    fail_msg ("%s: no such fragment", path);
  char **lines = g_strsplit (content, "\n", -1);
  for (unsigned i = 0; lines[i] != NULL; i++) {
    if (strcmp (lines[i], "silent") == 0) {
      is_wanted = silent;
      continue;
    }
    if (is_wanted)
      run_line (it, path, i + 1, lines[i], is_prelude);
  }
  g_strfreev (lines);
}

static void
run_case (Case *it, RuleId rule, const char *path, bool silent)
{
  memset (it, 0, sizeof *it);
  it->rule = rule;
  it->path = path;
  it->book = rule_book_new (NULL, NULL);
  it->also = g_string_new (NULL);
  run_lines (it, path, silent, false);
  if (!it->is_finished)
    rule_book_finish (it->book, true);
}

static void
clear_case (Case *it)
{
  rule_book_free (it->book);
  g_string_free (it->also, TRUE);
}

static bool
is_expected (const Case *it, RuleId rule)
{
  g_autofree char *word = g_strdup_printf (" %s ", rule_info (rule)->id);
  return strstr (it->also->str, word) != NULL;
}

/* Everything that was broken beside the rule itself was announced. */
static void
assert_others_are_announced (const Case *it)
{
  for (uint32_t i = 0; i < rule_book_n_violations (it->book); i++) {
    const RuleViolation *violation = rule_book_violation (it->book, i);
    if (violation->rule != it->rule && !is_expected (it, violation->rule))
      fail_msg (
          "%s: line %d breaks %s: %s", it->path,
          violation->n_records == 0 ? 0 : (int)violation->records[violation->n_records - 1].number,
          rule_info (violation->rule)->id, violation->text);
  }
}

static const RuleViolation *
violation_of (const Case *it)
{
  for (uint32_t i = 0; i < rule_book_n_violations (it->book); i++)
    if (rule_book_violation (it->book, i)->rule == it->rule)
      return rule_book_violation (it->book, i);
  fail_msg ("%s: the rule was not broken", it->path);
  return NULL;
}

static void
assert_trips (const Case *it)
{
  const RuleViolation *violation = violation_of (it);

  assert_int_equal (rule_book_verdict (it->book, it->rule), RULE_BROKEN);
  assert_int_equal (violation->severity, rule_info (it->rule)->severity);
  if (it->trips_at_end) {
    assert_false (it->was_broken_before);
    return;
  }
  if (it->trip_line == 0)
    fail_msg ("%s: no line is marked", it->path);
  assert_true (violation->n_records > 0);
  uint64_t line = violation->records[violation->n_records - 1].number;
  if (line != it->trip_line)
    fail_msg ("%s: broken at line %d, not %u: %s", it->path, (int)line, it->trip_line,
              violation->text);
}

static void
assert_silent (const Case *it)
{
  for (uint32_t i = 0; i < rule_book_n_violations (it->book); i++) {
    const RuleViolation *violation = rule_book_violation (it->book, i);
    fail_msg ("%s: line %d of the silent case breaks %s: %s", it->path,
              violation->n_records == 0 ? 0
                                        : (int)violation->records[violation->n_records - 1].number,
              rule_info (violation->rule)->id, violation->text);
  }
  if (rule_book_verdict (it->book, it->rule) != RULE_HELD)
    fail_msg ("%s: the silent case does not put the rule to the test", it->path);
}

static Case trips_case, silent_case;

static void
run_fragment (RuleId rule, const char *path)
{
  run_case (&trips_case, rule, path, false);
  assert_trips (&trips_case);
  assert_others_are_announced (&trips_case);
  clear_case (&trips_case);
  run_case (&silent_case, rule, path, true);
  assert_silent (&silent_case);
  clear_case (&silent_case);
}

/* ID.trace, and if the rule can be broken in other ways ID.2.trace and so on. */
static void
trips_where_it_says_and_is_silent_elsewhere (void **state)
{
  RuleId rule = (RuleId)GPOINTER_TO_UINT (*state);
  g_autofree char *first = g_strdup_printf (FOLDER "%s.trace", rule_info (rule)->id);

  run_fragment (rule, first);
  for (unsigned n = 2;; n++) {
    g_autofree char *path = g_strdup_printf (FOLDER "%s.%u.trace", rule_info (rule)->id, n);
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      break;
    run_fragment (rule, path);
  }
}

int
main (void)
{
  struct CMUnitTest tests[RULE_N];
  char *names[RULE_N];
  size_t n = 0;

  for (unsigned rule = 0; rule < RULE_N; rule++) {
    if (rule_info ((RuleId)rule)->state != RULE_MONITORED)
      continue;
    names[n] = g_strdup_printf ("%s_trips_where_it_says_and_is_silent_elsewhere",
                                rule_info ((RuleId)rule)->id);
    tests[n] = (struct CMUnitTest){ .name = names[n],
                                    .test_func = trips_where_it_says_and_is_silent_elsewhere,
                                    .initial_state = GUINT_TO_POINTER (rule) };
    n++;
  }
  int failed = _cmocka_run_group_tests ("fragments", tests, n, NULL, NULL);
  for (size_t i = 0; i < n; i++)
    g_free (names[i]);
  return failed;
}
