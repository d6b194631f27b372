#include "lab/timeline.h"

#include <string.h>

#include "lab/anchor.h"
#include "lab/groups.h"
#include "lab/part.h"
#include "lab/scenario_fields.h"
#include "models/im/defect.h"
#include "models/world/branches.h"
#include "sim/assert.h"

typedef struct Builder {
  const LabSetting *list;
  WorldConfig *config;
  LabMistakes *mistakes;
} Builder;

static void
blame (const Builder *builder, const LabSetting *setting, const char *what)
{
  g_autofree char *path = lab_setting_path (setting);
  lab_mistakes_add (builder->mistakes, setting->origin.loc, "%s: %s", path, what);
}

static void
check_ids (const Builder *builder)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < builder->list->children->len; i++) {
    const LabSetting *id = lab_setting_get (builder->list->children->pdata[i], "id");
    if (!lab_setting_is_set (id))
      continue;
    const LabSetting *first = g_hash_table_lookup (seen, id->value.text);
    if (first != NULL)
      lab_mistakes_add (builder->mistakes, id->origin.loc,
                        "timeline: %s is the id of two events, first in line %u; write another",
                        id->value.text, first->origin.loc.line);
    else
      g_hash_table_insert (seen, (void *)id->value.text, (void *)id);
  }
}

static int64_t
child_integer (const LabSetting *element, const char *section, const char *name)
{
  return lab_setting_integer (lab_setting_get (element, section), name);
}

/* Reads `base`, `base+5`, `base-5`. */
static void
read_offset (const Builder *builder, const LabSetting *setting, const char *base,
             int64_t *ret_offset)
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
  if (ok) {
    *ret_offset = offset;
    return;
  }
  g_autofree char *advice =
      g_strdup_printf ("\"%s\" is not a sequence number; write %s, %s+100 or %s-1", text, base,
                       base, base);
  blame (builder, setting, advice);
}

static void
build_segment (const Builder *builder, const LabSetting *segment, TimelineEvent *event)
{
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
    read_offset (builder, seq, "rcv_nxt", &event->segment_seq_offset);
  if (lab_setting_is_set (ack))
    read_offset (builder, ack, "snd_nxt", &event->segment_ack_offset);
  const LabSetting *window = lab_setting_get (segment, "window");
  event->segment_payload_bytes = (uint32_t)lab_setting_integer (segment, "payload");
  event->segment_urgent_pointer = (uint16_t)lab_setting_integer (segment, "urgent");
  event->segment_has_window = lab_setting_is_set (window);
  event->segment_window_bytes = (uint32_t)lab_setting_integer (segment, "window");
}

static void
build_flood (const LabSetting *element, TimelineEvent *event)
{
  event->attack.kind = (AttackKind)lab_setting_integer (element, "kind");
  event->attack.aim = (AttackAim)lab_setting_integer (element, "aim");
  event->attack.count = (uint64_t)lab_setting_integer (element, "count");
  event->attack.every = sim_ps (lab_setting_integer (element, "every"));
  event->attack.payload_bytes = (uint32_t)lab_setting_integer (element, "payload");
}

static void
build_batch (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *batch = lab_setting_get (element, "batch");
  event->batch = builder->config->host.offload.batch;
  if (!lab_setting_is_set (batch))
    return;
  event->batch.size = (uint32_t)lab_setting_integer (batch, "size");
  event->batch.gap = sim_ps (lab_setting_integer (batch, "gap"));
  event->batch.tree = (HostTreeShape)lab_setting_integer (batch, "tree");
}

static void
build_table (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *cpus = lab_setting_get (element, "cpus");
  uint32_t n_cpus = builder->config->host.n_cpus;

  if (!lab_setting_is_set (cpus))
    return;
  if (cpus->children->len == 0 || cpus->children->len > WORLD_RSS_CPUS_MAX) {
    g_autofree char *why =
        g_strdup_printf ("%u processors; write 1 to %d", cpus->children->len, WORLD_RSS_CPUS_MAX);
    blame (builder, cpus, why);
    return;
  }
  for (guint i = 0; i < cpus->children->len; i++) {
    const LabSetting *cpu = cpus->children->pdata[i];
    if (cpu->value.integer >= n_cpus) {
      g_autofree char *why = g_strdup_printf ("the host's processors are 0 to %u", n_cpus - 1);
      blame (builder, cpu, why);
      return;
    }
    event->cpu[event->n_cpus++] = (uint32_t)cpu->value.integer;
  }
}

