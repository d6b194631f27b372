#include "models/target/delivery.h"

typedef bool (*Question) (const Delivery *delivery);
typedef void (*Action) (Delivery *delivery);

#define ASK(id, question, asked, yes, no, rule) static bool asked (const Delivery *delivery);
#define DO(id, action, done, next, rule) static void done (Delivery *delivery);
#define EXIT(id, why)
#include "models/target/delivery_chart.def"
#undef ASK
#undef DO
#undef EXIT

typedef struct Box {
  DeliveryBoxInfo info;
  Question asked;
  Action done;
} Box;

static const Box boxes[DELIVERY_N_BOXES] = {
#define ASK(id, question, asked_by, if_yes, if_no, rule_id)                               \
  [DELIVERY_##id] = { .info = { #id, question, rule_id, DELIVERY_ASKS, DELIVERY_##if_yes, \
                                DELIVERY_##if_no },                                       \
                      .asked = asked_by },
#define DO(id, action, done_by, next, rule_id)                                                   \
  [DELIVERY_##                                                                                   \
      id] = { .info = { #id, action, rule_id, DELIVERY_DOES, DELIVERY_##next, DELIVERY_##next }, \
              .done = done_by },
#define EXIT(id, why) \
  [DELIVERY_##id] = { .info = { #id, why, NULL, DELIVERY_EXITS, DELIVERY_##id, DELIVERY_##id } },
#include "models/target/delivery_chart.def"
#undef ASK
#undef DO
#undef EXIT
};

DeliveryBoxInfo
delivery_box_info (DeliveryBox box)
{
  SIM_ASSERT (box < DELIVERY_N_BOXES);
  return boxes[box].info;
}

/* Carries a run through to its exit. */
static void
run (Delivery *delivery, DeliveryBox at)
{
  while (boxes[at].info.kind != DELIVERY_EXITS) {
    const Box *box = &boxes[at];
    bool yes = true;
    if (box->asked != NULL)
      yes = box->asked (delivery);
    else
      box->done (delivery);
    delivery->ops->took (delivery->owner, at, yes);
    at = yes ? box->info.yes : box->info.no;
  }
  delivery->ops->took (delivery->owner, at, true);
  if (!delivery->busy && !delivery->expired && has_partial (delivery))
    delivery->ops->left_partial (delivery->owner);
  SIM_ASSERT (delivery->segment.bytes == 0);
  SIM_ASSERT (delivery->posted == NULL);
  SIM_ASSERT (delivery->filled == NULL);
}

/* Questions */

static bool
is_busy (const Delivery *delivery)
{
  return delivery->busy;
}

static bool
has_request (const Delivery *delivery)
{
  return delivery->request_first != NULL;
}

static bool
finds_request (const Delivery *delivery)
{
  return has_request (delivery) && !delivery->ignores_requests;
}

static bool
has_buffered (const Delivery *delivery)
{
  return delivery->buffered.bytes > 0;
}

/* What is buffered between two runs was refused, or must not be indicated. */
static bool
is_kept (const Delivery *delivery)
{
  return delivery->kept;
}

static bool
has_completed (const Delivery *delivery)
{
  return delivery->completed;
}

static bool
is_timer_running (const Delivery *delivery)
{
  return delivery->timer_running;
}

static bool
has_placed_all (const Delivery *delivery)
{
  return delivery->buffered.bytes == 0;
}

static bool
has_partial (const Delivery *delivery)
{
  return delivery->request_first != NULL && delivery->first_bytes > 0;
}

static bool
is_partial_push (const Delivery *delivery)
{
  return has_partial (delivery) && !delivery->request_first->TcpReceiveNoPush;
}

static bool
was_pushed (const Delivery *delivery)
{
  return delivery->buffered_push;
}

static bool
was_accepted (const Delivery *delivery)
{
  return delivery->accepted;
}

/* Data */

/* Somebody may have handed the stream over with a hole in it.  Nobody here can tell: what comes is
 * counted as what follows, and whoever watches the bytes sees it. */
static void
append (TcpRange *to, TcpRange range)
{
  if (to->bytes == 0)
    *to = range;
  else
    *to = (TcpRange){ .offset = range.offset - to->bytes,
                      .stream_id = range.stream_id,
                      .bytes = to->bytes + range.bytes };
}

/* Adds |range| behind what is buffered; the mark is that of the last byte (decision 22). */
static void
buffer (Delivery *delivery, TcpRange range, bool push)
{
  append (&delivery->buffered, range);
  delivery->buffered_push = push;
}

static void
drop_front (TcpRange *range, uint32_t bytes)
{
  SIM_ASSERT (bytes <= range->bytes);
  range->offset += bytes;
  range->bytes -= bytes;
}

static void
set_timer (Delivery *delivery, bool running)
{
  if (!running && !delivery->timer_running)
    return;
  delivery->timer_running = running;
  delivery->ops->set_timer (delivery->owner, running);
}

/* Requests */

static void
finish_request (NET_BUFFER_LIST *request, NDIS_STATUS status, uint32_t bytes)
{
  request->Status = status;
  request->TcpOffloadBytesTransferred = bytes;
  ndis_nbl_advance (request, bytes);
}

/* Takes the first request out, finished. */
static NET_BUFFER_LIST *
take_request (Delivery *delivery, NDIS_STATUS status)
{
  NET_BUFFER_LIST *request = delivery->request_first;

  delivery->request_first = request->MiniportReserved;
  if (delivery->request_first == NULL)
    delivery->request_last = NULL;
  finish_request (request, status, delivery->first_bytes - request->TcpReceiveBytesTransferred);
  request->MiniportReserved = NULL;
  request->Next = NULL;
  delivery->first_bytes =
      delivery->request_first != NULL ? delivery->request_first->TcpReceiveBytesTransferred : 0;
  return request;
}

static void
complete (Delivery *delivery, NET_BUFFER_LIST *chain)
{
  delivery->busy = delivery->strict;
  delivery->ops->complete (delivery->owner, chain);
}

static void
queue_request (Delivery *delivery, NET_BUFFER_LIST *request)
{
  if (delivery->request_first == NULL) {
    delivery->request_first = request;
    delivery->first_bytes = request->TcpReceiveBytesTransferred;
  } else {
    delivery->request_last->MiniportReserved = request;
  }
  delivery->request_last = request;
}

/* Actions */

/* What the run came with joins what is here. */
static void
take_in_hand (Delivery *delivery)
{
  if (delivery->segment.bytes > 0)
    buffer (delivery, delivery->segment, delivery->segment_push);
  if (delivery->posted != NULL)
    queue_request (delivery, delivery->posted);
  /* RECV-07: what the host has placed counts.  Further back it counts when it is the first. */
  if (delivery->posted != NULL && delivery->posted == delivery->request_first
      && is_partial_push (delivery))
    set_timer (delivery, true);
  delivery->segment.bytes = 0;
  delivery->posted = NULL;
}

/* What waits is one segment when the call has returned; PSH anywhere in it is PSH. */
static void
queue_segment (Delivery *delivery)
{
  delivery->waiting_push =
      delivery->segment_push || (delivery->waiting_push && delivery->waiting.bytes > 0);
  append (&delivery->waiting, delivery->segment);
  delivery->segment.bytes = 0;
}

/* Fills the first request as far as data goes; true: it is full. */
static bool
fill_first (Delivery *delivery, uint32_t *placed)
{
  NET_BUFFER_LIST *request = delivery->request_first;
  uint32_t bytes = ndis_nbl_place (request, delivery->buffered);

  drop_front (&delivery->buffered, bytes);
  delivery->first_bytes += bytes;
  *placed += bytes;
  return delivery->first_bytes == ndis_nbl_bytes (request);
}

static void
place (Delivery *delivery)
{
  NET_BUFFER_LIST **last = &delivery->filled;
  uint32_t placed = 0;

  take_in_hand (delivery);
  while (delivery->buffered.bytes > 0 && delivery->request_first != NULL
         && fill_first (delivery, &placed)) {
    *last = take_request (delivery, NDIS_STATUS_SUCCESS);
    last = &(*last)->Next;
  }
  delivery->completed = delivery->filled != NULL;
  /* DLV-18: one call returns the full ones and a last one that is due. */
  if (delivery->completed && has_placed_all (delivery) && is_partial_push (delivery)
      && was_pushed (delivery))
    *last = take_request (delivery, NDIS_STATUS_SUCCESS);
  if (placed > 0)
    delivery->ops->placed (delivery->owner, placed);
}

static void
complete_filled (Delivery *delivery)
{
  NET_BUFFER_LIST *chain = delivery->filled;

  delivery->filled = NULL;
  if (chain != NULL)
    complete (delivery, chain);
}

static void
stop_timer (Delivery *delivery)
{
  set_timer (delivery, false);
}

static void
start_timer (Delivery *delivery)
{
  set_timer (delivery, true);
}

static void
complete_partial (Delivery *delivery)
{
  complete (delivery, take_request (delivery, NDIS_STATUS_SUCCESS));
}

/* An expiry that was served late may find the timer running again. */
static void
complete_expired (Delivery *delivery)
{
  stop_timer (delivery);
  complete_partial (delivery);
}

static void
indicate (Delivery *delivery)
{
  take_in_hand (delivery);
  TcpRange range = delivery->buffered;
  SIM_ASSERT (range.bytes > 0);
  if (delivery->indication_bytes > 0 && range.bytes > delivery->indication_bytes)
    range.bytes = delivery->indication_bytes;
  delivery->busy = true;
  delivery->ops->indicate (delivery->owner, range);
}

static void
keep (Delivery *delivery)
{
  delivery->kept = true;
}

static void
note_expiry (Delivery *delivery)
{
  delivery->expired = true;
}

/* Entries */

void
delivery_init (Delivery *delivery, const DeliveryOps *ops, void *owner)
{
  *delivery = (Delivery){ .ops = ops, .owner = owner, .busy = true };
}

void
delivery_keep (Delivery *delivery, TcpRange range)
{
  buffer (delivery, range, true);
  delivery->kept = true;
}

void
delivery_data (Delivery *delivery, TcpRange range, bool push)
{
  delivery->segment = range;
  delivery->segment_push = push;
  if (!delivery->stopped)
    run (delivery, DELIVERY_DATA_BUSY);
  else if (delivery->busy)
    queue_segment (delivery);
  else
    take_in_hand (delivery);
}

void
delivery_post (Delivery *delivery, NET_BUFFER_LIST *request)
{
  request->MiniportReserved = NULL;
  request->Next = NULL;
  delivery->posted = request;
  if (delivery->stopped) {
    take_in_hand (delivery);
    return;
  }
  delivery->kept = false;
  run (delivery, DELIVERY_POST_BUSY);
}

void
delivery_expire (Delivery *delivery)
{
  delivery->timer_running = false;
  if (!delivery->stopped)
    run (delivery, DELIVERY_EXPIRED_BUSY);
}

/* A call has returned: what came in the meantime joins what is here, and a run goes on from |box|;
 * a timer that ran out is served after it. */
static void
resume (Delivery *delivery, DeliveryBox box)
{
  SIM_ASSERT (delivery->busy);
  delivery->busy = false;
  if (delivery->waiting.bytes > 0)
    buffer (delivery, delivery->waiting, delivery->waiting_push);
  delivery->waiting.bytes = 0;
  if (delivery->stopped)
    return;
  run (delivery, box);
  if (!delivery->expired || delivery->busy)
    return;
  delivery->expired = false;
  run (delivery, DELIVERY_EXPIRED_BUSY);
}

void
delivery_returned (Delivery *delivery)
{
  resume (delivery, DELIVERY_MORE_DATA);
}

void
delivery_answer (Delivery *delivery, DeliveryAnswer answer)
{
  drop_front (&delivery->buffered, answer.bytes_consumed);
  delivery->accepted = answer.status == NDIS_STATUS_SUCCESS;
  resume (delivery, DELIVERY_RETURN_SUCCESS);
}

void
delivery_stop (Delivery *delivery)
{
  delivery->stopped = true;
  set_timer (delivery, false);
}

void
delivery_finish (Delivery *delivery)
{
  if (!has_partial (delivery) || delivery->busy || delivery->stopped)
    return;
  /* RECV-10: a nonpush request that will not be full has not succeeded; its bytes count all the
   * same (RECV-16). */
  bool no_push = delivery->request_first->TcpReceiveNoPush;
  set_timer (delivery, false);
  complete (delivery,
            take_request (delivery, no_push ? NDIS_STATUS_REQUEST_ABORTED : NDIS_STATUS_SUCCESS));
}

NET_BUFFER_LIST *
delivery_abort (Delivery *delivery, NDIS_STATUS status)
{
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;

  set_timer (delivery, false);
  while (delivery->request_first != NULL) {
    *last = take_request (delivery, status);
    last = &(*last)->Next;
  }
  return chain;
}

TcpRange
delivery_take_buffered (Delivery *delivery)
{
  TcpRange range = delivery->buffered;

  if (delivery->waiting.bytes > 0)
    append (&range, delivery->waiting);
  delivery->buffered.bytes = 0;
  delivery->waiting.bytes = 0;
  return range;
}

uint32_t
delivery_kept_bytes (const Delivery *delivery)
{
  return delivery->buffered.bytes + delivery->waiting.bytes;
}

bool
delivery_is_drained (const Delivery *delivery)
{
  return !delivery->busy && delivery_kept_bytes (delivery) == 0 && !has_partial (delivery);
}
