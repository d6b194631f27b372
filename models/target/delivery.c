#include "models/target/delivery.h"

/* Where a run stands: the entries of the charts and the points at which they branch. */
typedef enum Point {
  POINT_DATA,
  POINT_POST,
  POINT_EXPIRED,
  POINT_RETURNED,
  POINT_REFUSED,
  POINT_PLACE,
  POINT_PLACED,
  POINT_INDICATE,
  POINT_EXIT,
  N_POINTS
} Point;

/* What is found there. */
typedef enum Finding {
  FOUND_BUSY,
  FOUND_REQUEST,      /* a request is posted */
  FOUND_KEPT,         /* none, and data is kept that must not be indicated */
  FOUND_NOTHING,      /* neither a request nor data before this */
  FOUND_LEFT_OVER,    /* data is left, no request */
  FOUND_PARTIAL_PUSH, /* a partly filled push request, data with PSH or the timer */
  FOUND_PARTIAL_WAIT, /* a partly filled push request, without */
  FOUND_DONE,         /* nothing left to do */
  N_FINDINGS
} Finding;

typedef void (*Action) (Delivery *delivery);

typedef struct Row {
  Action action;
  Point next;
  const char *rule;
} Row;

static void act_nothing (Delivery *delivery);
static void act_place (Delivery *delivery);
static void act_complete_partial (Delivery *delivery);
static void act_start_timer (Delivery *delivery);
static void act_indicate (Delivery *delivery);
static void act_note_expiry (Delivery *delivery);

#define DELIVERY_ROWS(X)                                          \
  /* point    found         action            next      rule */   \
  X (DATA, BUSY, act_nothing, EXIT, "DLV-02")                     \
  X (DATA, KEPT, act_nothing, EXIT, "DLV-03")                     \
  X (DATA, NOTHING, act_nothing, INDICATE, "DLV-04")              \
  X (DATA, REQUEST, act_nothing, PLACE, "DLV-05")                 \
  X (POST, BUSY, act_nothing, EXIT, "DLV-11")                     \
  X (POST, NOTHING, act_nothing, EXIT, "DLV-12")                  \
  X (POST, REQUEST, act_nothing, PLACE, "DLV-12")                 \
  X (EXPIRED, BUSY, act_note_expiry, EXIT, "DLV-16")              \
  X (EXPIRED, DONE, act_nothing, EXIT, "DLV-17")                  \
  X (EXPIRED, PARTIAL_PUSH, act_complete_partial, EXIT, "DLV-16") \
  X (RETURNED, DONE, act_nothing, EXIT, "DLV-14")                 \
  X (RETURNED, REQUEST, act_nothing, PLACE, "DLV-14")             \
  X (RETURNED, LEFT_OVER, act_nothing, INDICATE, "DLV-14")        \
  X (RETURNED, KEPT, act_nothing, EXIT, "DLV-03")                 \
  X (REFUSED, REQUEST, act_nothing, PLACE, "DLV-15")              \
  X (REFUSED, KEPT, act_nothing, EXIT, "DLV-15")                  \
  X (PLACE, REQUEST, act_place, PLACED, "DLV-05")                 \
  X (PLACED, LEFT_OVER, act_nothing, INDICATE, "DLV-07")          \
  X (PLACED, DONE, act_nothing, EXIT, "DLV-08")                   \
  X (PLACED, PARTIAL_PUSH, act_complete_partial, EXIT, "DLV-09")  \
  X (PLACED, PARTIAL_WAIT, act_start_timer, EXIT, "DLV-10")       \
  X (INDICATE, BUSY, act_nothing, EXIT, "DLV-13")                 \
  X (INDICATE, LEFT_OVER, act_indicate, EXIT, "DLV-13")