/* A verb on a part: host, target, targets.<name> or im.<name>. */
static bool
build_part (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *target = lab_setting_get (element, "target");
  if (!lab_setting_is_set (target))
    return false;
  const char *name = target->value.text;
  uint32_t number = lab_part_find_target (builder->config, name);
  uint32_t im = lab_part_find_im (builder->config, name);
  if (strcmp (name, "host") == 0) {
    event->part = TIMELINE_PART_HOST;
  } else if (number != UINT32_MAX) {
    event->part = TIMELINE_PART_TARGET;
    event->part_index = number;
  } else if (im != UINT32_MAX) {
    event->part = TIMELINE_PART_IM;
    event->part_index = im;
  } else {
    blame (builder, target,
           "there is no such part; write host, target, targets.<name> or im.<name>");
    return false;
  }
  return true;
}

/* A verb on a target. */
static void
build_target (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  if (build_part (builder, element, event) && event->part != TIMELINE_PART_TARGET)
    blame (builder, lab_setting_get (element, "target"),
           "that is no target; write target or targets.<name>");
}

static void
build_link (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *wire = lab_setting_get (element, "target");
  event->link_up = lab_setting_integer (element, "to") != 0;
  if (!lab_setting_is_set (wire))
    return;
  event->part_index = lab_part_find_wire (builder->config, wire->value.text);
  if (event->part_index == UINT32_MAX)
    blame (builder, wire, "there is no such wire; write wire or targets.<name>.wire");
}

