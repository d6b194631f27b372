/*
 * Situations of the data path: what requests, indications and closings meet of each other.
 *
 * Use         lab/situation.c makes one for the situations in LAB_DATA_SITUATIONS and is told of
 *             each meeting.
 * Owns        Borrows the trace and its objects for the run.
 * Invariants  Reads only.
 */
#pragma once

#include "lab/objects.h"
#include "lab/situation.h"

#define LAB_DATA_SITUATIONS                                            \
  (LAB_SITUATION_BIT (LAB_SITUATION_PUSH_TIMER_DURING_CALL)            \
   | LAB_SITUATION_BIT (LAB_SITUATION_POST_DURING_REFUSED_INDICATION)  \
   | LAB_SITUATION_BIT (LAB_SITUATION_RECEIVE_AFTER_DISCONNECT)        \
   | LAB_SITUATION_BIT (LAB_SITUATION_FORWARD_MEETS_UPLOAD)            \
   | LAB_SITUATION_BIT (LAB_SITUATION_SEND_COMPLETED_DURING_TERMINATE) \
   | LAB_SITUATION_BIT (LAB_SITUATION_FIN_BEHIND_UNCONSUMED_DATA)      \
   | LAB_SITUATION_BIT (LAB_SITUATION_RST_WITH_EVERYTHING_OUTSTANDING) \
   | LAB_SITUATION_BIT (LAB_SITUATION_RSS_MOVE_DURING_INDICATION)      \
   | LAB_SITUATION_BIT (LAB_SITUATION_DATA_BEHIND_URGENT_DATA)         \
   | LAB_SITUATION_BIT (LAB_SITUATION_DISCONNECT_MEETS_UPLOAD)         \
   | LAB_SITUATION_BIT (LAB_SITUATION_ABORT_DURING_INDICATION)         \
   | LAB_SITUATION_BIT (LAB_SITUATION_FIN_WAIT_2_AT_HANDOVER)          \
   | LAB_SITUATION_BIT (LAB_SITUATION_CLOSED_WINDOW_AT_HANDOVER)       \
   | LAB_SITUATION_BIT (LAB_SITUATION_RECEIVE_POSTED_IN_COMPLETION)    \
   | LAB_SITUATION_BIT (LAB_SITUATION_PREFILLED_RECEIVE)               \
   | LAB_SITUATION_BIT (LAB_SITUATION_ZERO_LENGTH_RECEIVE))

typedef void (*LabMeetFn) (void *data, LabSituation situation, const SimRecord *record,
                           uint32_t connection);

typedef struct LabDataSituations LabDataSituations;

LabDataSituations *lab_data_situations_new (SimTrace *trace, const LabObjects *objects,
                                            LabMeetFn meet, void *data);
void lab_data_situations_free (LabDataSituations *situations);
