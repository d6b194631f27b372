#include "models/wire/record.h"

#include "sim/mix.h"

static uint64_t
fold (uint64_t hash, uint64_t high, uint64_t low)
{
  return sim_mix (hash ^ (high << 32 | low));
}

int64_t
wire_digest (const TcpSegment *segment)
{
  const TcpTuple *tuple = &segment->tuple;
  uint64_t hash = fold (0, (uint32_t)tuple->source_port << 16 | tuple->destination_port,
                        segment->payload.stream_id);

  hash ^= segment->about_address_id;
  hash = fold (hash, (uint32_t)segment->urgent_pointer << 16 | segment->mss,
               (uint32_t)segment->fragment_offset << 16 | (uint32_t)segment->window_scale << 8
                   | segment->n_sack);
  for (uint8_t i = 0; i < segment->n_sack; i++)
    hash = fold (hash, segment->sack[i].left, segment->sack[i].right);
  return (int64_t)(hash >> 16);
}

void
wire_record_stage (const WireRecorder *recorder, const TcpSegment *segment)
{
  if (segment->payload.bytes > 0)
    TRACE (recorder->trace, recorder->actor_id, STAGE, LATENCY_REQUEST, segment->connection_id,
           recorder->direction == TCP_TO_PEER ? STAGE_WIRE : STAGE_WIRE_BACK,
           segment->connection_id);
}

/* The columns that say how a frame looks below TCP. */
#define LOOKS(segment)                                                                        \
  (segment)->source_mac_id, (segment)->destination_mac_id,                                    \
      ((segment)->oddities & TCP_VLAN_TAGGED) != 0 ? (segment)->vlan_tag : 0, (segment)->ttl, \
      (segment)->tos, (segment)->oddities, (segment)->flow_label

void
wire_record_send (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment)
{
  TRACE (recorder->trace, recorder->actor_id, WIRE_SEND, segment->connection_id, sender,
         recorder->direction, segment->seq, segment->ack, segment->flags, segment->window,
         segment->payload.bytes, (int64_t)segment->payload.offset, segment->ip_id, segment->options,
         wire_digest (segment), segment->kind, segment->ip_version,
         segment->tuple.source_address_id, segment->tuple.destination_address_id, LOOKS (segment),
         segment->ts_value, segment->ts_echo);
}

void
wire_record_arrive (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment)
{
  TRACE (recorder->trace, recorder->actor_id, WIRE_ARRIVE, segment->connection_id, sender,
         recorder->direction, segment->seq, segment->ack, segment->flags, segment->payload.bytes,
         segment->window, segment->options, segment->kind, LOOKS (segment),
         segment->urgent_pointer);
}

void
wire_record_drop (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment,
                  WireDrop reason)
{
  TRACE (recorder->trace, recorder->actor_id, WIRE_DROP, segment->connection_id, sender,
         recorder->direction, segment->seq, segment->flags, segment->payload.bytes, reason,
         segment->ack, segment->window, segment->kind, LOOKS (segment));
}

void
wire_record_impair (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment,
                    WireImpair what)
{
  TRACE (recorder->trace, recorder->actor_id, WIRE_IMPAIR, segment->connection_id, sender,
         recorder->direction, segment->seq, segment->flags, segment->payload.bytes, what);
}