static void
build_fail_over (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const WorldConfig *config = builder->config;
  const LabSetting *to = lab_setting_get (element, "to");
  event->port = UINT32_MAX;
  if (!build_part (builder, element, event))
    return;
  if (event->part != TIMELINE_PART_IM
      || strcmp (config->im[event->part_index].driver, "failover") != 0) {
    blame (builder, lab_setting_get (element, "target"),
           "that is no failover driver; write im.<name> of one with driver: failover");
    return;
  }
  if (!lab_setting_is_set (to))
    return;
  uint32_t number = lab_part_find_target (config, to->value.text);
  event->port = number == UINT32_MAX
                    ? UINT32_MAX
                    : world_port_to (config, config->im[event->part_index].layer, number);
  if (event->port == UINT32_MAX)
    blame (builder, to, "the driver does not stand over such a target; write one that it does");
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
build_defect (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *name = lab_setting_get (element, "name");
  bool is_part = build_part (builder, element, event);
  if (!is_part || !lab_setting_is_set (name))
    return;
  if (!defect_find (event->part, name->value.text, &event->defect))
    blame (builder, name, "that part has no such defect; see `chimsim list defects`");
}

/* States of a device, or of the system with the state that its device is put into. */
static void
build_power (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *target = lab_setting_get (element, "target");
  const LabSetting *to = lab_setting_get (element, "to");
  bool is_systems = to->value.integer >= LAB_POWER_OF_SYSTEM;

  if (!lab_setting_is_set (target) || !lab_setting_is_set (to))
    return;
  if (strcmp (target->value.text, "system") == 0)
    event->part = TIMELINE_PART_SYSTEM;
  else if (!build_part (builder, element, event))
    return;
  event->power = (uint8_t)(to->value.integer % LAB_POWER_OF_SYSTEM);
  if (is_systems != (event->part == TIMELINE_PART_SYSTEM))
    blame (builder, to, "target: target has D0 to D3, target: system has S0, S1 and S3");
}

static void
build_update (const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *commands = lab_setting_get (element, "commands");

  event->layer = (OffloadLayer)lab_setting_integer (element, "of");
  for (guint i = 0; i < commands->children->len; i++) {
    const LabSetting *command = commands->children->pdata[i];
    event->options.commands = (uint16_t)(event->options.commands | command->value.integer);
  }
}

/* Gives option |name| if it is there, and says so in the mask. */
static int64_t
option (const LabSetting *element, const char *name, uint32_t bit, HostOptions *options)
{
  if (!lab_setting_is_set (lab_setting_get (element, name)))
    return 0;
  options->mask |= bit;
  return lab_setting_integer (element, name);
}

static void
build_options (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  HostOptions *o = &event->options;

  o->InitialRcvWnd = (uint32_t)option (element, "receive_window", HOST_OPTION_RECEIVE_WINDOW, o);
  o->RcvIndicationSize = (uint32_t)option (element, "indication", HOST_OPTION_INDICATION, o);
  o->nagle = option (element, "nagle", HOST_OPTION_NAGLE, o) != 0;
  o->keepalive = option (element, "keepalive", HOST_OPTION_KEEPALIVE, o) != 0;
  o->KaProbeCount = (uint8_t)option (element, "KaProbeCount", HOST_OPTION_KA_PROBES, o);
  o->KaTimeout = (uint32_t)option (element, "KaTimeout", HOST_OPTION_KA_TIMEOUT, o);
  o->KaInterval = (uint32_t)option (element, "KaInterval", HOST_OPTION_KA_INTERVAL, o);
  o->MaxRT = (uint32_t)option (element, "MaxRT", HOST_OPTION_MAX_RT, o);
  o->FlowLabel = (uint32_t)option (element, "flow_label", HOST_OPTION_FLOW_LABEL, o);
  o->TtlOrHopLimit = (uint8_t)option (element, "ttl", HOST_OPTION_TTL, o);
  o->TosOrTrafficClass = (uint8_t)option (element, "tos", HOST_OPTION_TOS, o);
  o->UserPriority = (uint8_t)option (element, "user_priority", HOST_OPTION_PRIORITY, o);
  if (o->mask == 0)
    blame (builder, element, "changes nothing; write an option, like nagle: false");
}

/* The connections of a relink, and the place in their group of the next hop they get. */
static void
build_relink (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *neighbor = lab_setting_get (element, "neighbor");
  const LabSetting *target = lab_setting_get (element, "target");
  bool is_known = lab_groups_resolve (builder->config, target, builder->mistakes, &event->target);

  event->neighbor = (uint32_t)lab_setting_integer (element, "neighbor");
  if (event->verb == TIMELINE_RELINK)
    event->is_failed = lab_setting_integer (element, "failed") != 0;
  if (!is_known || !lab_setting_is_set (neighbor))
    return;
  const ConnectionGroup *group = &builder->config->group[0];
  while (event->target.first - group->first_id >= group->count)
    group++;
  uint32_t n = group->neighbors + group->spare_neighbors;
  if (event->neighbor >= n) {
    g_autofree char *why = g_strdup_printf (
        "%s has the next hops 0 to %u; write one of them, or more via.spare_neighbors", group->name,
        n - 1);
    blame (builder, neighbor, why);
  }
}

static void
build_verb (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  switch (event->verb) {
  case TIMELINE_OFFLOAD:
  case TIMELINE_UPLOAD:
    build_batch (builder, element, event);
    break;
  case TIMELINE_SEND:
    event->bytes = (uint64_t)lab_setting_integer (element, "bytes");
    break;
  case TIMELINE_CLOSE:
  case TIMELINE_ABORT:
    event->part = (TimelinePart)lab_setting_integer (element, "by");
    break;
  case TIMELINE_RECEIVE:
    build_segment (builder, lab_setting_get (element, "segment"), event);
    break;
  case TIMELINE_FLOOD:
    build_flood (element, event);
    break;
  case TIMELINE_ASK_UPLOAD:
    event->reason = (uint8_t)lab_setting_integer (element, "reason");
    break;
  case TIMELINE_SET_POWER:
    build_power (builder, element, event);
    return;
  case TIMELINE_STATISTICS:
    event->reset = lab_setting_integer (element, "reset") != 0;
    build_part (builder, element, event);
    return;
  case TIMELINE_SET_CHIMNEY:
    event->chimney_on = lab_setting_integer (element, "to") != 0;
    build_part (builder, element, event);
    return;
  case TIMELINE_LINK:
    build_link (builder, element, event);
    return;
  case TIMELINE_RSS_TABLE:
    build_table (builder, element, event);
    return;
  case TIMELINE_DEFECT:
    build_defect (builder, element, event);
    return;
  case TIMELINE_PAUSE:
  case TIMELINE_RESUME:
  case TIMELINE_UPLOAD_ALL:
    build_target (builder, element, event);
    return;
  case TIMELINE_FAIL_OVER:
    build_fail_over (builder, element, event);
    return;
  case TIMELINE_SURPRISE_REMOVE:
  case TIMELINE_RESET:
  case TIMELINE_PAUSE_STACK:
  case TIMELINE_RESTART_STACK:
    if (builder->config->n_branches > 0)
      blame (builder, element, "is of a stack with one target; leave targets out");
    build_part (builder, element, event);
    return;
  case TIMELINE_UPDATE:
    build_update (element, event);
    break;
  case TIMELINE_SET_OPTION:
    build_options (builder, element, event);
    break;
  case TIMELINE_ARP:
    event->hop = (TimelineHop)lab_setting_integer (element, "to");
    event->announces = lab_setting_integer (element, "announce") != 0;
    break;
  case TIMELINE_PATH_MTU:
    event->bytes = (uint64_t)lab_setting_integer (element, "mtu");
    break;
  case TIMELINE_REDIRECT:
  case TIMELINE_RELINK:
    build_relink (builder, element, event);
    return;
  case TIMELINE_FAIL_HARDWARE:
  case TIMELINE_QUERY:
  case TIMELINE_INVALIDATE:
  case TIMELINE_N_VERBS:
    break;
  }
  const LabSetting *target = lab_setting_get (element, "target");
  lab_groups_resolve (builder->config, target, builder->mistakes, &event->target);
}

static void
build_window (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  const LabSetting *between = lab_setting_get (when, "between");
  const LabSetting *subject = lab_setting_get (when, "for");
  ConnectionSet set;
  event->anchor = TIMELINE_BETWEEN;
  event->offset = sim_ps (lab_setting_integer (when, "offset"));
  if (between->children->len != 2)
    blame (builder, between, "a window has two calls; write between: [first, second]");
  else if (lab_anchor_read_window (between, event->between)
           && event->between[0] == event->between[1])
    blame (builder, between, "the same call twice is no window; write two calls");
  if (!lab_setting_is_set (subject))
    blame (builder, when, "a window is about one connection; write for: web/417");
  else if (lab_groups_resolve (builder->config, subject, builder->mistakes, &set)) {
    if (set.first != set.last)
      blame (builder, subject, "a window is about one connection; write one, like web/417");
    event->between_connection = set.first;
  }
}

static void
build_metric (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  const LabSetting *reaches = lab_setting_get (when, "reaches");
  event->anchor = TIMELINE_METRIC;
  if (!lab_setting_is_set (reaches)) {
    blame (builder, when, "a metric needs a value; write reaches: 200");
    return;
  }
  event->reaches = (uint64_t)reaches->value.integer;
  bool ok = lab_anchor_read_metric (builder->config, lab_setting_get (when, "metric"),
                                    builder->mistakes, event);
  uint64_t n = ok ? (uint64_t)event->metric_of.last - event->metric_of.first + 1 : 0;
  if (ok && event->metric != METRIC_DELIVERED && event->reaches > n) {
    g_autofree char *why =
        g_strdup_printf ("there are %" G_GUINT64_FORMAT
                         " connections, so this never happens; write at most %" G_GUINT64_FORMAT,
                         n, n);
    blame (builder, reaches, why);
  }
}

static void
build_when (const Builder *builder, const LabSetting *when, TimelineEvent *event)
{
  bool has_window = lab_setting_is_set (lab_setting_get (when, "between"));
  bool has_metric = lab_setting_is_set (lab_setting_get (when, "metric"));
  if (has_window == has_metric) {
    blame (builder, when,
           has_window ? "between and metric are two anchors; keep one"
                      : "nothing is waited for; write between or metric");
    return;
  }
  if (has_window && lab_setting_is_set (lab_setting_get (when, "reaches")))
    blame (builder, lab_setting_get (when, "reaches"), "belongs to a metric; leave it out");
  if (has_metric && lab_setting_is_set (lab_setting_get (when, "for")))
    blame (builder, lab_setting_get (when, "for"), "belongs to a window; leave it out");
  if (has_window)
    build_window (builder, when, event);
  else
    build_metric (builder, when, event);
}

static void
build_anchor (const Builder *builder, const LabSetting *element, TimelineEvent *event)
{
  const LabSetting *at = lab_setting_get (element, "at");
  const LabSetting *after = lab_setting_get (element, "after");
  const LabSetting *when = lab_setting_get (element, "when");
  int n = lab_setting_is_set (at) + lab_setting_is_set (after) + lab_setting_is_set (when);
  if (n != 1) {
    bool is_mistaken = n == 0 && lab_anchor_is_attempted (element);
    if (!is_mistaken)
      blame (builder, element,
             n == 0 ? "has no anchor; write at, after or when"
                    : "has more than one anchor; keep one of at, after, when");
    return;
  }
  if (lab_setting_is_set (at)) {
    event->anchor = TIMELINE_AT;
    event->at = (SimTime){ at->value.integer };
  } else if (lab_setting_is_set (after)) {
    event->anchor = TIMELINE_AFTER;
    event->outcome = (TimelineOutcome)lab_setting_integer (after, "outcome");
    event->delay = sim_ps (child_integer (element, "after", "delay"));
  } else {
    build_when (builder, when, event);
  }
}

void
lab_timeline_build (const LabSetting *scenario, WorldConfig *config, LabMistakes *mistakes)
{
  const LabSetting *list = lab_setting_get (scenario, "timeline");
  Builder builder = { list, config, mistakes };
  if (list->children->len > WORLD_EVENTS_MAX) {
    g_autofree char *why = g_strdup_printf ("more than %d events; write fewer", WORLD_EVENTS_MAX);
    blame (&builder, list, why);
    return;
  }
  check_ids (&builder);
  config->n_events = list->children->len;
  config->event = g_new0 (TimelineEvent, config->n_events + 1);
  for (uint32_t i = 0; i < config->n_events; i++) {
    const LabSetting *element = list->children->pdata[i];
    const LabSetting *verb = lab_setting_get (element, "do");
    TimelineEvent *event = &config->event[i];
    event->id = lab_setting_string (element, "id");
    build_anchor (&builder, element, event);
    if (!lab_setting_is_set (verb))
      continue;
    event->verb = (TimelineVerb)verb->value.integer;
    build_verb (&builder, element, event);
  }
  lab_anchor_check_order (list, config, mistakes);
}
