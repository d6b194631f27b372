/*
 * Parts by name, as timelines and conditions address them: host, target, targets.<name>, im.<name>,
 * wire, targets.<name>.wire.
 */
#pragma once

#include "models/world/config.h"

/* lab_part_find_target gives the number of the target called |name|; UINT32_MAX: there is none. */
uint32_t lab_part_find_target (const WorldConfig *config, const char *name);
/* lab_part_find_wire gives the number of the target whose wire |name| is, likewise. */
uint32_t lab_part_find_wire (const WorldConfig *config, const char *name);
/* lab_part_find_im gives the index of the intermediate driver |name|, likewise. */
uint32_t lab_part_find_im (const WorldConfig *config, const char *name);

/* lab_part_target_name is how target |number| is addressed; the caller frees it. */
char *lab_part_target_name (const WorldConfig *config, uint32_t number);
