#include "tests/support.h"

#include "lab/compare.h"

#include <glib/gstdio.h>
#include <string.h>

#define HEAD "class,id,connection,path,begin_ps,end_ps,app_ps,wire_ps,total_ps\n"

typedef struct Folders {
  char *path[2];
} Folders;

static int
set_up (void **state)
{
  Folders *f = g_new0 (Folders, 1);
  for (int i = 0; i < 2; i++)
    f->path[i] = g_dir_make_tmp ("chimsim-compare-XXXXXX", NULL);
  *state = f;
  return 0;
}

static int
tear_down (void **state)
{
  Folders *f = *state;
  for (int i = 0; i < 2; i++) {
    g_autofree char *csv = g_build_filename (f->path[i], "latency.csv", NULL);
    (void)g_unlink (csv);
    (void)g_rmdir (f->path[i]);
    g_free (f->path[i]);
  }
  g_free (f);
  return 0;
}

static void
write_table (const Folders *f, int side, const char *rows)
{
  g_autofree char *csv = g_build_filename (f->path[side], "latency.csv", NULL);
  g_autofree char *text = g_strconcat (HEAD, rows, NULL);
  assert_true (g_file_set_contents (csv, text, -1, NULL));
}

static LabComparison *
compare (const Folders *f, const char *first, const char *second)
{
  write_table (f, 0, first);
  write_table (f, 1, second);
  LabComparison *comparison = lab_compare (f->path[0], f->path[1], NULL);
  assert_non_null (comparison);
  return comparison;
}

static const LabStageDifference *
stage_of (const LabClassDifference *class, const char *name)
{
  for (guint i = 0; i < class->stages->len; i++) {
    const LabStageDifference *stage = class->stages->pdata[i];
    if (strcmp (stage->stage, name) == 0)
      return stage;
  }
  return NULL;
}

static void
requests_are_paired_by_connection_and_number (void **state)
{
  g_autoptr (LabComparison) comparison = compare (
      *state,
      "request,0,a/0,,0,0,10,90,100\nrequest,1,a/0,,0,0,10,110,120\nrequest,0,a/"
      "1,,0,0,20,200,220\n",
      "request,0,a/1,,0,0,50,200,250\nrequest,0,a/0,,0,0,30,90,120\nrequest,7,a/0,,0,0,1,1,2\n");
  const LabClassDifference *class = comparison->classes->pdata[0];
  const LabStageDifference *total = stage_of (class, "total"), *app = stage_of (class, "app");

  assert_int_equal (class->n_pairs, 2);
  assert_int_equal (class->n_connections, 2);
  assert_int_equal (class->n_unpaired[0], 1);
  assert_int_equal (class->n_unpaired[1], 1);
  assert_float_equal (total->mean[0], 160, 1e-9);
  assert_float_equal (total->mean[1], 185, 1e-9);
  assert_float_equal (total->difference.mean, 25, 1e-9);
  assert_float_equal (app->difference.mean, 25, 1e-9);
  assert_float_equal (stage_of (class, "wire")->difference.mean, 0, 1e-9);
}

static void
a_connections_pairs_count_as_one (void **state)
{
  /* Three pairs of +30 on one connection, one of +10 on another: 20 over connections, not 25. */
  g_autoptr (LabComparison) comparison = compare (
      *state,
      "request,0,a/0,,0,0,0,10,10\nrequest,1,a/0,,0,0,0,10,10\nrequest,2,a/0,,0,0,0,10,10\n"
      "request,0,a/1,,0,0,0,10,10\n",
      "request,0,a/0,,0,0,0,40,40\nrequest,1,a/0,,0,0,0,40,40\nrequest,2,a/0,,0,0,0,40,40\n"
      "request,0,a/1,,0,0,0,20,20\n");
  const LabStageDifference *total = stage_of (comparison->classes->pdata[0], "total");

  assert_int_equal (total->difference.count, 2);
  assert_float_equal (total->difference.mean, 20, 1e-9);
  assert_false (lab_estimate_differs (&total->difference)); /* two connections prove little */
}

static void
other_operations_are_paired_by_their_turn (void **state)
{
  g_autoptr (LabComparison) comparison =
      compare (*state, "offload,12,a/0,,0,0,0,10,10\noffload,55,a/0,,0,0,0,20,20\n",
               "offload,3,a/0,,0,0,0,11,11\noffload,4,a/0,,0,0,0,23,23\n");
  const LabClassDifference *class = comparison->classes->pdata[0];

  assert_int_equal (class->n_pairs, 2);
  assert_float_equal (stage_of (class, "total")->difference.mean, 2, 1e-9);
}

static void
what_shows_no_difference_is_said_plainly (void **state)
{
  static const char same[] = "request,0,a/0,,0,0,0,10,10\nrequest,0,a/1,,0,0,0,20,20\n";
  g_autoptr (LabComparison) comparison = compare (*state, same, same);
  g_autofree char *text = lab_comparison_text (comparison);

  assert_non_null (strstr (text, "request: 2 pairs on 2 connections"));
  assert_non_null (strstr (text, "no evidence of a difference"));
  assert_null (strstr (text, "seeds differ"));
}

static void
what_is_no_result_is_refused (void **state)
{
  const Folders *f = *state;
  g_autoptr (GError) missing = NULL, broken = NULL;

  assert_null (lab_compare (f->path[0], f->path[1], &missing));
  assert_non_null (strstr (missing->message, "is no result with a latency.csv"));
  write_table (f, 0, "request,0,a/0\n");
  assert_null (lab_compare (f->path[0], f->path[1], &broken));
  assert_non_null (strstr (broken->message, "is no latency.csv of a run"));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST (requests_are_paired_by_connection_and_number),
    TEST (a_connections_pairs_count_as_one),
    TEST (other_operations_are_paired_by_their_turn),
    TEST (what_shows_no_difference_is_said_plainly),
    TEST (what_is_no_result_is_refused),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
