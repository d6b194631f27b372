#include "models/wire/wire.h"

#include <glib.h>

#include "models/wire/direction.h"

struct Wire {
  Sim *sim;
  WireConfig config;
  bool up;
  WireListener listener[2]; /* by WireEnd */
  WireWatcher watcher;
  WireDirection direction[2]; /* by the end it starts at */
};

G_STATIC_ASSERT (WIRE_ACTORS == 2);
G_STATIC_ASSERT ((int)WIRE_END_NIC == (int)TCP_TO_PEER);
G_STATIC_ASSERT ((int)WIRE_END_PEERS == (int)TCP_FROM_PEER);

static void
init_direction (Wire *wire, WireEnd from, WireEnd to)
{
  WireDirection *direction = &wire->direction[from];

  direction->sim = wire->sim;
  direction->config = &wire->config;
  direction->sender = &wire->listener[from];
  direction->receiver = &wire->listener[to];
  direction->watcher = &wire->watcher;
  wire_direction_init (direction, (TcpDirection)from);
}

Wire *
wire_new (Sim *sim, const WireConfig *config)
{
  SIM_ASSERT (config->rate_bits_per_s >= 1);
  SIM_ASSERT (config->one_way.ps >= 0);
  SIM_ASSERT (config->loss_numerator <= config->loss_denominator);

  Wire *wire = g_new0 (Wire, 1);
  wire->sim = sim;
  wire->config = *config;
  wire->up = true;
  init_direction (wire, WIRE_END_NIC, WIRE_END_PEERS);
  init_direction (wire, WIRE_END_PEERS, WIRE_END_NIC);
  return wire;
}

void
wire_free (Wire *wire)
{
  if (wire == NULL)
    return;
  wire_direction_clear (&wire->direction[WIRE_END_NIC]);
  wire_direction_clear (&wire->direction[WIRE_END_PEERS]);
  g_free (wire);
}

void
wire_attach (Wire *wire, WireEnd end, const WireListener *listener)
{
  SIM_ASSERT (listener->arrive != NULL);
  wire->listener[end] = *listener;
}

void
wire_observe (Wire *wire, WireObserver observer, void *data)
{
  wire->watcher = (WireWatcher){ observer, data };
}

bool
wire_send (Wire *wire, WireEnd from, TraceSide sender, const TcpSegment *segment)
{
  WireDirection *direction = &wire->direction[from];

  if (wire->up)
    return wire_direction_send (direction, sender, segment);
  wire_direction_lose (direction, sender, segment);
  return true;
}

SimTime
wire_clears_at (const Wire *wire, WireEnd from)
{
  return wire_direction_clears_at (&wire->direction[from]);
}

static void
tell_link (const WireListener *listener, bool up)
{
  if (listener->link != NULL)
    listener->link (listener->data, up);
}

void
wire_set_link (Wire *wire, bool up)
{
  if (wire->up == up)
    return;
  wire->up = up;
  TRACE (sim_trace (wire->sim), wire->config.actor_id, LINK, up);
  if (!up) {
    wire_direction_flush (&wire->direction[WIRE_END_NIC]);
    wire_direction_flush (&wire->direction[WIRE_END_PEERS]);
  }
  tell_link (&wire->listener[WIRE_END_NIC], up);
  tell_link (&wire->listener[WIRE_END_PEERS], up);
}

bool
wire_link_is_up (const Wire *wire)
{
  return wire->up;
}

uint32_t
wire_actor_id (const Wire *wire)
{
  return wire->config.actor_id;
}

WireStats
wire_stats (const Wire *wire, WireEnd from)
{
  return wire->direction[from].stats;
}
