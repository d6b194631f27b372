/*
 * A crew: jobs carried out by worker processes, several at once.
 *
 * Each job runs in a process of its own, a copy of this one, so that one that breaks the program
 * off is a result like any other.  What a job wants to tell travels as bytes.
 *
 * Order       |each| is called in the order of the jobs, whichever ends first: what is made of the
 *             results does not depend on the number of workers.
 * Owns        A result is good for the call of |each|.
 * Errors      None: a job that did not end says why (LabJobResult).
 */
#pragma once

#include <glib.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

typedef struct LabJobResult {
  const guint8 *bytes; /* NULL: the job broke off */
  size_t n_bytes;
  const char *words; /* what it wrote to standard error; why it broke off, if it did */
} LabJobResult;

typedef struct LabCrew {
  size_t n_jobs;
  guint n_workers;  /* at least 1 */
  unsigned seconds; /* a job that takes longer is broken off; 0: never */
  void *data;       /* of the next two */
  /* In the worker: appends to |bytes| what there is to tell of job |index|. */
  void (*job) (void *data, size_t index, GByteArray *bytes);
  void (*each) (void *data, size_t index, const LabJobResult *result);
} LabCrew;

#define LAB_WORKERS_MAX 256

/* lab_crew_run returns when every job has been told. */
void lab_crew_run (const LabCrew *crew);
/* lab_crew_run_until does, too, but once *|stop| is not 0 no job is begun, those under way get
 * SIGTERM, and it returns when none is left. */
void lab_crew_run_until (const LabCrew *crew, const volatile sig_atomic_t *stop);
