/*
 * An order: moments of a run that are to come one after the other.
 *
 * With an event, only what belongs to it counts: what happens while it is under way, and, of
 * operations on state and OID requests that were outstanding meanwhile, what happens to them
 * afterwards.  An event that is over at the instant it begins (a segment that arrives) counts from
 * then on to the end.  With |within|, what happens until that long after the event's begin counts.
 *
 * Order       Moments of one instant are told apart by their records.
 * Owns        Its moments in time; it borrows the moments it was made of.
 */
#pragma once

#include "lab/moment.h"
#include "sim/trace.h"

#define LAB_NO_EVENT UINT32_MAX

typedef struct LabOrderScope {
  uint32_t event; /* LAB_NO_EVENT: the whole run */
  bool has_within;
  SimDuration within;
} LabOrderScope;

typedef struct LabOrder LabOrder;

LabOrder *lab_order_new (const LabMoment *moments, uint32_t count, LabOrderScope scope);
void lab_order_free (LabOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LabOrder, lab_order_free)

/* lab_order_wants tells whether it reads records of |kind|. */
bool lab_order_wants (const LabOrder *order, uint16_t kind);
void lab_order_read (LabOrder *order, const SimRecord *record);

typedef struct LabOrderResult {
  uint32_t missing; /* the first moment that did not come; count: none */
  uint32_t late;    /* the first moment that came before the one ahead of it; count: none */
} LabOrderResult;

LabOrderResult lab_order_result (const LabOrder *order);

/* lab_order_event_has_begun is true for the whole run. */
bool lab_order_event_has_begun (const LabOrder *order);

/* The record of a moment that came. */
const SimRecord *lab_order_record (const LabOrder *order, uint32_t moment);
