/*
 * Named choices: every freedom that a real system leaves open is asked for here.
 *
 * A choice is identified by (site, subject, ordinal): which kind of freedom, for which object, the
 * how-many-th time.  Never by a running number, so that a replay survives a change of the model.  A
 * schedule is the sparse list of the choices that differ from the default, which is always 0.
 *
 * Order       Ordinals count from 1 per (site, subject), for open sites only.
 * Owns        SimChoices belongs to its Sim.  The site table is borrowed for the Sim's life.
 * Errors      A scheduled value that is not below |n| when its turn comes is not taken: it is kept
 *             as a divergence for the caller to report.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/sim.h"

typedef uint16_t SimSite;

/* The kernel's own site: which of the pending events of one (time, phase) but of different actors
 * fires next.  Subject 0. */
#define SIM_SITE_SAME_TIME ((SimSite)0)
#define SIM_SITES_MAX 64

typedef struct SimChoice {
  SimSite site;
  uint64_t subject;
  uint64_t ordinal;
  uint32_t value;
  uint32_t n;   /* how many ways there were; 0 in a schedule that does not know */
  SimTime when; /* recorded choices only */
} SimChoice;

/* Decides an open choice: returns a value below |choice->n| (its value member holds what the
 * schedule or the default says).  NULL: take that. */
typedef uint32_t (*SimChooser) (void *data, const SimChoice *choice);

/* sim_choose answers 0 to n-1 (n >= 1).  A closed site answers 0 and counts nothing. */
uint32_t sim_choose (Sim *sim, SimSite site, uint64_t subject, uint32_t n);

/* sim_choices_open opens |site|; all sites start closed.  A site that a schedule names is opened by
 * sim_choices_load. */
void sim_choices_open (SimChoices *choices, SimSite site);
bool sim_choices_is_open (const SimChoices *choices, SimSite site);

/* sim_choices_load adds |count| scheduled choices; call before the run.  Two for one (site,
 * subject, ordinal) assert: the loader has refused them. */
void sim_choices_load (SimChoices *choices, const SimChoice *schedule, size_t count);

void sim_choices_set_chooser (SimChoices *choices, SimChooser chooser, void *data);

/* sim_choices_taken lists the choices that differed from 0, in the order they were made: borrowed
 * until the next choice. */
const SimChoice *sim_choices_taken (const SimChoices *choices, size_t *ret_count);

/* sim_choices_unused lists scheduled choices that never came up or were not possible: a replay that
 * diverged.  The caller frees the array with g_free. */
SimChoice *sim_choices_unused (const SimChoices *choices, size_t *ret_count);
