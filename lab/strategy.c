#include "lab/strategy.h"

#define DEVIATES_OFTEN 2
#define DEVIATES_RARELY 500

static uint32_t
choose (void *data, const SimChoice *choice)
{
  LabStrategy *strategy = data;

  if (choice->n < 2 || choice->value != 0 || !lab_draw_one_in (&strategy->draw, strategy->one_in))
    return choice->value;
  return (uint32_t)lab_draw_between (&strategy->draw, 1, choice->n - 1);
}

LabStrategy
lab_strategy_random (uint64_t number)
{
  LabStrategy strategy = { .draw = lab_draw (number, "strategy/random") };

  strategy.one_in = lab_draw_scale (&strategy.draw, DEVIATES_OFTEN, DEVIATES_RARELY);
  return strategy;
}

void
lab_strategy_attach (LabStrategy *strategy, SimChoices *choices)
{
  sim_choices_set_chooser (choices, choose, strategy);
}
