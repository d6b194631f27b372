#include "lab/crew.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/assert.h"

/* What comes out of a worker's pipe: its standard error, then, if it got that far, the job's bytes
 * and how many these are. */
typedef struct Worker {
  pid_t pid; /* 0: idle */
  int pipe;
  size_t index; /* of its job */
  GByteArray *said;
} Worker;

/* A job that has ended and was not told yet. */
typedef struct Ended {
  GByteArray *said; /* NULL: has not ended */
  char *why;        /* it broke off; NULL: it did not */
} Ended;

typedef struct Run {
  const LabCrew *crew;
  const volatile sig_atomic_t *stop; /* NULL: nothing stops it */
  Worker *worker;
  guint n_busy;
  size_t next; /* job to be begun */
  Ended *ended;
  size_t n_told;
  bool was_stopped;
} Run;

/* The worker */

static void
say (int pipe, const void *bytes, size_t n_bytes)
{
  const char *at = bytes;

  while (n_bytes > 0) {
    ssize_t n = write (pipe, at, n_bytes);
    if (n < 0 && errno != EINTR)
      _exit (1);
    if (n > 0) {
      at += n;
      n_bytes -= (size_t)n;
    }
  }
}

static void G_GNUC_NORETURN
work (const LabCrew *crew, size_t index, int pipe)
{
  GByteArray *bytes = g_byte_array_new ();
  uint64_t n_bytes;

  dup2 (pipe, STDERR_FILENO); /* last words */
  alarm (crew->seconds);
  crew->job (crew->data, index, bytes);
  n_bytes = bytes->len;
  say (pipe, bytes->data, bytes->len);
  say (pipe, &n_bytes, sizeof n_bytes);
  _exit (0);
}

/* The crew */

/* Begins the next job; false if the system has no process for it now. */
static bool
begin (Run *run, Worker *worker)
{
  int ends[2];

  if (pipe (ends) != 0)
    return false;
  fflush (NULL);
  pid_t pid = fork ();
  if (pid == 0) {
    close (ends[0]);
    work (run->crew, run->next, ends[1]);
  }
  close (ends[1]);
  if (pid < 0) {
    close (ends[0]);
    return false;
  }
  *worker = (Worker){ pid, ends[0], run->next++, g_byte_array_new () };
  run->n_busy++;
  return true;
}

static char *
why_broken_off (const LabCrew *crew, int status)
{
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    return g_strdup_printf ("it took longer than %u s", crew->seconds);
  if (WIFSIGNALED (status))
    return g_strdup_printf ("signal %d (%s)", WTERMSIG (status), strsignal (WTERMSIG (status)));
  return WEXITSTATUS (status) != 0 ? g_strdup_printf ("exit code %d", WEXITSTATUS (status)) : NULL;
}

static void
end (Run *run, Worker *worker)
{
  Ended *ended = &run->ended[worker->index];
  int status = 0;

  close (worker->pipe);
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  ended->said = worker->said;
  ended->why = why_broken_off (run->crew, status);
  *worker = (Worker){ 0 };
  run->n_busy--;
}

static void
listen_to (Run *run, Worker *worker)
{
  guint8 bytes[4096];
  ssize_t n = read (worker->pipe, bytes, sizeof bytes);

  if (n > 0)
    g_byte_array_append (worker->said, bytes, (guint)n);
  else if (n == 0 || errno != EINTR)
    end (run, worker);
}

/* Waits until a worker says something. */
static void
wait_for_words (Run *run)
{
  guint n_workers = run->crew->n_workers;
  struct pollfd polls[LAB_WORKERS_MAX];

  for (guint i = 0; i < n_workers; i++) {
    polls[i].fd = run->worker[i].pid != 0 ? run->worker[i].pipe : -1;
    polls[i].events = POLLIN;
  }
  if (poll (polls, n_workers, -1) < 0)
    return; /* interrupted: ask again */
  for (guint i = 0; i < n_workers; i++)
    if (polls[i].revents != 0)
      listen_to (run, &run->worker[i]);
}

static bool
is_stopped (const Run *run)
{
  return run->stop != NULL && *run->stop != 0;
}

/* Those under way hear of a stop once. */
static void
stop_workers (Run *run)
{
  if (run->was_stopped || !is_stopped (run))
    return;
  run->was_stopped = true;
  for (guint i = 0; i < run->crew->n_workers; i++)
    if (run->worker[i].pid != 0)
      kill (run->worker[i].pid, SIGTERM);
}

static void
begin_all (Run *run)
{
  bool goes_on = !is_stopped (run);

  for (guint i = 0; goes_on && i < run->crew->n_workers && run->next < run->crew->n_jobs; i++) {
    Worker *worker = &run->worker[i];
    if (worker->pid != 0 || begin (run, worker))
      continue;
    if (run->n_busy > 0)
      return; /* with fewer, then */
    run->ended[run->next].said = g_byte_array_new ();
    run->ended[run->next].why = g_strdup ("no process could be made");
    run->next++;
  }
}

static void
tell_one (const LabCrew *crew, size_t index, const Ended *ended)
{
  LabJobResult result = { 0 };
  uint64_t n_bytes = 0;
  size_t n_words = ended->said->len;
  g_autofree char *words = NULL;

  if (ended->why == NULL && n_words >= sizeof n_bytes) {
    n_words -= sizeof n_bytes;
    memcpy (&n_bytes, ended->said->data + n_words, sizeof n_bytes);
    n_words -= n_bytes;
    result.bytes = ended->said->data + n_words;
    result.n_bytes = n_bytes;
  }
  words = n_words > 0 ? g_strndup ((const char *)ended->said->data, n_words) : g_strdup ("");
  result.words = g_strstrip (words);
  if (result.bytes == NULL && words[0] == '\0')
    result.words = ended->why != NULL ? ended->why : "it ended early";
  crew->each (crew->data, index, &result);
}

static void
tell (Run *run)
{
  for (; run->n_told < run->crew->n_jobs && run->ended[run->n_told].said != NULL; run->n_told++)
    tell_one (run->crew, run->n_told, &run->ended[run->n_told]);
}

static void
clear (Run *run)
{
  for (size_t i = 0; i < run->next; i++) {
    if (run->ended[i].said != NULL)
      g_byte_array_unref (run->ended[i].said);
    g_free (run->ended[i].why);
  }
  g_free (run->worker);
  g_free (run->ended);
}

void
lab_crew_run (const LabCrew *crew)
{
  lab_crew_run_until (crew, NULL);
}

void
lab_crew_run_until (const LabCrew *crew, const volatile sig_atomic_t *stop)
{
  Run run = { .crew = crew, .stop = stop };

  SIM_ASSERT (crew->n_workers > 0 && crew->n_workers <= LAB_WORKERS_MAX);
  run.worker = g_new0 (Worker, crew->n_workers);
  run.ended = g_new0 (Ended, crew->n_jobs + 1);
  while (run.n_told < crew->n_jobs) {
    begin_all (&run);
    stop_workers (&run);
    if (run.n_busy > 0)
      wait_for_words (&run);
    tell (&run);
    if (run.n_busy == 0 && is_stopped (&run))
      break;
  }
  clear (&run);
}
