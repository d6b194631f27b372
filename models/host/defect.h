/*
 * What the host can be told to do wrong, by name: each defect trips at least one rule.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum HostDefect {
#define DEFECT(id, name, what, rules) HOST_DEFECT_##id,
#include "models/host/defects.def"
#undef DEFECT
  HOST_N_DEFECTS
} HostDefect;

#define HOST_DEFECT_BIT(id) (UINT32_C (1) << HOST_DEFECT_##id)

/* What there is to know of a defect; static strings, NULL for a value out of range. */
const char *host_defect_name (HostDefect defect);
const char *host_defect_what (HostDefect defect);
const char *host_defect_rules (HostDefect defect);
/* host_defect_by_name finds one; false if there is none of that name. */
bool host_defect_by_name (const char *name, HostDefect *ret_defect);
