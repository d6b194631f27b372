#include "lab/verbs.h"

#include <string.h>

#include "lab/groups.h"
#include "lab/part.h"
#include "lab/scenario_fields.h"
#include "models/im/defect.h"
#include "models/im/drivers.h"
#include "models/tcp/segment.h"
#include "models/world/branches.h"

typedef struct Reader {
  const LabSetting *element; /* of the timeline */
  const WorldConfig *config;
  LabMistakes *mistakes;
  TimelineEvent *event;
} Reader;

typedef void (*ReadVerb) (const Reader *reader);

static const LabSetting *
key (const Reader *reader, const char *name)
{
  return lab_setting_get (reader->element, name);
}

static int64_t
integer (const Reader *reader, const char *name)
{
  return lab_setting_integer (reader->element, name);
}

static void
blame (const Reader *reader, const LabSetting *setting, const char *what)
{
  lab_setting_blame (setting, reader->mistakes, "%s", what);
}

/* Verbs on connections. */

static bool
read_connections (const Reader *reader)
{
  return lab_groups_resolve (reader->config, key (reader, "target"), reader->mistakes,
                             &reader->event->target);
}

static void
read_batch (const Reader *reader)
{
  const LabSetting *batch = key (reader, "batch");
  HostBatch *into = &reader->event->batch;

  read_connections (reader);
  *into = reader->config->host.offload.batch;
  if (!lab_setting_is_set (batch))
    return;
  into->size = (uint32_t)lab_setting_integer (batch, "size");
  into->gap = sim_ps (lab_setting_integer (batch, "gap"));
  into->tree = (HostTreeShape)lab_setting_integer (batch, "tree");
}

static void
read_send (const Reader *reader)
{
  read_connections (reader);
  reader->event->bytes = (uint64_t)integer (reader, "bytes");
}

static void
read_side (const Reader *reader)
{
  read_connections (reader);
  reader->event->part = (TimelinePart)integer (reader, "by");
}

static void
read_reason (const Reader *reader)
{
  read_connections (reader);
  reader->event->reason = (uint8_t)integer (reader, "reason");
}

/* The connections, and which of their objects are meant. */
static void
read_objects (const Reader *reader)
{
  read_connections (reader);
  reader->event->aim = (HostAim)integer (reader, "of");
}

static void
read_layer (const Reader *reader)
{
  read_connections (reader);
  reader->event->layer = (OffloadLayer)integer (reader, "of");
}

static void
read_update (const Reader *reader)
{
  const LabSetting *commands = key (reader, "commands");
  HostOptions *options = &reader->event->options;

  read_objects (reader);
  for (guint i = 0; i < commands->children->len; i++) {
    const LabSetting *command = commands->children->pdata[i];
    options->commands = (uint16_t)(options->commands | command->value.integer);
  }
}

/* Gives option |name| if it is there, and says so in the mask. */
static int64_t
option (const Reader *reader, const char *name, uint32_t bit)
{
  if (!lab_setting_is_set (key (reader, name)))
    return 0;
  reader->event->options.mask |= bit;
  return integer (reader, name);
}

static void
read_options (const Reader *reader)
{
  HostOptions *o = &reader->event->options;

  read_connections (reader);
  o->InitialRcvWnd = (uint32_t)option (reader, "receive_window", HOST_OPTION_RECEIVE_WINDOW);
  o->RcvIndicationSize = (uint32_t)option (reader, "indication", HOST_OPTION_INDICATION);
  o->nagle = option (reader, "nagle", HOST_OPTION_NAGLE) != 0;
  o->keepalive = option (reader, "keepalive", HOST_OPTION_KEEPALIVE) != 0;
  o->KaProbeCount = (uint8_t)option (reader, "KaProbeCount", HOST_OPTION_KA_PROBES);
  o->KaTimeout = (uint32_t)option (reader, "KaTimeout", HOST_OPTION_KA_TIMEOUT);
  o->KaInterval = (uint32_t)option (reader, "KaInterval", HOST_OPTION_KA_INTERVAL);
  o->MaxRT = (uint32_t)option (reader, "MaxRT", HOST_OPTION_MAX_RT);
  o->FlowLabel = (uint32_t)option (reader, "flow_label", HOST_OPTION_FLOW_LABEL);
  o->TtlOrHopLimit = (uint8_t)option (reader, "ttl", HOST_OPTION_TTL);
  o->TosOrTrafficClass = (uint8_t)option (reader, "tos", HOST_OPTION_TOS);
  o->UserPriority = (uint8_t)option (reader, "user_priority", HOST_OPTION_PRIORITY);
  if (o->mask == 0)
    blame (reader, reader->element, "changes nothing; write an option, like nagle: false");
}

/* Crafted segments: one, or a flood of them. */

