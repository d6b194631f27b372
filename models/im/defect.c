#include "models/im/defect.h"

#include <string.h>

#include "sim/assert.h"

static const struct {
  const char *name;
  const char *rule;
  const char *text;
} defects[IM_N_DEFECTS] = {
#define DEFECT(id, name_, rule_, text_) [IM_DEFECT_##id] = { name_, rule_, text_ },
#include "models/im/defects.def"
#undef DEFECT
};

_Static_assert(IM_N_DEFECTS <= 64, "a configuration keeps them in a bit set");

const char *
im_defect_name (ImDefect defect)
{
  SIM_ASSERT (defect < IM_N_DEFECTS);
  return defects[defect].name;
}

const char *
im_defect_rule (ImDefect defect)
{
  SIM_ASSERT (defect < IM_N_DEFECTS);
  return defects[defect].rule;
}

const char *
im_defect_text (ImDefect defect)
{
  SIM_ASSERT (defect < IM_N_DEFECTS);
  return defects[defect].text;
}

ImDefect
im_defect_by_name (const char *name)
{
  for (ImDefect defect = 0; defect < IM_N_DEFECTS; defect++)
    if (strcmp (defects[defect].name, name) == 0)
      return defect;
  return IM_N_DEFECTS;
}
