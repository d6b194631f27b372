/*
 * The bus between host and NIC, one direction of one kind of transfer at a time.
 *
 * A transfer waits for a tag, then for its latency, then for the link, which carries one transfer
 * after the other; its tag is free when it has arrived.  Reads, writes and doorbells are three such
 * lines.
 *
 * Order       Transfers arrive in the order in which they were begun: posted writes are ordered,
 *             and the NIC's DMA engine hands out read data in order.
 * Units       Bytes and bits per second on the bus; headers of packets are in the rate (calibration
 *             A2.1).
 * Owns        A transfer is embedded by its owner and borrowed until |arrived| is called.
 * Invariants  One pending event a line, however much is under way.
 */
#pragma once

#include "sim/clock.h"
#include "sim/sim.h"

typedef struct BusTransfer BusTransfer;
typedef struct BusLine BusLine;

typedef void (*BusArrivedFn) (void *data, BusTransfer *transfer);

struct BusTransfer {
  BusTransfer *next; /* the line's */
  SimTime due;       /* the line's */
  SimDuration latency;
  uint32_t bytes;
  BusArrivedFn arrived;
};

typedef struct BusLineStats {
  uint64_t transfers;
  uint64_t bytes;
  SimDuration busy; /* of the link */
  uint32_t waiting_peak;
} BusLineStats;

struct BusLine {
  Sim *sim;
  void *data; /* for |arrived| */
  SimEvent event;
  SimRate rate; /* 0 bits a second: bytes cost nothing */
  SimTime link_free;
  uint32_t tags, tags_used, waiting_count;
  BusTransfer *under_way, **under_way_last;
  BusTransfer *waiting, **waiting_last;
  BusLineStats stats;
};

typedef struct BusLineConfig {
  int64_t bits_per_s; /* 0: no limit */
  uint32_t tags;      /* transfers under way; 0: no limit */
  uint32_t actor_id;
} BusLineConfig;

void bus_line_init (BusLine *line, Sim *sim, const BusLineConfig *config, void *data);
void bus_line_clear (BusLine *line);

/* bus_transfer begins |transfer| of |bytes|; |arrived| is called in an event of phase DEVICE. */
void bus_transfer (BusLine *line, BusTransfer *transfer, uint32_t bytes, SimDuration latency,
                   BusArrivedFn arrived);

/* bus_post occupies the link with |bytes| that nobody waits for: data that a later transfer
 * announces. */
void bus_post (BusLine *line, uint32_t bytes);
