#include "lab/cli/crew.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/assert.h"

/* What a worker says is its trial's texts, each after a mark; before the first stands what else it
 * had to say. */
#define MARK "\x1e"

typedef struct Worker {
  pid_t pid; /* 0: idle */
  int pipe;
  guint index; /* of its file */
  GString *said;
} Worker;

typedef struct Crew {
  const GPtrArray *files;
  bool updates_golden;
  Worker *worker;
  guint n_workers, n_busy;
  guint next;       /* file to be begun */
  LabTrial **trial; /* that have ended and were not told yet */
  guint n_told;
} Crew;

/* The worker */

static void
say (int pipe, const char *text, size_t n_bytes)
{
  while (n_bytes > 0) {
    ssize_t n = write (pipe, text, n_bytes);
    if (n < 0 && errno != EINTR)
      return;
    if (n > 0) {
      text += n;
      n_bytes -= (size_t)n;
    }
  }
}

static void
report (int pipe, const LabTrial *trial)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, MARK "%d" MARK "%s", (int)trial->outcome,
                          trial->wants != NULL ? trial->wants : "");
  for (guint i = 0; i < trial->complaints->len; i++)
    g_string_append_printf (text, MARK "%s", (const char *)trial->complaints->pdata[i]);
  say (pipe, text->str, text->len);
}

static void G_GNUC_NORETURN
work (const Crew *crew, guint index, int pipe)
{
  dup2 (pipe, STDERR_FILENO); /* last words */
  LabTrial *trial = lab_trial_run (crew->files->pdata[index], crew->updates_golden);
  report (pipe, trial);
  lab_trial_free (trial);
  _exit (0);
}

/* The crew */

static LabTrial *
broken_off (const char *path, const char *why)
{
  LabTrial *trial = g_new0 (LabTrial, 1);

  trial->path = g_strdup (path);
  trial->outcome = LAB_TRIAL_FAILED;
  trial->wants = g_strdup ("to end");
  trial->complaints = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (trial->complaints, g_strdup_printf ("the program broke off: %s", why));
  return trial;
}

static LabTrial *
trial_of (const char *path, const char *said)
{
  g_auto (GStrv) texts = g_strsplit (said, MARK, -1);
  LabTrial *trial;

  if (g_strv_length (texts) < 3)
    return broken_off (path, g_strstrip (texts[0]));
  trial = g_new0 (LabTrial, 1);
  trial->path = g_strdup (path);
  trial->outcome = (LabTrialOutcome)(texts[1][0] - '0');
  trial->wants = g_strdup (texts[2]);
  trial->complaints = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 3; texts[i] != NULL; i++)
    g_ptr_array_add (trial->complaints, g_strdup (texts[i]));
  return trial;
}

/* Begins the next file; false if the system has no process for it now. */
static bool
begin (Crew *crew, Worker *worker)
{
  int ends[2];

  if (pipe (ends) != 0)
    return false;
  fflush (NULL);
  pid_t pid = fork ();
  if (pid == 0) {
    close (ends[0]);
    work (crew, crew->next, ends[1]);
  }
  close (ends[1]);
  if (pid < 0) {
    close (ends[0]);
    return false;
  }
  *worker = (Worker){ pid, ends[0], crew->next++, g_string_new (NULL) };
  crew->n_busy++;
  return true;
}

static void
end (Crew *crew, Worker *worker)
{
  const char *path = crew->files->pdata[worker->index];
  int status = 0;

  close (worker->pipe);
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (!WIFEXITED (status) && worker->said->len == 0)
    g_string_printf (worker->said, "signal %d", WTERMSIG (status));
  if (!WIFEXITED (status))
    crew->trial[worker->index] = broken_off (path, g_strstrip (worker->said->str));
  else
    crew->trial[worker->index] = trial_of (path, worker->said->str);
  g_string_free (worker->said, TRUE);
  *worker = (Worker){ 0 };
  crew->n_busy--;
}

static void
listen_to (Crew *crew, Worker *worker)
{
  char text[4096];
  ssize_t n = read (worker->pipe, text, sizeof text);

  if (n > 0)
    g_string_append_len (worker->said, text, n);
  else if (n == 0 || errno != EINTR)
    end (crew, worker);
}

/* Waits until a worker says something. */
static void
wait_for_words (Crew *crew)
{
  g_autofree struct pollfd *polls = g_new0 (struct pollfd, crew->n_workers);

  for (guint i = 0; i < crew->n_workers; i++) {
    polls[i].fd = crew->worker[i].pid != 0 ? crew->worker[i].pipe : -1;
    polls[i].events = POLLIN;
  }
  if (poll (polls, crew->n_workers, -1) < 0)
    return; /* interrupted: ask again */
  for (guint i = 0; i < crew->n_workers; i++)
    if (polls[i].revents != 0)
      listen_to (crew, &crew->worker[i]);
}

static void
begin_all (Crew *crew)
{
  for (guint i = 0; i < crew->n_workers && crew->next < crew->files->len; i++) {
    Worker *worker = &crew->worker[i];
    if (worker->pid != 0 || begin (crew, worker))
      continue;
    if (crew->n_busy > 0)
      return; /* with fewer, then */
    crew->trial[crew->next] =
        broken_off (crew->files->pdata[crew->next], "no process could be made");
    crew->next++;
  }
}

static void
tell (Crew *crew, CliCrewFn each, void *data)
{
  while (crew->n_told < crew->files->len && crew->trial[crew->n_told] != NULL) {
    each (data, crew->trial[crew->n_told]);
    lab_trial_free (crew->trial[crew->n_told++]);
  }
}

void
cli_crew_run (const GPtrArray *files, bool updates_golden, guint n_workers, CliCrewFn each,
              void *data)
{
  Crew crew = { .files = files, .updates_golden = updates_golden, .n_workers = n_workers };

  SIM_ASSERT (n_workers > 0);
  crew.worker = g_new0 (Worker, n_workers);
  crew.trial = g_new0 (LabTrial *, files->len + 1);
  while (crew.n_told < files->len) {
    begin_all (&crew);
    if (crew.n_busy > 0)
      wait_for_words (&crew);
    tell (&crew, each, data);
  }
  g_free (crew.worker);
  g_free (crew.trial);
}
