#include "models/im/queue.h"

#include "models/im/driver.h"

static bool
takes_places (ImRequest request, ImPlaces *ret_places)
{
  switch (request) {
  case IM_INITIATE:
  case IM_TERMINATE:
  case IM_UPDATE:
  case IM_QUERY:
  case IM_INVALIDATE:
    *ret_places = IM_PLACES_STATE;
    return true;
  case IM_SEND:
  case IM_FORWARD:
    *ret_places = IM_PLACES_DATA;
    return true;
  case IM_RECEIVE:
  case IM_DISCONNECT:
    return false;
  case IM_N_REQUESTS:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
is_urgent (const ImCall *call)
{
  switch (call->request) {
  case IM_TERMINATE:
  case IM_UPDATE:
  case IM_QUERY:
  case IM_INVALIDATE:
    return true;
  case IM_DISCONNECT:
    return (call->flags & TCP_DISCONNECT_ABORTIVE_CLOSE) != 0;
  case IM_INITIATE:
  case IM_SEND:
  case IM_RECEIVE:
  case IM_FORWARD:
    return false;
  case IM_N_REQUESTS:
    break;
  }
  SIM_UNREACHABLE ();
}

static bool
is_data (const ImCall *call)
{
  ImPlaces places;

  return takes_places (call->request, &places) && places == IM_PLACES_DATA;
}

static bool
has_room (const ImDriver *im, const ImCall *call)
{
  ImPlaces places;

  return im->config.queue_depth == 0 || !takes_places (call->request, &places)
         || im->queue.taken[places] < im->config.queue_depth;
}

static void
take_places (ImDriver *im, const ImCall *call)
{
  ImPlaces places;

  if (takes_places (call->request, &places))
    im->queue.taken[places] += call->count;
}

static void
append (ImQueue *queue, ImCall *call)
{
  call->next = NULL;
  *queue->last = call;
  queue->last = &call->next;
  queue->waiting++;
  if (queue->waiting > queue->waiting_peak)
    queue->waiting_peak = queue->waiting;
  queue->urgent += is_urgent (call);
}

static ImCall *
remove_first (ImQueue *queue)
{
  ImCall *call = queue->first;

  queue->first = call->next;
  if (queue->first == NULL)
    queue->last = &queue->first;
  call->next = NULL;
  queue->waiting--;
  queue->urgent -= is_urgent (call);
  return call;
}

/* True for a terminate of connections with requests that are not below yet. */
static bool
is_early (const ImCall *call)
{
  const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
  BlockWalk walk;

  if (call->request != IM_TERMINATE)
    return false;
  walk = block_walk_begin (call->tree);
  while ((list = block_walk_next (&walk)) != NULL)
    if (list->NdisOffloadHandle != NULL
        && im_entry_of_handle (list->NdisOffloadHandle)->passing > 0)
      return true;
  return false;
}

/* True if the first of those that wait may go down. */
static bool
may_go (const ImDriver *im)
{
  const ImQueue *queue = &im->queue;

  return queue->first != NULL && !is_early (queue->first)
         && (queue->urgent > 0 || has_room (im, queue->first));
}

/* One request a step, until there is nothing left that may go. */
static void
pump (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImDriver *im = args->self;

  if (!may_go (im)) {
    im->queue.is_pumping = false;
    return;
  }
  ImCall *call = remove_first (&im->queue);
  take_places (im, call);
  ndis_then (im->ndis, pump, *args);
  im_pass_down (im, call);
}

static void
start_pump (ImDriver *im)
{
  if (im->queue.is_pumping || !may_go (im))
    return;
  im->queue.is_pumping = true;
  sim_cpu_queue (ndis_cpu (im->ndis), &im->queue.pump);
}

void
im_queue_init (ImDriver *im)
{
  im->queue = (ImQueue){ 0 };
  im->queue.last = &im->queue.first;
  sim_work_init (&im->queue.pump, SIM_LEVEL_DPC, pump, (SimStepArgs){ .self = im });
}

/* The call down of a request that did not wait has returned. */
static void
passed (G_GNUC_UNUSED SimCpu *cpu, const SimStepArgs *args)
{
  ImDriver *im = args->self;
  ImEntry *entry = args->object;

  SIM_ASSERT (entry->passing > 0);
  entry->passing--;
  start_pump (im);
  ndis_return (im->ndis, (NdisResult){ .status = NDIS_STATUS_PENDING });
}

void
im_queue_submit (ImDriver *im, ImCall *call)
{
  if (im->queue.first != NULL || im->queue.is_pumping || !has_room (im, call) || is_early (call)) {
    im_queue_append (im, call);
    return;
  }
  take_places (im, call);
  ImEntry *entry = is_data (call) ? im_entry_find (im, call->context) : NULL;
  if (entry != NULL) {
    entry->passing++;
    ndis_then (im->ndis, passed, (SimStepArgs){ .self = im, .object = entry });
  }
  im_pass_down (im, call);
}

void
im_queue_append (ImDriver *im, ImCall *call)
{
  append (&im->queue, call);
  start_pump (im);
}

void
im_queue_finish (ImDriver *im, ImCall *calls)
{
  while (calls != NULL) {
    ImCall *next = calls->next;
    ImPlaces places;
    if (takes_places (calls->request, &places)) {
      SIM_ASSERT (im->queue.taken[places] > 0);
      im->queue.taken[places]--;
    }
    if (!im_misbehaves (im, IM_DEFECT_LEAKS_CALL_ENTRY, calls->object_id))
      im_call_free (im, calls);
    calls = next;
  }
  start_pump (im);
}
