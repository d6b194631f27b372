/*
 * One way of the wire: a queue, a serializer, and the frames in flight.
 *
 * Private to models/wire; wire.h says what the wire promises.
 *
 * Owns        A direction owns its frames; it borrows the wire's configuration, listeners and
 *             watcher, which outlive it.
 * Invariants  It is embedded and does not move: events are inside.
 */
#pragma once

#include "models/wire/flight.h"
#include "models/wire/frames.h"
#include "models/wire/record.h"
#include "sim/clock.h"

/* Who sees frames pass; may be nobody. */
typedef struct WireWatcher {
  WireObserver observer;
  void *data;
} WireWatcher;

typedef struct WireDirection {
  Sim *sim;
  const WireConfig *config;
  const WireListener *sender, *receiver;
  const WireWatcher *watcher;
  WireFrames frames; /* that wait, and in flight unless they may overtake */
  WireFlight flight; /* that may overtake */
  SimRate rate;
  SimTime free_at; /* when the serializer has sent what it began */
  SimEvent free;   /* then, if anybody waits for it */
  SimEvent arrival;
  uint32_t waiting_bytes;
  uint32_t refused_bytes; /* of the frame that its sender wants to be called for; 0: none */
  WireRecorder recorder;
  WireStats stats;
  SimStream loss;
  WireImpairer impairer;
  bool is_impaired;   /* |impairer| is asked */
  bool overtakes;     /* |flight| is used */
  SimTime last_comes; /* with jitter in order: when the last one arrives */
  Red red;
} WireDirection;

/* wire_direction_init takes sim, config, listeners and watcher as they are and makes the rest. */
void wire_direction_init (WireDirection *direction, TcpDirection way);
void wire_direction_clear (WireDirection *direction);

/* As wire_send on a link that is up. */
bool wire_direction_send (WireDirection *direction, TraceSide sender, const TcpSegment *segment);

/* wire_direction_lose takes note of a frame that a link that is down swallows. */
void wire_direction_lose (WireDirection *direction, TraceSide sender, const TcpSegment *segment);

/* wire_direction_flush loses every frame, oldest first: the link has gone down. */
void wire_direction_flush (WireDirection *direction);

SimTime wire_direction_clears_at (const WireDirection *direction);
