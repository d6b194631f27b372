/*
 * The stack of a random scenario beside its plain drivers: one that runs out of memory, one with a
 * quota, one of a VLAN, and a failover driver with further targets that is told to change.
 *
 * Invariants  Draws from streams of its own: where none of these takes part, nothing is written.
 */
#pragma once

#include <glib.h>

#include "lab/random_scenario.h"

/* The drivers of run |number| that stand above and below the plain ones. */
typedef struct RandomStack {
  uint64_t number;
  uint64_t features;
  bool is_tight, is_vlan, has_quota, is_unaware;
  uint32_t n_branches; /* 0: no failover driver */
} RandomStack;

RandomStack lab_random_stack (uint64_t number);

/* lab_random_stack_drivers appends the drivers to the section `im`, which |has_section| begun;
 * lab_random_stack_parts the stack with |n_plain| plain drivers, and the targets;
 * lab_random_stack_events what happens to them, to the timeline. */
void lab_random_stack_drivers (const RandomStack *stack, GString *text, bool has_section);
void lab_random_stack_parts (const RandomStack *stack, GString *text, uint64_t n_plain);
void lab_random_stack_events (const RandomStack *stack, GString *text);
