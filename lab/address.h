/*
 * Addresses of connections: web/417, web/900-909, and web (or a star after web/) for all of web.
 *
 * Errors      *reterr_why says what is wrong and what to write instead; the caller frees it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "models/world/config.h"

typedef struct LabAddress {
  char group[64];
  bool is_all;
  uint32_t first; /* of the group, from 0 */
  uint32_t last;  /* included */
} LabAddress;

/* lab_address_read reads the form; whether there is such a connection is the caller's question. */
bool lab_address_read (const char *text, LabAddress *ret_address, char **reterr_why);

/* lab_address_of is a connection's address, "web/417", or "several" for one that there is not; free
 * with g_free. */
char *lab_address_of (const WorldConfig *config, uint32_t connection_id);