/* Reads `base`, `base+5`, `base-5`. */
static void
read_offset (const Reader *reader, const LabSetting *setting, const char *base, int64_t *ret_offset)
{
  const char *text = setting->value.text;
  size_t n_base = strlen (base);
  g_autofree char *why = NULL;
  int64_t offset = 0;
  bool ok = strncmp (text, base, n_base) == 0;
  const char *rest = ok ? text + n_base : "";
  rest += strspn (rest, " ");
  if (ok && rest[0] != '\0') {
    const char *number = rest + 1 + strspn (rest + 1, " ");
    ok = (rest[0] == '+' || rest[0] == '-') && lab_quantity_read (number, LAB_COUNT, &offset, &why)
         && offset <= UINT32_MAX;
    offset = rest[0] == '-' ? -offset : offset;
  }
  if (ok)
    *ret_offset = offset;
  else
    lab_setting_blame (setting, reader->mistakes,
                       "\"%s\" is not a sequence number; write %s, %s+100 or %s-1", text, base,
                       base, base);
}

static void
read_segment (const Reader *reader)
{
  const LabSetting *segment = key (reader, "segment");
  TimelineEvent *event = reader->event;

  read_connections (reader);
  if (!lab_setting_is_set (segment))
    return;
  const LabSetting *flags = lab_setting_get (segment, "flags");
  for (guint i = 0; i < flags->children->len; i++) {
    const LabSetting *flag = flags->children->pdata[i];
    event->segment_flags = (uint8_t)(event->segment_flags | 1u << flag->value.integer);
  }
  const LabSetting *seq = lab_setting_get (segment, "seq");
  const LabSetting *ack = lab_setting_get (segment, "ack");
  if (lab_setting_is_set (seq))
    read_offset (reader, seq, "rcv_nxt", &event->segment_seq_offset);
  if (lab_setting_is_set (ack))
    read_offset (reader, ack, "snd_nxt", &event->segment_ack_offset);
  event->segment_payload_bytes = (uint32_t)lab_setting_integer (segment, "payload");
  event->segment_urgent_pointer = (uint16_t)lab_setting_integer (segment, "urgent");
  event->segment_has_window = lab_setting_is_set (lab_setting_get (segment, "window"));
  event->segment_window_bytes = (uint32_t)lab_setting_integer (segment, "window");
  if (lab_setting_integer (segment, "ip_options") != 0)
    event->segment_oddities |= TCP_IP_HAS_OPTIONS;
  if (lab_setting_integer (segment, "fragment") != 0)
    event->segment_oddities |= TCP_IP_MORE_FRAGMENTS;
  event->segment_has_vlan = lab_setting_is_set (lab_setting_get (segment, "vlan"));
  event->segment_vlan_id = (uint16_t)lab_setting_integer (segment, "vlan");
}

static void
read_flood (const Reader *reader)
{
  AttackSpec *attack = &reader->event->attack;

  read_connections (reader);
  attack->kind = (AttackKind)integer (reader, "kind");
  attack->aim = (AttackAim)integer (reader, "aim");
  attack->count = (uint64_t)integer (reader, "count");
  attack->every = sim_ps (integer (reader, "every"));
  attack->payload_bytes = (uint32_t)integer (reader, "payload");
}

/* Next hops and links before the peers. */

static void
read_hops (const Reader *reader)
{
  read_connections (reader);
  reader->event->hop = (TimelineHop)integer (reader, "to");
  reader->event->announces = integer (reader, "announce") != 0;
}

static void
read_mtu (const Reader *reader)
{
  read_connections (reader);
  reader->event->bytes = (uint64_t)integer (reader, "mtu");
}

/* The connections, and the place in their group of the next hop they get. */
static void
read_neighbor (const Reader *reader)
{
  const LabSetting *neighbor = key (reader, "neighbor");
  TimelineEvent *event = reader->event;

  event->neighbor = (uint32_t)integer (reader, "neighbor");
  if (!read_connections (reader) || !lab_setting_is_set (neighbor))
    return;
  const ConnectionGroup *group = &reader->config->group[0];
  while (event->target.first - group->first_id >= group->count)
    group++;
  uint32_t n = group->neighbors + group->spare_neighbors;
  if (event->neighbor >= n)
    lab_setting_blame (
        neighbor, reader->mistakes,
        "%s has the next hops 0 to %u; write one of them, or more via.spare_neighbors", group->name,
        n - 1);
}

static void
read_relink (const Reader *reader)
{
  read_neighbor (reader);
  reader->event->is_failed = integer (reader, "failed") != 0;
}

/* Verbs on a part: host, target, targets.<name> or im.<name>. */

