#include "models/host/defect.h"

#include <string.h>

typedef struct DefectRow {
  const char *name, *what, *rules;
} DefectRow;

static const DefectRow rows[HOST_N_DEFECTS] = {
#define DEFECT(id, name, what, rules) [HOST_DEFECT_##id] = { name, what, rules },
#include "models/host/defects.def"
#undef DEFECT
};

const char *
host_defect_name (HostDefect defect)
{
  return defect < HOST_N_DEFECTS ? rows[defect].name : NULL;
}

const char *
host_defect_what (HostDefect defect)
{
  return defect < HOST_N_DEFECTS ? rows[defect].what : NULL;
}

const char *
host_defect_rules (HostDefect defect)
{
  return defect < HOST_N_DEFECTS ? rows[defect].rules : NULL;
}

bool
host_defect_by_name (const char *name, HostDefect *ret_defect)
{
  for (uint32_t i = 0; i < HOST_N_DEFECTS; i++)
    if (strcmp (rows[i].name, name) == 0) {
      *ret_defect = (HostDefect)i;
      return true;
    }
  return false;
}
