#include "models/wire/attacker.h"

#include <glib.h>

#include "sim/random.h"

/* The subjects of a flood's draws. */
enum {
  DRAW_CONNECTION,
  DRAW_NUMBER,
};

struct Attacker {
  Sim *sim;
  Peers *peers;
  AttackSpec spec;
  SimStream stream;
  uint64_t sent;
  SimEvent next;
  void (*done) (void *data);
  void *data;
};

static uint64_t
draw_below (const Attacker *attacker, uint64_t subject, uint64_t bound)
{
  return sim_draw_below (attacker->stream, subject, attacker->sent, bound);
}

/* Inside a window of |bytes|, but not at its edge. */
static int64_t
aim_inside (const Attacker *attacker, uint32_t bytes)
{
  return 1 + (int64_t)draw_below (attacker, DRAW_NUMBER, MAX (bytes, 2) - 1);
}

/* How far from what the host expects next. */
static int64_t
aim (const Attacker *attacker, PeerReach reach)
{
  switch (attacker->spec.aim) {
  case ATTACK_BLIND:
    return (int64_t)draw_below (attacker, DRAW_NUMBER, UINT64_C (1) << 32);
  case ATTACK_WINDOW:
    return aim_inside (attacker, reach.window_bytes);
  case ATTACK_EXACT:
    return 0;
  }
  SIM_UNREACHABLE ();
}

/* Data that ends where the peer's ends, or before: as much as fits into what there is. */
static void
aim_overlap (const Attacker *attacker, PeerReach reach, PeerCraft *craft)
{
  uint32_t payload_bytes = MIN (craft->payload_bytes, reach.sent_bytes);
  uint32_t slack = MIN (reach.window_bytes, reach.sent_bytes - payload_bytes);

  craft->payload_bytes = payload_bytes;
  craft->seq_offset = -(int64_t)reach.fin_bytes - payload_bytes
                      - (int64_t)draw_below (attacker, DRAW_NUMBER, (uint64_t)slack + 1);
}

static PeerCraft
craft_segment (const Attacker *attacker, PeerReach reach)
{
  const AttackSpec *spec = &attacker->spec;
  int64_t number = aim (attacker, reach);

  switch (spec->kind) {
  case ATTACK_RST:
    return (PeerCraft){ .flags = TCP_RST, .seq_offset = number };
  case ATTACK_SYN:
    return (PeerCraft){ .flags = TCP_SYN, .seq_offset = number };
  case ATTACK_ACK:
    return (PeerCraft){ .flags = TCP_ACK, .ack_offset = number };
  case ATTACK_ZERO_WINDOW:
    return (PeerCraft){ .flags = TCP_ACK, .seq_offset = number, .has_window = true };
  case ATTACK_URGENT:
    return (PeerCraft){ .flags = TCP_ACK | TCP_URG, .seq_offset = number, .urgent_pointer = 1 };
  case ATTACK_DATA: {
    PeerCraft craft = { .flags = TCP_ACK | TCP_PSH,
                        .seq_offset = number,
                        .payload_bytes = spec->payload_bytes };
    if (spec->aim == ATTACK_WINDOW)
      aim_overlap (attacker, reach, &craft);
    return craft;
  }
  }
  SIM_UNREACHABLE ();
}

static void
strike (Sim *sim, void *data)
{
  Attacker *attacker = data;
  const AttackSpec *spec = &attacker->spec;
  uint32_t count = spec->last - spec->first + 1;
  uint32_t id = spec->first + (uint32_t)draw_below (attacker, DRAW_CONNECTION, count);
  PeerCraft craft = craft_segment (attacker, peers_reach (attacker->peers, id));

  peers_craft (attacker->peers, id, &craft);
  attacker->sent++;
  if (attacker->sent < spec->count)
    sim_event_schedule (sim, &attacker->next, sim_time_add (sim_now (sim), spec->every));
  else
    attacker->done (attacker->data);
}

Attacker *
attacker_new (Sim *sim, Peers *peers, const AttackSpec *spec, void (*done) (void *data), void *data)
{
  SIM_ASSERT (spec->count > 0);
  SIM_ASSERT (spec->every.ps > 0);
  SIM_ASSERT (spec->first <= spec->last);

  Attacker *attacker = g_new0 (Attacker, 1);
  g_autofree char *name = g_strdup_printf ("attack/%s", spec->name);
  attacker->sim = sim;
  attacker->peers = peers;
  attacker->spec = *spec;
  attacker->stream = sim_stream (sim_seed (sim), name);
  attacker->done = done;
  attacker->data = data;
  sim_event_init (&attacker->next, SIM_PHASE_WIRE, spec->actor_id, strike, attacker);
  sim_event_schedule (sim, &attacker->next, sim_now (sim));
  return attacker;
}

void
attacker_free (Attacker *attacker)
{
  if (attacker == NULL)
    return;
  sim_event_cancel (attacker->sim, &attacker->next);
  g_free (attacker);
}