static bool
find_part (const Reader *reader, const LabSetting *target)
{
  const char *name = target->value.text;
  TimelineEvent *event = reader->event;
  uint32_t number = lab_part_find_target (reader->config, name);
  uint32_t im = lab_part_find_im (reader->config, name);

  if (strcmp (name, "host") == 0) {
    event->part = TIMELINE_PART_HOST;
  } else if (number != UINT32_MAX) {
    event->part = TIMELINE_PART_TARGET;
    event->part_index = number;
  } else if (im != UINT32_MAX) {
    event->part = TIMELINE_PART_IM;
    event->part_index = im;
  } else {
    blame (reader, target,
           "there is no such part; write host, target, targets.<name> or im.<name>");
    return false;
  }
  return true;
}

static bool
has_part (const Reader *reader)
{
  const LabSetting *target = key (reader, "target");
  return lab_setting_is_set (target) && find_part (reader, target);
}

static void
read_target (const Reader *reader)
{
  if (has_part (reader) && reader->event->part != TIMELINE_PART_TARGET)
    blame (reader, key (reader, "target"), "that is no target; write target or targets.<name>");
}

static bool
switched (const Reader *reader, const char *name, bool otherwise)
{
  const LabSetting *setting = key (reader, name);
  return lab_setting_is_set (setting) ? setting->value.integer != 0 : otherwise;
}

/* What is left out is as the target's data sheet has it. */
static void
read_capabilities (const Reader *reader)
{
  const WorldConfig *config = reader->config;
  TimelineEvent *event = reader->event;
  const LabSetting *connections = key (reader, "connections");

  read_target (reader);
  if (event->part != TIMELINE_PART_TARGET)
    return;
  const TargetConfig *sheet =
      event->part_index == 0 ? &config->target : &config->branch[event->part_index - 1].target;
  uint32_t room = sheet->tables.tcp;
  event->capabilities = (TargetCapabilities){
    .connections = lab_setting_is_set (connections) ? (uint32_t)connections->value.integer : room,
    .ipv4 = switched (reader, "ipv4", sheet->features.ipv4),
    .ipv6 = switched (reader, "ipv6", sheet->features.ipv6),
    .sack = switched (reader, "sack", sheet->features.sack),
  };
  if (event->capabilities.connections > room)
    lab_setting_blame (connections, reader->mistakes,
                       "the target has room for %u connections; write at most that", room);
}

static void
read_statistics (const Reader *reader)
{
  reader->event->reset = integer (reader, "reset") != 0;
  has_part (reader);
}

static void
read_chimney (const Reader *reader)
{
  reader->event->chimney_on = integer (reader, "to") != 0;
  has_part (reader);
}

static void
read_link (const Reader *reader)
{
  const LabSetting *wire = key (reader, "target");
  TimelineEvent *event = reader->event;

  event->link_up = integer (reader, "to") != 0;
  if (!lab_setting_is_set (wire))
    return;
  event->part_index = lab_part_find_wire (reader->config, wire->value.text);
  if (event->part_index == UINT32_MAX)
    blame (reader, wire, "there is no such wire; write wire or targets.<name>.wire");
}

/* The failover driver that the event is about; NULL after a mistake. */
static const ImConfig *
failover_driver (const Reader *reader)
{
  const TimelineEvent *event = reader->event;

  if (!has_part (reader))
    return NULL;
  const ImConfig *im = &reader->config->im[event->part_index];
  if (event->part == TIMELINE_PART_IM && im_kind_by_name (im->driver)->fail_over != NULL)
    return im;
  blame (reader, key (reader, "target"),
         "that is no failover driver; write im.<name> of one with driver: failover");
  return NULL;
}

/* The port of |im| that leads to the target that |setting| names. */
static void
read_port (const Reader *reader, const ImConfig *im, const LabSetting *setting)
{
  const WorldConfig *config = reader->config;

  if (im == NULL || !lab_setting_is_set (setting))
    return;
  uint32_t number = lab_part_find_target (config, setting->value.text);
  if (number != UINT32_MAX)
    reader->event->port = world_port_to (config, im->layer, number);
  if (reader->event->port == UINT32_MAX)
    blame (reader, setting, "the driver does not stand over such a target; write one that it does");
}

static void
read_fail_over (const Reader *reader)
{
  reader->event->port = UINT32_MAX;
  read_port (reader, failover_driver (reader), key (reader, "to"));
}

static void
read_team (const Reader *reader)
{
  reader->event->port = UINT32_MAX;
  reader->event->is_member = integer (reader, "to") != 0;
  read_port (reader, failover_driver (reader), key (reader, "member"));
}

