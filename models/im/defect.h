/*
 * What an intermediate driver can be told to do wrong.
 */
#pragma once

typedef enum ImDefect {
#define DEFECT(id, name, rule, text) IM_DEFECT_##id,
#include "models/im/defects.def"
#undef DEFECT
  IM_N_DEFECTS
} ImDefect;

/* What defects.def says of a defect; im_defect_by_name gives IM_N_DEFECTS for an unknown name. */
const char *im_defect_name (ImDefect defect);
const char *im_defect_rule (ImDefect defect);
const char *im_defect_text (ImDefect defect);
ImDefect im_defect_by_name (const char *name);
