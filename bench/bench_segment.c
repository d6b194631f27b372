/*
 * Two TCP engines and nothing else: a bulk transfer in order, for counting instructions.
 *
 *   bench_segment SEGMENTS    under callgrind, which bench/segment.sh reads
 *
 * The four steps of a segment's way are functions of their own, so that each has its line in the
 * profile.  Timestamps, window scaling and SACK are on, an ACK goes for two segments.
 */
#include <glib.h>
#include <stdlib.h>

#include "models/tcp/store.h"
#include "models/tcp/tcp.h"

#define PAYLOAD_BYTES 1448
#define BURST_SEGMENTS 16
#define SEGMENT_PS INT64_C (12304000) /* 1538 bytes at 1 Gbit/s */

typedef struct End {
  TcpConfig config;
  Tcb tcb;
} End;

typedef struct Counts {
  uint64_t segments, acks;
} Counts;

static void
end_open (End *end, uint32_t own_isn, uint32_t peer_isn)
{
  end->config = (TcpConfig){ .store = tcp_store_new (0, 0),
                             .ticks_per_s = 1000,
                             .ack_frequency = 2,
                             .delayed_ack_ticks = 200,
                             .retransmissions_max = 5,
                             .sws_prevention_ticks = 1000,
                             .duplicate_ack_threshold = 3,
                             .rto_initial_ticks = 1000,
                             .rto_min_ticks = 300,
                             .rto_max_ticks = 60000,
                             .initial_window_segments = BURST_SEGMENTS,
                             .ttl = 128,
                             .supports_sack = true,
                             .limited_transmit = true };
  TcpSetup setup = { .connection_id = 1,
                     .tuple = { 1, 2, 4000, 80 },
                     .ip_version = 4,
                     .send_isn = own_isn,
                     .receive_isn = peer_isn,
                     .receive_window_bytes = 1 << 20,
                     .peer_window_bytes = 1 << 20,
                     .local_mss = PAYLOAD_BYTES + 12,
                     .remote_mss = PAYLOAD_BYTES + 12,
                     .send_window_scale = 5,
                     .receive_window_scale = 5,
                     .timestamps = true,
                     .sack = true,
                     .window_scaling = true,
                     .path_mtu_bytes = 1500 };
  tcp_init_established (&end->tcb, &end->config, &setup, (SimTime){ 0 });
}

static void
end_close (End *end)
{
  tcp_clear (&end->tcb);
  tcp_store_free (end->config.store);
}

__attribute__ ((noinline)) static bool
data_made (End *sender, SimTime now, uint64_t offset, TcpSegment *segment)
{
  if (!tcp_transmit (&sender->tcb, 0, now, segment))
    return false;
  segment->payload.offset = offset;
  return true;
}

__attribute__ ((noinline)) static void
data_taken (End *receiver, SimTime now, const TcpSegment *segment)
{
  TcpRange range;
  tcp_receive (&receiver->tcb, segment, now);
  while (tcp_take_received (&receiver->tcb, 0, &range))
    tcp_consume (&receiver->tcb, range.bytes, now);
}

__attribute__ ((noinline)) static bool
ack_made (End *receiver, SimTime now, TcpSegment *segment)
{
  return tcp_transmit (&receiver->tcb, 0, now, segment);
}

__attribute__ ((noinline)) static void
ack_taken (End *sender, SimTime now, const TcpSegment *segment)
{
  tcp_send (&sender->tcb, tcp_receive (&sender->tcb, segment, now).acked_bytes);
}

static void
burst (End *sender, End *receiver, SimTime *now, Counts *counts)
{
  TcpSegment data, ack;
  for (int i = 0;
       i < BURST_SEGMENTS && data_made (sender, *now, counts->segments * PAYLOAD_BYTES, &data);
       i++) {
    counts->segments++;
    now->ps += SEGMENT_PS;
    data_taken (receiver, *now, &data);
    if (!ack_made (receiver, *now, &ack))
      continue;
    counts->acks++;
    ack_taken (sender, *now, &ack);
  }
}

int
main (int argc, char **argv)
{
  uint64_t segments = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 20000;
  End sender, receiver;
  Counts counts = { 0 };
  SimTime now = { 0 };

  end_open (&sender, 1000, 2000);
  end_open (&receiver, 2000, 1000);
  tcp_send (&sender.tcb, 4 * BURST_SEGMENTS * PAYLOAD_BYTES);
  while (counts.segments < segments)
    burst (&sender, &receiver, &now, &counts);
  g_print ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", counts.segments, counts.acks);
  end_close (&sender);
  end_close (&receiver);
  return EXIT_SUCCESS;
}
