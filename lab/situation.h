/*
 * Situations: races and corner cases that a run may or may not meet.
 *
 * A scenario that is to reproduce a race names its situation under `checks.reached`; the run then
 * says when it met it first and how often, or that it never did.
 *
 * Owns        A LabSituations owns its counts; it borrows trace and configuration for the run.
 * Invariants  Reads only.  It listens only to the records that the situations asked for can be seen
 *             in.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "models/world/config.h"
#include "sim/trace.h"

typedef enum LabSituation {
#define SITUATION(id, ...) LAB_SITUATION_##id,
#include "lab/situations.def"
#undef SITUATION
  LAB_N_SITUATIONS
} LabSituation;

typedef struct LabSituationInfo {
  const char *name;
  const char *means;
  const char *seen; /* in the trace */
} LabSituationInfo;

const LabSituationInfo *lab_situation_info (LabSituation situation);
bool lab_situation_find (const char *name, LabSituation *ret_situation);

typedef uint64_t LabSituationSet; /* bits 1 << LabSituation */
#define LAB_SITUATION_BIT(situation) (UINT64_C (1) << (situation))
#define LAB_ALL_SITUATIONS (LAB_SITUATION_BIT (LAB_N_SITUATIONS) - 1)

typedef struct LabSituations LabSituations;

/* lab_situations_new looks out for |wanted| in |trace|. */
LabSituations *lab_situations_new (SimTrace *trace, const WorldConfig *config,
                                   LabSituationSet wanted);
void lab_situations_free (LabSituations *situations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabSituations, lab_situations_free)

typedef struct LabMeeting {
  uint64_t count;      /* how often; 0: never */
  SimRecord first;     /* the record that showed it first */
  uint32_t connection; /* of that; UINT32_MAX: none */
} LabMeeting;

/* lab_situations_objects is what they know of the trace's objects, for other readers; NULL if
 * nothing is wanted. */
typedef struct LabObjects LabObjects;
const LabObjects *lab_situations_objects (const LabSituations *situations);
LabSituationSet lab_situations_wanted (const LabSituations *situations);
const LabMeeting *lab_situations_meeting (const LabSituations *situations, LabSituation situation);
/* lab_situations_missed are those that were asked for and never met. */
LabSituationSet lab_situations_missed (const LabSituations *situations);
