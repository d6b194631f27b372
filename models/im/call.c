#include "models/im/call.h"

#include "models/im/driver.h"

ImCall *
im_call_new (ImDriver *im, ImRequest request, uint32_t object_id)
{
  ImCall *call = im_table_take (&im->calls);

  call->request = request;
  call->object_id = object_id;
  TRACE (im_trace (im), im->config.actor_id, TAKE, TRACE_RESOURCE_IM_CALL, call->id,
         im->config.layer, object_id);
  return call;
}

void
im_call_free (ImDriver *im, ImCall *call)
{
  TRACE (im_trace (im), im->config.actor_id, PUT, TRACE_RESOURCE_IM_CALL, call->id,
         im->config.layer, call->object_id);
  im_table_put (&im->calls, call);
}

NDIS_TOKEN
im_call_token (const ImDriver *im, const ImCall *call)
{
  return im_table_token (&im->calls, call);
}

ImCall *
im_call_of_token (const ImDriver *im, NDIS_TOKEN token)
{
  ImCall *call = im_table_find (&im->calls, token);

  SIM_ASSERT (call != NULL);
  return call;
}

/* Operations */

void
im_call_save (ImDriver *im, ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  call->tree = root;
  call->saved_im_reserved[0] = root->ImReserved[0];
  call->saved_im_reserved[1] = root->ImReserved[1];
  call->saved_source_handle = root->SourceHandle;
  root->ImReserved[0] = im_call_token (im, call);
}

void
im_call_restore (const ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root,
                 bool with_source_handle)
{
  NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk = block_walk_begin (root);

  root->ImReserved[0] = call->saved_im_reserved[0];
  root->ImReserved[1] = call->saved_im_reserved[1];
  while (with_source_handle && (list = block_walk_next (&walk)) != NULL)
    list->SourceHandle = call->saved_source_handle;
}

/* Data requests */

ImCall *
im_call_push (ImDriver *im, ImRequest request, NET_BUFFER_LIST *chain)
{
  ImCall *first = NULL;
  uint32_t count = 0;

  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next, count++) {
    ImCall *call = im_call_new (im, request, nbl->object_id);
    if (first == NULL)
      first = call;
    SIM_ASSERT (nbl->n_contexts < NBL_IM_CONTEXTS_MAX);
    nbl->context[nbl->n_contexts++] = im_call_token (im, call);
  }
  SIM_ASSERT (first != NULL);
  first->list = chain;
  first->count = count;
  return first;
}

ImCall *
im_call_pop (ImDriver *im, NET_BUFFER_LIST *chain)
{
  ImCall *first = NULL;
  ImCall **link = &first;

  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next) {
    if (nbl->n_contexts == 0)
      continue;
    *link = im_call_of_token (im, nbl->context[--nbl->n_contexts]);
    link = &(*link)->next;
  }
  *link = NULL;
  return first;
}
