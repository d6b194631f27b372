/* One small file a kind of mistake, with the message beside it: tests/lab/refused/NAME.yaml and
 * NAME.txt.  With UPDATE_REFUSED=1 in the environment the messages are written instead. */
#include "tests/support.h"

#include "lab/scenario.h"

#include <string.h>

#define FOLDER "tests/lab/refused"

static char *
message_of (const char *path)
{
  static const char *const folders[] = { FOLDER "/presets", "scenarios/presets", NULL };
  LabScenarioRequest request = { .path = path, .preset_folders = folders };
  g_autoptr (GError) error = NULL;
  LabScenario *scenario = lab_scenario_load (&request, &error);
  if (scenario != NULL) {
    lab_scenario_free (scenario);
    return g_strdup ("accepted\n");
  }
  return g_strdup_printf ("%s\n", error->message);
}

static int
name_compare (const void *left, const void *right)
{
  return strcmp (*(char *const *)left, *(char *const *)right);
}

static GPtrArray *
names_of_files (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (FOLDER, 0, NULL);
  const char *file;
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".yaml"))
      g_ptr_array_add (names, g_strndup (file, strlen (file) - strlen (".yaml")));
  if (dir != NULL)
    g_dir_close (dir);
  g_ptr_array_sort (names, name_compare);
  return names;
}

static bool
is_refused_as_written (const char *name)
{
  g_autofree char *path = g_strdup_printf (FOLDER "/%s.yaml", name);
  g_autofree char *golden = g_strdup_printf (FOLDER "/%s.txt", name);
  g_autofree char *message = message_of (path);
  g_autofree char *expected = NULL;
  if (g_getenv ("UPDATE_REFUSED") != NULL)
    g_file_set_contents (golden, message, -1, NULL);
  g_file_get_contents (golden, &expected, NULL, NULL);
  if (expected != NULL && strcmp (message, expected) == 0)
    return true;
  print_error ("%s: expected\n%sbut got\n%s", path, expected != NULL ? expected : "(no file)\n",
               message);
  return false;
}

static void
each_kind_of_mistake_is_refused_with_its_message (G_GNUC_UNUSED void **state)
{
  g_autoptr (GPtrArray) names = names_of_files ();
  unsigned n_wrong = 0;
  for (guint i = 0; i < names->len; i++)
    n_wrong += !is_refused_as_written (names->pdata[i]);
  bool is_complete = names->len >= 70;

  assert_true (is_complete);
  assert_int_equal (n_wrong, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_kind_of_mistake_is_refused_with_its_message),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
