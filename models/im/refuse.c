#include "models/im/refuse.h"

#include "models/im/driver.h"
#include "models/im/drivers.h"
#include "models/im/operations.h"
#include "models/im/requests.h"

static void complete_next (SimCpu *cpu, const SimStepArgs *args);

/* The upward completion has returned: the next one, in the same work item. */
static void
then_next (SimCpu *cpu, const SimStepArgs *args)
{
  ImDriver *im = args->self;
  ImCall *call = args->object;
  bool is_operation = call->tree != NULL;

  im_call_free (im, call);
  if (is_operation && im->kind->settled != NULL)
    im->kind->settled (im);
  complete_next (cpu, &(SimStepArgs){ .self = args->self });
}

/* The same behind a terminate that waited for refusals. */
static void
then_next_settled (SimCpu *cpu, const SimStepArgs *args)
{
  im_operation_settled (args->self, args->object);
  complete_next (cpu, &(SimStepArgs){ .self = args->self });
}

static void
complete_next (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImDriver *im = args->self;
  ImRefusals *refusals = &im->refusals;
  ImCall *call = refusals->first;

  if (call == NULL) {
    refusals->is_running = false;
    return;
  }
  refusals->first = call->next;
  call->next = NULL;
  if (refusals->first == NULL)
    refusals->last = &refusals->first;
  ndis_then (im->ndis, call->request == IM_TERMINATE ? then_next_settled : then_next,
             (SimStepArgs){ .self = im, .object = call });
  if (call->request == IM_TERMINATE) {
    im_operation_finish (im, call->request, call->tree);
  } else if (call->tree != NULL) {
    im_charge (im, NDIS_CALL_NdisMInitiateOffloadComplete, WAY_STATE, 0);
    im_operation_finish (im, call->request, call->tree);
  } else {
    im_charge (im, NDIS_CALL_NdisTcpOffloadSendComplete, WAY_CHIMNEY, 0);
    im_request_finish (im, call->request, call->list);
  }
}

void
im_refusals_init (ImDriver *im)
{
  im->refusals = (ImRefusals){ 0 };
  im->refusals.last = &im->refusals.first;
  sim_work_init (&im->refusals.work, SIM_LEVEL_DPC, complete_next, (SimStepArgs){ .self = im });
}

static void
append (ImRefusals *refusals, ImCall *call)
{
  call->next = NULL;
  *refusals->last = call;
  refusals->last = &call->next;
}

static void
complete_later (ImDriver *im, ImCall *call)
{
  ImRefusals *refusals = &im->refusals;

  append (refusals, call);
  if (refusals->is_running)
    return;
  refusals->is_running = true;
  sim_cpu_queue (ndis_cpu (im->ndis), &refusals->work);
}

/* What is refused, and the status that says why. */
typedef struct Reason {
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node;
  NDIS_STATUS status;
  bool is_everywhere; /* a defect: it stands below that, too */
} Reason;

static bool
is_below (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list,
          const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node)
{
  if (list == node)
    return true;
  for (list = list->DependentBlockList; list != NULL; list = list->NextBlock)
    if (is_below (list, node))
      return true;
  return false;
}

/* |status| as |list| may report it: a policy is about connections, and what stays behind above them
 * has no reason of its own (ISTS-15). */
static NDIS_STATUS
status_for (const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, NDIS_STATUS status)
{
  bool is_tcp = block_list_layer ((OFFLOAD_STATE_TYPE)list->Header.Type) == OFFLOAD_LAYER_TCP;

  return status == NDIS_STATUS_OFFLOAD_CONNECTION_REJECTED && !is_tcp ? NDIS_STATUS_FAILURE
                                                                      : status;
}

/* The reason stands at the highest new node above what is refused: below one that failed there are
 * but failures (INIT-15).  A linker has none left that was offloaded (PLC-07). */
static void
write_statuses (NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list, const Reason *reason, bool is_below_failed)
{
  for (; list != NULL; list = list->NextBlock) {
    bool is_everywhere = is_below_failed && reason->is_everywhere;
    bool is_new = !block_list_is_placeholder (list) && *list->MiniportOffloadContext == 0;
    if (block_list_is_placeholder (list))
      list->Status = NDIS_STATUS_SUCCESS;
    else if (is_new && (is_everywhere || (!is_below_failed && is_below (list, reason->node))))
      list->Status = status_for (list, reason->status);
    else
      list->Status = NDIS_STATUS_FAILURE;
    write_statuses (list->DependentBlockList, reason, is_below_failed || is_new);
  }
}

void
im_refuse_tree (ImDriver *im, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root,
                NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *node, NDIS_STATUS status)
{
  ImCall *call = im_call_new (im, IM_INITIATE, root->model.object_id);

  bool is_everywhere = status == NDIS_STATUS_RESOURCES
                       && im_misbehaves (im, IM_DEFECT_RESOURCES_EVERYWHERE, node->model.object_id);

  write_statuses (root, &(Reason){ node, status, is_everywhere }, false);
  call->tree = root;
  complete_later (im, call);
}

void
im_refuse_requests (ImDriver *im, ImRequest request, NET_BUFFER_LIST *chain, NDIS_STATUS first,
                    NDIS_STATUS others)
{
  ImCall *call = im_call_new (im, request, chain->object_id);

  for (NET_BUFFER_LIST *nbl = chain; nbl != NULL; nbl = nbl->Next) {
    nbl->Status = nbl == chain ? first : others;
    nbl->TcpOffloadBytesTransferred = 0;
  }
  call->list = chain;
  complete_later (im, call);
}

bool
im_refusals_precede (ImDriver *im, ImCall *call, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *root)
{
  if (!im->refusals.is_running)
    return false;
  call->tree = root;
  append (&im->refusals, call);
  return true;
}

bool
im_allocation_fails (ImDriver *im, uint32_t object_id, uint32_t taken, uint32_t limit)
{
  if (limit > 0 && taken >= limit)
    return true;
  return sim_choose (ndis_sim (im->ndis), SITE_IM_ALLOC_FAILURE, object_id, 2) == 1;
}
