#include "models/rules/era.h"

#include <string.h>

void
rule_eras_init (RuleEras *eras)
{
  *eras = (RuleEras){ .past = g_array_new (FALSE, FALSE, sizeof (RuleEra)) };
}

void
rule_eras_clear (RuleEras *eras)
{
  g_array_unref (eras->past);
}

static RuleEra *
older_than (const RuleEras *eras, const RuleEra *era)
{
  return era->older == 0 ? NULL : &g_array_index (eras->past, RuleEra, era->older - 1);
}

const RuleEra *
rule_era_older (const RuleEras *eras, const RuleEra *era)
{
  return older_than (eras, era);
}

/* Puts |era| into the store; gives its place. */
static uint32_t
keep (RuleEras *eras, const RuleEra *era)
{
  uint32_t place = eras->free;

  if (place == 0) {
    g_array_append_vals (eras->past, era, 1);
    return eras->past->len;
  }
  RuleEra *kept = &g_array_index (eras->past, RuleEra, place - 1);
  eras->free = kept->older;
  *kept = *era;
  return place;
}

/* Takes the era at |place| out of the store; gives the place of the one before it. */
static uint32_t
forget (RuleEras *eras, uint32_t place)
{
  RuleEra *era = &g_array_index (eras->past, RuleEra, place - 1);
  uint32_t older = era->older;

  era->older = eras->free;
  eras->free = place;
  return older;
}

/* Forgets what no segment shows any more: an era that ended early enough, and all before it. */
static void
prune (RuleEras *eras, RuleEra *era, SimTime now)
{
  for (RuleEra *older = older_than (eras, era); older != NULL; older = older_than (eras, era)) {
    if (sim_time_diff (now, older->until).ps <= RULE_QUEUED_PS)
      era = older;
    else
      era->older = forget (eras, era->older);
  }
}

void
rule_era_begin (RuleEras *eras, RuleEra *now, const RuleEra *next)
{
  bool is_same = now->is_known && memcmp (&now->look, &next->look, sizeof next->look) == 0
                 && now->parent == next->parent;

  if (is_same) {
    now->until = SIM_TIME_NEVER;
    return;
  }
  uint32_t older = now->is_known ? keep (eras, now) : 0;
  *now = *next;
  now->is_known = true;
  now->older = older;
  now->until = SIM_TIME_NEVER;
  prune (eras, now, now->since);
}

void
rule_era_settle (RuleEras *eras, RuleEra *now, SimTime when)
{
  for (RuleEra *era = older_than (eras, now); era != NULL; era = older_than (eras, era))
    era->until = sim_time_min (era->until, when);
}

void
rule_era_undo (RuleEras *eras, RuleEra *now)
{
  const RuleEra *older = older_than (eras, now);

  if (older == NULL)
    return;
  uint32_t place = now->older;
  *now = *older;
  forget (eras, place);
}

void
rule_era_end (RuleEras *eras, RuleEra *now, SimTime when)
{
  rule_era_settle (eras, now, when);
  now->until = sim_time_min (now->until, when);
}
