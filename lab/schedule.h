/*
 * Schedules as files: the choices that differ from the default.
 *
 * A file names the scenario's digest and lists choices by site, subject and ordinal, never by a
 * running number, so that it still fits after a change of the model; what does not fit is told by
 * sim_choices_unused.
 *
 * Owns        A LabSchedule owns its choices.
 * Errors      LAB_ERROR_SCENARIO with the place of each mistake.
 */
#pragma once

#include <glib.h>

#include "sim/choice.h"

typedef struct LabSchedule {
  SimChoice *choice;
  size_t count;
  uint64_t seed;
  bool has_seed;
  char *scenario; /* the digest; NULL if the file names none */
} LabSchedule;

LabSchedule *lab_schedule_load (const char *path, GError **error);
void lab_schedule_free (LabSchedule *schedule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabSchedule, lab_schedule_free)

/* lab_schedule_text is a file of |choices|; the caller frees it. */
char *lab_schedule_text (const SimChoice *choices, size_t count, const char *scenario_digest,
                         uint64_t seed);

/* lab_choice_text says a choice in words: "rx_vs_completion of 417, time 2: 1 of 2". */
char *lab_choice_text (const SimChoice *choice);
