#include "tests/support.h"

#include "lab/crew.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_JOBS 6

/* What each job does. */
enum { TELLS, TELLS_AND_GRUMBLES, ABORTS, LEAVES, TAKES_LONG, TELLS_NOTHING };

typedef struct Told {
  char *bytes[N_JOBS]; /* NULL: broke off */
  char *words[N_JOBS];
  size_t order[N_JOBS];
  size_t n;
} Told;

static void
job (void *data, size_t index, GByteArray *bytes)
{
  (void)data;
  switch (index) {
  case TELLS_AND_GRUMBLES:
    fprintf (stderr, "hm\n");
    break;
  case ABORTS:
    signal (SIGABRT, SIG_DFL); /* CMocka has a handler of its own */
    fprintf (stderr, "cannot go on\n");
    abort ();
  case LEAVES:
    _exit (0);
  case TAKES_LONG:
    for (;;)
      pause ();
  case TELLS_NOTHING:
    return;
  default:
    g_usleep (20000); /* the first job ends last */
  }
  g_byte_array_append (bytes, (const guint8 *)"a\0b", 3);
}

static void
each (void *data, size_t index, const LabJobResult *result)
{
  Told *told = data;

  told->order[told->n++] = index;
  told->bytes[index] = result->bytes != NULL
                           ? g_strdup_printf ("%zu:%.*s", result->n_bytes, (int)result->n_bytes,
                                              (const char *)result->bytes)
                           : NULL;
  told->words[index] = g_strdup (result->words);
}

static void
jobs_are_told_in_their_order_whatever_becomes_of_them (void **state)
{
  (void)state;
  for (guint n_workers = 1; n_workers <= 4; n_workers += 3) {
    Told told = { 0 };
    LabCrew crew = { N_JOBS, n_workers, 1, &told, job, each };
    lab_crew_run (&crew);
    assert_int_equal (told.n, N_JOBS);
    for (size_t i = 0; i < N_JOBS; i++)
      assert_int_equal (told.order[i], i);
    assert_string_equal (told.bytes[TELLS], "3:a");
    assert_string_equal (told.words[TELLS], "");
    assert_string_equal (told.bytes[TELLS_AND_GRUMBLES], "3:a");
    assert_string_equal (told.words[TELLS_AND_GRUMBLES], "hm");
    assert_null (told.bytes[ABORTS]);
    assert_string_equal (told.words[ABORTS], "cannot go on");
    assert_null (told.bytes[LEAVES]);
    assert_string_equal (told.words[LEAVES], "it ended early");
    assert_null (told.bytes[TAKES_LONG]);
    assert_string_equal (told.words[TAKES_LONG], "it took longer than 1 s");
    assert_string_equal (told.bytes[TELLS_NOTHING], "0:");
    for (size_t i = 0; i < N_JOBS; i++) {
      g_free (told.bytes[i]);
      g_free (told.words[i]);
    }
  }
}

static void
no_jobs_are_soon_done (void **state)
{
  (void)state;
  Told told = { 0 };
  LabCrew crew = { 0, 2, 0, &told, job, each };
  lab_crew_run (&crew);
  assert_int_equal (told.n, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (jobs_are_told_in_their_order_whatever_becomes_of_them),
    cmocka_unit_test (no_jobs_are_soon_done),
  };
  return cmocka_run_group_tests (tests, NULL, NULL);
}
