/*
 * The delivery algorithm: where in-order receive data of one connection goes.
 *
 * Data goes into posted requests if there are any, else it is indicated once; what was refused is
 * kept until a request is posted.  Three things start a run: data, a post, the push timer.  While a
 * completion or an indication of the connection is executing nothing is begun: data and requests
 * wait until it has returned.
 *
 * Order       Requests are used and completed in the order in which they were posted; data in
 *             stream order.
 * Owns        Requests belong to the delivery from post to |complete|, linked by MiniportReserved;
 *             |complete| gets them linked by Next, finished: Status, TcpOffloadBytesTransferred and
 *             data start are set.
 * Errors      None: data that does not continue the stream is counted as if it did; whoever watches
 *             the bytes sees it.
 * Invariants  Every run ends at an exit of the charts.  Kept data is one range, because a stream
 *             has no holes.
 * Source      Guide: delivery algorithm (three charts, box by box in delivery_chart.def);
 *             ndischimney: receive, receive indicate, receive complete.  Rules DLV, RECV, IND.  Not
 *             in the charts: a prefilled push request starts the timer when it is posted; a
 *             zero-length one takes no data and lets what waits be indicated again; of a partly
 *             accepted indication the tail counts as refused; what arrives during a call is one run
 *             when it has returned; one call completes the filled requests and a last one that is
 *             pushed.
 */
#pragma once

#include <stdbool.h>

#include "models/ndis/nbl.h"

typedef struct Delivery Delivery;

typedef enum DeliveryBox {
#define ASK(id, question, asked, yes, no, rule) DELIVERY_##id,
#define DO(id, action, done, next, rule) DELIVERY_##id,
#define EXIT(id, why) DELIVERY_##id,
#include "models/target/delivery_chart.def"
#undef ASK
#undef DO
#undef EXIT
  DELIVERY_N_BOXES
} DeliveryBox;

typedef enum DeliveryBoxKind { DELIVERY_ASKS, DELIVERY_DOES, DELIVERY_EXITS } DeliveryBoxKind;

/* What the charts say of a box. */
typedef struct DeliveryBoxInfo {
  const char *name; /* "POST_BUSY" */
  const char *text;
  const char *rule; /* NULL: an exit */
  DeliveryBoxKind kind;
  DeliveryBox yes, no; /* an action has only |yes|, an exit neither */
} DeliveryBoxInfo;

DeliveryBoxInfo delivery_box_info (DeliveryBox box);

typedef struct DeliveryOps {
  void (*complete) (void *owner, NET_BUFFER_LIST *chain);
  /* The answer comes by delivery_answer. */
  void (*indicate) (void *owner, TcpRange range);
  void (*placed) (void *owner, uint32_t bytes);  /* into host memory */
  void (*set_timer) (void *owner, bool running); /* the push timer, from zero */
  /* A run left |box|; an action says yes, and so does an exit. */
  void (*took) (void *owner, DeliveryBox box, bool yes);
  void (*left_partial) (void *owner); /* a run; no call and no expiry is left */
} DeliveryOps;

struct Delivery {
  const DeliveryOps *ops;
  void *owner;
  NET_BUFFER_LIST *request_first, *request_last;
  uint32_t first_bytes; /* in the first request, bytes of the host's included */
  TcpRange buffered;    /* kept data, the next to be delivered */
  TcpRange waiting;     /* data that came while busy */
  /* what a run came with or has made, until a box takes it */
  TcpRange segment;
  NET_BUFFER_LIST *posted;
  NET_BUFFER_LIST *filled;
  uint32_t indication_bytes;       /* RcvIndicationSize; 0: as much as there is */
  bool buffered_push;              /* PSH with its last byte */
  bool waiting_push, segment_push; /* PSH in it */
  bool accepted;                   /* the last indication: all of it */
  bool completed;                  /* the last placement filled requests */
  bool busy;                       /* a completion or an indication is executing */
  bool kept;                       /* nothing may be indicated before a request is posted */
  bool stopped;                    /* nothing is delivered any more: no run begins */
  bool timer_running;
  bool expired;          /* while busy */
  bool strict;           /* busy until a completion has returned */
  bool ignores_requests; /* a defect: data is indicated although a request is posted */
};

typedef struct DeliveryAnswer {
  NDIS_STATUS status;
  uint32_t bytes_consumed;
} DeliveryAnswer;

/* delivery_init starts empty and busy: a connection's delivery opens with delivery_returned. */
void delivery_init (Delivery *delivery, const DeliveryOps *ops, void *owner);

/* delivery_keep puts data of an initiate in front: it waits for a post, which it then completes
 * (RBUF-06), as if its last byte had been pushed: whether it was is not handed over. */
void delivery_keep (Delivery *delivery, TcpRange range);

/* The three entries. */
void delivery_data (Delivery *delivery, TcpRange range, bool push);
void delivery_post (Delivery *delivery, NET_BUFFER_LIST *request);
void delivery_expire (Delivery *delivery);

/* What ended: a completion (strict) or the opening; an indication. */
void delivery_returned (Delivery *delivery);
void delivery_answer (Delivery *delivery, DeliveryAnswer answer);

/* delivery_stop ends it all: what is here, and comes, goes up with the connection (EVT-09). */
void delivery_stop (Delivery *delivery);

/* delivery_finish completes a partly filled request whatever its mode: no more data will come. */
void delivery_finish (Delivery *delivery);

/* delivery_abort gives back all requests as a chain, finished with |status|, and stops the
 * timer. */
NET_BUFFER_LIST *delivery_abort (Delivery *delivery, NDIS_STATUS status);

/* delivery_take_buffered gives what was received and not delivered, and forgets it. */
TcpRange delivery_take_buffered (Delivery *delivery);

/* Bytes received and neither placed nor accepted. */
uint32_t delivery_kept_bytes (const Delivery *delivery);

/* True if nothing received is left here: no data, no partly filled request, no call executing. */
bool delivery_is_drained (const Delivery *delivery);
