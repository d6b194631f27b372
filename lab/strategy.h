/*
 * Strategies: who makes the choices that a scenario's freedom leaves open.
 *
 * Owns        A strategy is its user's and stays where it is while a run asks it.
 * Invariants  What it answers depends on its number and on the choices of the run, which depend on
 *             nothing else: the same number gives the same run.
 */
#pragma once

#include "lab/draw.h"
#include "sim/choice.h"

/* Each choice on its own: otherwise than by default one time in |one_in|, then all ways alike. */
typedef struct LabStrategy {
  LabDraw draw;
  uint64_t one_in;
} LabStrategy;

/* lab_strategy_random draws how often it deviates, too: from every other time to nearly never. */
LabStrategy lab_strategy_random (uint64_t number);

/* lab_strategy_attach lets |strategy| decide from now on. */
void lab_strategy_attach (LabStrategy *strategy, SimChoices *choices);
