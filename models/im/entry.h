/*
 * The IM offload entry: what an intermediate driver keeps of an offloaded object, exactly as long
 * as it is offloaded.
 *
 * Owns        The driver's table owns entries.  |upper| is the NDIS_OFFLOAD_HANDLE of the driver
 *             above, which keeps it for as long as the object is offloaded or being offloaded.
 * Errors      A token that is stale, or a handle that is no entry's, asserts; im_entry_find
 *             forgives.
 * Source      Network guide: referencing offloaded state through an intermediate driver (IM-01 to
 *             IM-04).
 */
#pragma once

#include "models/ndis/types.h"

typedef struct ImDriver ImDriver;

typedef struct ImEntry {
  uint32_t id;                /* serial number */
  bool is_offloaded;          /* the initiate has succeeded */
  bool refuses;               /* a send of it was refused: no other may follow */
  uint8_t port;               /* of the driver: where the object is */
  uint32_t passing;           /* sends and forwards of it whose calls down have not returned */
  NDIS_OFFLOAD_HANDLE handle; /* the driver's own: |owner| is the driver */
  NDIS_OFFLOAD_HANDLE *upper; /* the NdisOffloadHandle it received */
} ImEntry;

/* im_entry_new makes the entry of the object that |upper| stands for and that goes to |port|. */
ImEntry *im_entry_new (ImDriver *im, NDIS_OFFLOAD_HANDLE *upper, uint32_t port);
void im_entry_free (ImDriver *im, ImEntry *entry);

/* The MiniportOffloadContext by which the driver above names the entry. */
NDIS_TOKEN im_entry_token (const ImDriver *im, const ImEntry *entry);
ImEntry *im_entry_of_token (const ImDriver *im, NDIS_TOKEN token);
ImEntry *im_entry_find (const ImDriver *im, NDIS_TOKEN token); /* NULL if stale */
/* The entry that has |handle|. */
ImEntry *im_entry_of_handle (NDIS_OFFLOAD_HANDLE *handle);
