/*
 * Replaying a fuzz target's corpus, without libFuzzer: replay_<target> gives the target each file
 * of tests/fuzz/corpus/<target>.
 *
 * A finding that was mended stays in the corpus, so that it stays mended.
 */
#include "tests/support.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
by_name (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
names_in (const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  assert_non_null (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, by_name);
  return names;
}

static void
every_input_of_the_corpus_is_withstood (void **state)
{
  g_autoptr (GPtrArray) names = names_in (*state);
  assert_true (names->len > 0);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *bytes = NULL;
    gsize size;
    print_message ("%s\n", (char *)names->pdata[i]);
    assert_true (g_file_get_contents (names->pdata[i], &bytes, &size, NULL));
    assert_int_equal (LLVMFuzzerTestOneInput ((const uint8_t *)bytes, size), 0);
  }
}

int
main (G_GNUC_UNUSED int argc, char **argv)
{
  const char *target = strrchr (argv[0], '_');
  assert_non_null (target);
  g_autofree char *folder = g_build_filename ("tests/fuzz/corpus", target + 1, NULL);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_prestate (every_input_of_the_corpus_is_withstood, folder),
  };
  return cmocka_run_group_tests_name (folder, tests, NULL, NULL);
}
