/*
 * What the trace says about frames.
 *
 * Invariants  The columns of WIRE_SEND and its digest cover every field of a segment.
 */
#pragma once

#include "models/wire/wire.h"

/* Why a frame did not arrive: the codes of WIRE_DROP. */
typedef enum WireDrop {
  WIRE_DROP_FULL,
  WIRE_DROP_LOSS,
  WIRE_DROP_DOWN,
  WIRE_DROP_CORRUPTED, /* it arrives and is good for nothing */
  WIRE_DROP_EARLY,
} WireDrop;

/* What else happened to a frame: the codes of WIRE_IMPAIR. */
typedef enum WireImpair {
  WIRE_IMPAIR_DUPLICATED,
  WIRE_IMPAIR_REORDERED,
  WIRE_IMPAIR_MARKED,
} WireImpair;

/* Who says it, of a frame going where. */
typedef struct WireRecorder {
  SimTrace *trace;
  uint32_t actor_id;
  TcpDirection direction;
} WireRecorder;

/* A frame was taken into the queue: what it carries is on the wire's account from now on. */
void wire_record_stage (const WireRecorder *recorder, const TcpSegment *segment);
void wire_record_send (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment);
void wire_record_arrive (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment);
void wire_record_drop (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment,
                       WireDrop reason);

void wire_record_impair (const WireRecorder *recorder, TraceSide sender, const TcpSegment *segment,
                         WireImpair what);

/* wire_digest folds the fields that have no column in WIRE_SEND into 48 bits: a number that every
 * reader, of JSON too, takes exactly. */
int64_t wire_digest (const TcpSegment *segment);
