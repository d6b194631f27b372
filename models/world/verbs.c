#include "models/world/verbs.h"

#include "models/world/branches.h"
#include "models/world/groups.h"
#include "models/world/parts.h"

/* A MAC that a next hop moves to is the old one and a multiple of this. */
#define MOVED_MAC_ID 0x01000000

/* One verb as it is carried out. */
typedef struct Verb {
  World *world;
  uint32_t index; /* of the event */
  const TimelineEvent *event;
  HostSet set;       /* the event's connections */
  HostCaller caller; /* who hears of the outcome of a verb that GOES_ON */
} Verb;

/* What a verb's function says of its outcome. */
typedef enum VerbEnd {
  GOES_ON, /* the outcome comes by the verb's caller */
  SUCCEEDED,
  FAILED,
} VerbEnd;

/* A flood that an event let loose. */
typedef struct Flood {
  Verb verb;
  Attacker *attacker;
} Flood;

/* A verb that takes time has its outcome. */
static void
verb_done (void *data, uint32_t tag, bool succeeded)
{
  World *world = data;
  timeline_finish (world->timeline, tag, succeeded);
}

/* Operations of the host. */

static VerbEnd
do_offload (const Verb *verb)
{
  host_offload (verb->world->host, verb->set, &verb->event->batch, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_upload (const Verb *verb)
{
  host_upload (verb->world->host, verb->set, &verb->event->batch, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_update (const Verb *verb)
{
  const TimelineEvent *event = verb->event;

  host_update (verb->world->host, verb->set, event->aim, &event->options, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_query (const Verb *verb)
{
  host_query (verb->world->host, verb->set, verb->event->aim, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_invalidate (const Verb *verb)
{
  host_invalidate (verb->world->host, verb->set, verb->event->aim, verb->caller);
  return GOES_ON;
}

/* The host's number of the neighbor that the event names by its place in the group. */
static uint32_t
neighbor_of (const Verb *verb)
{
  return groups_neighbor (verb->world, verb->set.first, verb->event->neighbor);
}

static VerbEnd
do_relink (const Verb *verb)
{
  host_relink (verb->world->host, verb->set, neighbor_of (verb), verb->event->is_failed,
               verb->caller);
  return GOES_ON;
}

static VerbEnd
do_set_option (const Verb *verb)
{
  host_update (verb->world->host, verb->set, HOST_AIM_CONNECTIONS, &verb->event->options,
               verb->caller);
  return GOES_ON;
}

static VerbEnd
do_statistics (const Verb *verb)
{
  host_statistics (verb->world->host, verb->event->reset, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_set_chimney (const Verb *verb)
{
  host_set_chimney (verb->world->host, verb->event->chimney_on, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_set_power (const Verb *verb)
{
  NDIS_DEVICE_POWER_STATE state = (NDIS_DEVICE_POWER_STATE)verb->event->power;

  if (verb->event->part == TIMELINE_PART_SYSTEM)
    host_set_system (verb->world->host, state, verb->caller);
  else
    host_set_power (verb->world->host, state, verb->caller);
  return GOES_ON;
}

static VerbEnd
do_rss_table (const Verb *verb)
{
  host_set_rss_table (verb->world->host, verb->event->cpu, verb->event->n_cpus, verb->caller);
  return GOES_ON;
}

/* What the applications and the peers do. */

static VerbEnd
do_send (const Verb *verb)
{
  host_send (verb->world->host, verb->set, verb->event->bytes);
  return SUCCEEDED;
}

static VerbEnd
do_post_receive (const Verb *verb)
{
  host_post_receive (verb->world->host, verb->set, (uint32_t)verb->event->bytes);
  return SUCCEEDED;
}

static VerbEnd
close_side (const Verb *verb, void (*host) (Host *, HostSet), void (*peer) (Peers *, uint32_t))
{
  if (verb->event->part == TIMELINE_PART_HOST)
    host (verb->world->host, verb->set);
  else
    for (uint32_t id = verb->set.first; id <= verb->set.last; id++)
      peer (verb->world->peers, id);
  return SUCCEEDED;
}

static VerbEnd
do_close (const Verb *verb)
{
  return close_side (verb, host_close, peers_close);
}

static VerbEnd
do_abort (const Verb *verb)
{
  return close_side (verb, host_abort, peers_abort);
}

static VerbEnd
do_receive (const Verb *verb)
{
  const TimelineEvent *event = verb->event;
  PeerCraft craft = { .flags = event->segment_flags,
                      .seq_offset = event->segment_seq_offset,
                      .ack_offset = event->segment_ack_offset,
                      .payload_bytes = event->segment_payload_bytes,
                      .urgent_pointer = event->segment_urgent_pointer,
                      .has_window = event->segment_has_window,
                      .window_bytes = event->segment_window_bytes,
                      .oddities = event->segment_oddities,
                      .has_vlan = event->segment_has_vlan,
                      .vlan_id = event->segment_vlan_id };

  for (uint32_t id = verb->set.first; id <= verb->set.last; id++)
    peers_craft (verb->world->peers, id, &craft);
  return SUCCEEDED;
}

void
verbs_free_flood (void *data)
{
  Flood *flood = data;
  attacker_free (flood->attacker);
  g_free (flood);
}

static void
flood_done (void *data)
{
  const Flood *flood = data;
  verb_done (flood->verb.world, flood->verb.index, true);
}

static VerbEnd
do_flood (const Verb *verb)
{
  World *world = verb->world;
  Flood *flood = g_new0 (Flood, 1);
  AttackSpec spec = verb->event->attack;

  spec.name = verb->event->id;
  spec.first = verb->set.first;
  spec.last = verb->set.last;
  spec.actor_id = world->first_flood_actor_id + verb->index;
  flood->verb = *verb;
  flood->attacker = attacker_new (world->sim, world->peers, &spec, flood_done, flood);
  g_ptr_array_add (world->floods, flood);
  return GOES_ON;
}

/* Next hops, routers and links. */

static void
move_hop (World *world, uint32_t hop, bool announces)
{
  world->mac_moves++;
  hops_move (world->hops, hop, FIRST_OTHER_ID + hop + world->mac_moves * MOVED_MAC_ID, announces);
}

/* What happens to the next hops of the set's connections, each once. */
static VerbEnd
do_arp (const Verb *verb)
{
  World *world = verb->world;
  const TimelineEvent *event = verb->event;
  g_autofree bool *seen = g_new0 (bool, world->n_neighbors);

  for (uint32_t id = verb->set.first; id <= verb->set.last; id++) {
    uint32_t hop = groups_hop (world, id);
    if (seen[hop])
      continue;
    seen[hop] = true;
    if (event->hop == TIMELINE_HOP_MOVES)
      move_hop (world, hop, event->announces);
    else
      hops_silence (world->hops, hop, event->hop == TIMELINE_HOP_GOES);
  }
  return SUCCEEDED;
}

/* The routers that the set's paths began with say that another one is better; once for a path. */
static VerbEnd
do_redirect (const Verb *verb)
{
  World *world = verb->world;
  const ConnectionGroup *group = world_group_of (world, verb->set.first);
  g_autofree bool *seen = g_new0 (bool, group->paths);

  for (uint32_t id = verb->set.first; id <= verb->set.last; id++) {
    uint32_t path = groups_path (world, id);
    if (seen[path])
      continue;
    seen[path] = true;
    hops_redirect (world->hops, groups_hop (world, id), peers_address (world->peers, id),
                   neighbor_of (verb));
  }
  return SUCCEEDED;
}

/* A narrow link before the peers: its router says so to whoever sends too much. */
static VerbEnd
do_path_mtu (const Verb *verb)
{
  World *world = verb->world;

  for (uint32_t id = verb->set.first; id <= verb->set.last; id++)
    peers_set_mtu (world->peers, id, (uint32_t)verb->event->bytes, groups_hop (world, id));
  return SUCCEEDED;
}

static VerbEnd
do_link (const Verb *verb)
{
  wire_set_link (verb->world->wire[verb->event->part_index], verb->event->link_up);
  return SUCCEEDED;
}

/* What targets and drivers do by themselves. */

static Target *
target_of (const Verb *verb)
{
  return verb->world->target[verb->event->part_index];
}

static VerbEnd
do_pause (const Verb *verb)
{
  target_pause (target_of (verb));
  return SUCCEEDED;
}

static VerbEnd
do_resume (const Verb *verb)
{
  target_resume (target_of (verb));
  return SUCCEEDED;
}

static VerbEnd
do_upload_all (const Verb *verb)
{
  target_upload_all (target_of (verb));
  return SUCCEEDED;
}

static VerbEnd
do_set_capabilities (const Verb *verb)
{
  return target_set_capabilities (target_of (verb), &verb->event->capabilities) ? SUCCEEDED
                                                                                : FAILED;
}

static VerbEnd
do_ask_upload (const Verb *verb)
{
  TCP_UPLOAD_REASON reason = (TCP_UPLOAD_REASON)verb->event->reason;
  bool any = false;

  for (uint32_t i = 0; i < verb->world->n_targets; i++)
    for (uint32_t id = verb->set.first; id <= verb->set.last; id++)
      any |= target_request_upload (verb->world->target[i], id, reason);
  return any ? SUCCEEDED : FAILED;
}

static VerbEnd
do_fail_hardware (const Verb *verb)
{
  bool any = false;

  for (uint32_t i = 0; i < verb->world->n_targets; i++)
    for (uint32_t id = verb->set.first; id <= verb->set.last; id++)
      any |= target_fail_hardware (verb->world->target[i], verb->event->layer, id);
  return any ? SUCCEEDED : FAILED;
}

static VerbEnd
do_team (const Verb *verb)
{
  ImCaller caller = { verb_done, verb->world, verb->index };
  const TimelineEvent *event = verb->event;

  im_driver_set_member (verb->world->im[event->part_index], event->port, event->is_member, caller);
  return GOES_ON;
}

static VerbEnd
do_fail_over (const Verb *verb)
{
  ImCaller caller = { verb_done, verb->world, verb->index };

  im_driver_fail_over (verb->world->im[verb->event->part_index], verb->event->port, caller);
  return GOES_ON;
}

static VerbEnd
do_defect (const Verb *verb)
{
  World *world = verb->world;
  uint32_t defect = verb->event->defect;

  switch (verb->event->part) {
  case TIMELINE_PART_HOST:
    host_set_defect (world->host, (HostDefect)defect, true);
    return SUCCEEDED;
  case TIMELINE_PART_TARGET:
    target_set_defects (target_of (verb), UINT64_C (1) << defect);
    return SUCCEEDED;
  case TIMELINE_PART_IM:
    im_driver_set_defect (world->im[verb->event->part_index], (ImDefect)defect, true);
    return SUCCEEDED;
  case TIMELINE_PART_SYSTEM:
  case TIMELINE_PART_PEER:
    break;
  }
  SIM_UNREACHABLE ();
}

/* What NDIS does with an adapter. */

static VerbEnd
pnp (const Verb *verb, NdisPnpKind kind)
{
  World *world = verb->world;
  uint32_t layer = world->config->n_ims + 1 + verb->event->part_index;

  ndis_pnp (world->ndis, kind, layer, (NdisPnpCaller){ verb_done, world, verb->index });
  return GOES_ON;
}

/* True unless a driver over several targets stands above that one and has no other to use. */
static bool
can_do_without (const Verb *verb)
{
  const World *world = verb->world;
  uint32_t number = verb->event->part_index;
  uint32_t layer = world->config->n_ims + 1 + number;

  while ((layer = world_layer_above (world->config, layer)) != 0)
    if (!im_driver_can_spare (world->im[layer - 1], world_port_to (world->config, layer, number)))
      return false;
  return true;
}

/* The hardware goes at once; NDIS hears of it by the bus driver. */
static VerbEnd
do_surprise_remove (const Verb *verb)
{
  uint32_t number = verb->event->part_index;

  if (!can_do_without (verb))
    return FAILED;
  target_remove (verb->world->target[number]);
  wire_set_link (verb->world->wire[number], false);
  return pnp (verb, NDIS_PNP_REMOVE);
}

static VerbEnd
do_reset (const Verb *verb)
{
  return pnp (verb, NDIS_PNP_RESET);
}

static VerbEnd
do_pause_stack (const Verb *verb)
{
  return can_do_without (verb) ? pnp (verb, NDIS_PNP_PAUSE) : FAILED;
}

static VerbEnd
do_restart_stack (const Verb *verb)
{
  return pnp (verb, NDIS_PNP_RESTART);
}

void
verbs_carry_out (void *data, uint32_t index, const TimelineEvent *event)
{
  static VerbEnd (*const functions[TIMELINE_N_VERBS]) (const Verb *) = {
#define TIMELINE_VERB(id, name, help) [TIMELINE_##id] = do_##name,
    TIMELINE_VERBS (TIMELINE_VERB)
#undef TIMELINE_VERB
  };
  World *world = data;
  Verb verb = { .world = world,
                .index = index,
                .event = event,
                .set = { event->target.first, event->target.last },
                .caller = { verb_done, world, index } };

  SIM_ASSERT (event->verb < TIMELINE_N_VERBS);
  VerbEnd end = functions[event->verb](&verb);
  if (end != GOES_ON)
    timeline_finish (world->timeline, index, end == SUCCEEDED);
}