static void
read_table (const Reader *reader)
{
  const LabSetting *cpus = key (reader, "cpus");
  uint32_t n_cpus = reader->config->host.n_cpus;

  if (!lab_setting_is_set (cpus))
    return;
  if (cpus->children->len == 0 || cpus->children->len > WORLD_RSS_CPUS_MAX) {
    lab_setting_blame (cpus, reader->mistakes, "%u processors; write 1 to %d", cpus->children->len,
                       WORLD_RSS_CPUS_MAX);
    return;
  }
  for (guint i = 0; i < cpus->children->len; i++) {
    const LabSetting *cpu = cpus->children->pdata[i];
    if (cpu->value.integer >= n_cpus) {
      lab_setting_blame (cpu, reader->mistakes, "the host's processors are 0 to %u", n_cpus - 1);
      return;
    }
    reader->event->cpu[reader->event->n_cpus++] = (uint32_t)cpu->value.integer;
  }
}

static bool
defect_find (TimelinePart part, const char *name, uint32_t *ret_defect)
{
  HostDefect host_defect;
  if (part == TIMELINE_PART_HOST && host_defect_by_name (name, &host_defect)) {
    *ret_defect = host_defect;
    return true;
  }
  ImDefect im_defect = im_defect_by_name (name);
  if (part == TIMELINE_PART_IM && im_defect != IM_N_DEFECTS) {
    *ret_defect = im_defect;
    return true;
  }
  TargetDefect target_defect = target_defect_by_name (name);
  if (part == TIMELINE_PART_TARGET && target_defect != TARGET_N_DEFECTS) {
    *ret_defect = target_defect;
    return true;
  }
  return false;
}

static void
read_defect (const Reader *reader)
{
  const LabSetting *name = key (reader, "name");

  if (!has_part (reader) || !lab_setting_is_set (name))
    return;
  if (!defect_find (reader->event->part, name->value.text, &reader->event->defect))
    blame (reader, name, "that part has no such defect; see `chimsim list defects`");
}

/* States of a device, or of the system with the state that its device is put into. */
static void
read_power (const Reader *reader)
{
  const LabSetting *target = key (reader, "target");
  const LabSetting *to = key (reader, "to");
  TimelineEvent *event = reader->event;
  bool is_systems = to->value.integer >= LAB_POWER_OF_SYSTEM;

  if (!lab_setting_is_set (target) || !lab_setting_is_set (to))
    return;
  if (strcmp (target->value.text, "system") == 0)
    event->part = TIMELINE_PART_SYSTEM;
  else if (!find_part (reader, target))
    return;
  event->power = (uint8_t)(to->value.integer % LAB_POWER_OF_SYSTEM);
  if (is_systems != (event->part == TIMELINE_PART_SYSTEM))
    blame (reader, to, "target: target has D0 to D3, target: system has S0, S1 and S3");
}

void
lab_verb_read (const LabSetting *element, const WorldConfig *config, LabMistakes *mistakes,
               TimelineEvent *event)
{
  static const ReadVerb readers[TIMELINE_N_VERBS] = {
    [TIMELINE_OFFLOAD] = read_batch,
    [TIMELINE_UPLOAD] = read_batch,
    [TIMELINE_UPDATE] = read_update,
    [TIMELINE_QUERY] = read_objects,
    [TIMELINE_INVALIDATE] = read_objects,
    [TIMELINE_RELINK] = read_relink,
    [TIMELINE_SEND] = read_send,
    [TIMELINE_POST_RECEIVE] = read_send,
    [TIMELINE_CLOSE] = read_side,
    [TIMELINE_ABORT] = read_side,
    [TIMELINE_RECEIVE] = read_segment,
    [TIMELINE_SET_POWER] = read_power,
    [TIMELINE_LINK] = read_link,
    [TIMELINE_PAUSE] = read_target,
    [TIMELINE_RESUME] = read_target,
    [TIMELINE_UPLOAD_ALL] = read_target,
    [TIMELINE_SET_CAPABILITIES] = read_capabilities,
    [TIMELINE_FAIL_OVER] = read_fail_over,
    [TIMELINE_TEAM] = read_team,
    [TIMELINE_SURPRISE_REMOVE] = read_target,
    [TIMELINE_SET_OPTION] = read_options,
    [TIMELINE_ARP] = read_hops,
    [TIMELINE_REDIRECT] = read_neighbor,
    [TIMELINE_PATH_MTU] = read_mtu,
    [TIMELINE_RSS_TABLE] = read_table,
    [TIMELINE_DEFECT] = read_defect,
    [TIMELINE_FLOOD] = read_flood,
    [TIMELINE_ASK_UPLOAD] = read_reason,
    [TIMELINE_FAIL_HARDWARE] = read_layer,
    [TIMELINE_RESET] = read_target,
    [TIMELINE_PAUSE_STACK] = read_target,
    [TIMELINE_RESTART_STACK] = read_target,
    [TIMELINE_SET_CHIMNEY] = read_chimney,
    [TIMELINE_STATISTICS] = read_statistics,
  };
  Reader reader = { element, config, mistakes, event };

  SIM_ASSERT (readers[event->verb] != NULL); /* a verb without a row */
  readers[event->verb](&reader);
}
