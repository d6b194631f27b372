/*
 * Connection groups: `connections.<name>` as ConnectionGroups, and addresses in them.
 *
 * Order       Groups stand one after the other, in the order of the file; connection ids follow.
 * Errors      Go to LabMistakes.
 */
#pragma once

#include "lab/bind.h"
#include "lab/mistakes.h"
#include "lab/setting.h"
#include "models/world/config.h"

/* lab_groups_build fills config->group and what counts them from the parts |connections|. */
void lab_groups_build (const LabSetting *connections, WorldConfig *config, LabStore *store,
                       LabMistakes *mistakes);

/* lab_groups_resolve turns the address in |setting| into ids; false with a mistake if there are no
 * such connections. */
bool lab_groups_resolve (const WorldConfig *config, const LabSetting *setting,
                         LabMistakes *mistakes, ConnectionSet *ret_set);

/* Whom to blame for a text. */
typedef struct LabSpot {
  const char *path; /* of the setting, for messages */
  SimLoc loc;
  LabMistakes *mistakes;
} LabSpot;

/* lab_groups_resolve_text does so for |text|, which stands at |spot|. */
bool lab_groups_resolve_text (const WorldConfig *config, const char *text, LabSpot spot,
                              ConnectionSet *ret_set);