static const Row rows[N_POINTS][N_FINDINGS] = {
#define X(point, found, act, next_point, rule_id) \
  [POINT_##point][FOUND_##found] = { act, POINT_##next_point, rule_id },
  DELIVERY_ROWS (X)
#undef X
};

static bool
has_partial (const Delivery *delivery)
{
  return delivery->request_first != NULL && delivery->first_bytes > 0;
}

static Finding
find_partial (const Delivery *delivery, bool pushed)
{
  if (!has_partial (delivery) || delivery->request_first->TcpReceiveNoPush)
    return FOUND_DONE;
  return pushed ? FOUND_PARTIAL_PUSH : FOUND_PARTIAL_WAIT;
}

/* What data that is here meets: a request, or nothing, or that it must be kept. */
static Finding
find_taker (const Delivery *delivery)
{
  if (delivery->request_first != NULL)
    return FOUND_REQUEST;
  return delivery->kept ? FOUND_KEPT : FOUND_LEFT_OVER;
}

static Finding
find (const Delivery *delivery, Point point)
{
  switch (point) {
  case POINT_DATA:
    if (delivery->busy)
      return FOUND_BUSY;
    if (delivery->ignores_requests || find_taker (delivery) == FOUND_LEFT_OVER)
      return FOUND_NOTHING;
    return find_taker (delivery);
  case POINT_POST:
    if (delivery->busy)
      return FOUND_BUSY;
    return delivery->buffered.bytes == 0 ? FOUND_NOTHING : FOUND_REQUEST;
  case POINT_EXPIRED:
    return delivery->busy ? FOUND_BUSY : find_partial (delivery, true);
  case POINT_RETURNED:
    return delivery->buffered.bytes == 0 ? FOUND_DONE : find_taker (delivery);
  case POINT_REFUSED:
  case POINT_PLACE:
    return find_taker (delivery);
  case POINT_PLACED:
    if (delivery->buffered.bytes > 0)
      return FOUND_LEFT_OVER;
    return find_partial (delivery, delivery->buffered_push);
  case POINT_INDICATE:
    return delivery->busy ? FOUND_BUSY : FOUND_LEFT_OVER;
  case POINT_EXIT:
  case N_POINTS:
    break;
  }
  SIM_UNREACHABLE ();
}

/* Carries a run through to its exit. */
static void
run (Delivery *delivery, Point point)
{
  while (point != POINT_EXIT) {
    const Row *row = &rows[point][find (delivery, point)];
    SIM_ASSERT (row->rule != NULL);
    point = row->next;
    row->action (delivery);
  }
}

static void
append (TcpRange *to, TcpRange range)
{
  if (to->bytes == 0) {
    *to = range;
    return;
  }
  SIM_ASSERT (tcp_range_continues (*to, range));
  to->bytes += range.bytes;
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
  set_timer (delivery, false);
  delivery->busy = delivery->strict;
  delivery->ops->complete (delivery->owner, chain);
}

/* Actions */

static void
act_nothing (Delivery *delivery)
{
  (void)delivery;
}

static void
act_note_expiry (Delivery *delivery)
{
  delivery->expired = true;
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
act_place (Delivery *delivery)
{
  NET_BUFFER_LIST *chain = NULL;
  NET_BUFFER_LIST **last = &chain;
  uint32_t placed = 0;

  while (delivery->buffered.bytes > 0 && delivery->request_first != NULL
         && fill_first (delivery, &placed)) {
    *last = take_request (delivery, NDIS_STATUS_SUCCESS);
    last = &(*last)->Next;
  }
  /* DLV-18: one call returns the full ones and a last one that is due. */
  if (chain != NULL && delivery->buffered.bytes == 0
      && find_partial (delivery, delivery->buffered_push) == FOUND_PARTIAL_PUSH)
    *last = take_request (delivery, NDIS_STATUS_SUCCESS);
  if (placed > 0)
    delivery->ops->placed (delivery->owner, placed);
  if (chain != NULL)
    complete (delivery, chain);
}

static void
act_complete_partial (Delivery *delivery)
{
  complete (delivery, take_request (delivery, NDIS_STATUS_SUCCESS));
}

static void
act_start_timer (Delivery *delivery)
{
  set_timer (delivery, true);
}

static void
act_indicate (Delivery *delivery)
{
  TcpRange range = delivery->buffered;

  SIM_ASSERT (range.bytes > 0);
  if (delivery->indication_bytes > 0 && range.bytes > delivery->indication_bytes)
    range.bytes = delivery->indication_bytes;
  delivery->busy = true;
  delivery->ops->indicate (delivery->owner, range);
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
  append (&delivery->buffered, range);
  delivery->buffered_push = true;
  delivery->kept = true;
}

void
delivery_data (Delivery *delivery, TcpRange range, bool push)
{
  if (delivery->busy) {
    append (&delivery->waiting, range);
    delivery->waiting_push = push;
  } else {
    append (&delivery->buffered, range);
    delivery->buffered_push = push;
  }
  run (delivery, POINT_DATA);
}

void
delivery_post (Delivery *delivery, NET_BUFFER_LIST *request)
{
  request->MiniportReserved = NULL;
  request->Next = NULL;
  if (delivery->request_first == NULL) {
    delivery->request_first = request;
    delivery->first_bytes = request->TcpReceiveBytesTransferred;
  } else {
    delivery->request_last->MiniportReserved = request;
  }
  delivery->request_last = request;
  delivery->kept = false;
  if (request->TcpReceiveBytesTransferred > 0 && !request->TcpReceiveNoPush)
    set_timer (delivery, true);
  run (delivery, POINT_POST);
}

void
delivery_expire (Delivery *delivery)
{
  delivery->timer_running = false;
  run (delivery, POINT_EXPIRED);
}

/* What came in the meantime joins what is here. */
static void
end_busy (Delivery *delivery)
{
  SIM_ASSERT (delivery->busy);
  delivery->busy = false;
  if (delivery->waiting.bytes > 0) {
    append (&delivery->buffered, delivery->waiting);
    delivery->buffered_push = delivery->waiting_push;
    delivery->waiting.bytes = 0;
  }
}

/* A timer that ran out during a call is served after it. */
static void
serve_expiry (Delivery *delivery)
{
  if (!delivery->expired || delivery->busy)
    return;
  delivery->expired = false;
  run (delivery, POINT_EXPIRED);
}

void
delivery_returned (Delivery *delivery)
{
  end_busy (delivery);
  run (delivery, POINT_RETURNED);
  serve_expiry (delivery);
}

void
delivery_answer (Delivery *delivery, DeliveryAnswer answer)
{
  bool refused = answer.status != NDIS_STATUS_SUCCESS;

  drop_front (&delivery->buffered, answer.bytes_consumed);
  end_busy (delivery);
  if (refused)
    delivery->kept = delivery->request_first == NULL;
  run (delivery, refused ? POINT_REFUSED : POINT_RETURNED);
  serve_expiry (delivery);
}

void
delivery_finish (Delivery *delivery)
{
  if (!has_partial (delivery) || delivery->busy)
    return;
  /* RECV-10: a nonpush request that will not be full has not succeeded; its bytes count all the
   * same (RECV-16). */
  bool no_push = delivery->request_first->TcpReceiveNoPush;
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
