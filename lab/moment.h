/*
 * Moments: what an expectation puts in order.
 *
 *   first(NdisInitiateOffload)  last(NdisMTerminateOffloadComplete)  complete(OID_PNP_SET_POWER)  sleep.done
 *
 * A call is at the moment it begins, in whichever driver; an OID request is complete when the host
 * is told.
 *
 * Owns        A LabMoment owns its text.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/groups.h"
#include "models/ndis/oid.h"
#include "models/world/config.h"

typedef enum LabMomentKind {
  LAB_MOMENT_FIRST,
  LAB_MOMENT_LAST,
  LAB_MOMENT_COMPLETE,
  LAB_MOMENT_EVENT,
} LabMomentKind;

typedef struct LabMoment {
  LabMomentKind kind;
  NdisCall call;           /* FIRST, LAST */
  NDIS_OID oid;            /* COMPLETE */
  uint32_t event;          /* EVENT: its index */
  TimelineOutcome outcome; /* EVENT */
  char *text;
} LabMoment;

/* lab_moment_read reads |text|, which stands at |spot|; false with a mistake. */
bool lab_moment_read (const char *text, const WorldConfig *config, LabSpot spot,
                      LabMoment *ret_moment);
