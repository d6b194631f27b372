#include "models/im/entry.h"

#include "models/im/driver.h"

ImEntry *
im_entry_new (ImDriver *im, NDIS_OFFLOAD_HANDLE *upper, uint32_t port)
{
  SIM_ASSERT (upper != NULL);

  ImEntry *entry = im_table_take (&im->entries);
  entry->upper = upper;
  entry->port = (uint8_t)port;
  entry->handle = (NDIS_OFFLOAD_HANDLE){ .owner = im,
                                         .object_id = upper->object_id,
                                         .connection_id = upper->connection_id };
  im->connections += upper->connection_id != UINT32_MAX;
  TRACE (im_trace (im), im->config.actor_id, TAKE, TRACE_RESOURCE_IM_ENTRY, entry->id,
         im->config.layer, upper->object_id);
  return entry;
}

void
im_entry_free (ImDriver *im, ImEntry *entry)
{
  TRACE (im_trace (im), im->config.actor_id, PUT, TRACE_RESOURCE_IM_ENTRY, entry->id,
         im->config.layer, entry->handle.object_id);
  im->connections -= entry->handle.connection_id != UINT32_MAX;
  im_table_put (&im->entries, entry);
}

NDIS_TOKEN
im_entry_token (const ImDriver *im, const ImEntry *entry)
{
  return im_table_token (&im->entries, entry);
}

ImEntry *
im_entry_find (const ImDriver *im, NDIS_TOKEN token)
{
  return im_table_find (&im->entries, token);
}

ImEntry *
im_entry_of_token (const ImDriver *im, NDIS_TOKEN token)
{
  ImEntry *entry = im_entry_find (im, token);

  SIM_ASSERT (entry != NULL);
  return entry;
}

ImEntry *
im_entry_of_handle (NDIS_OFFLOAD_HANDLE *handle)
{
  SIM_ASSERT (handle != NULL && handle->owner != NULL);
  return (ImEntry *)(void *)((char *)handle - offsetof (ImEntry, handle));
}
