#include "lab/groups.h"

#include <string.h>

#include "lab/address.h"
#include "models/tcp/options.h"
#include "sim/assert.h"

#define WINDOW_UNSCALED_MAX 65535

typedef struct Check {
  const LabSetting *part;
  const char *path;
  LabMistakes *mistakes;
} Check;

/* The place of a setting, or of its group if nobody wrote it. */
static SimLoc
place (const Check *check, const char *name)
{
  const LabSetting *setting = lab_setting_find ((LabSetting *)check->part, name);
  SIM_ASSERT (setting != NULL);
  return setting->origin.loc.file != NULL ? setting->origin.loc : check->part->origin.loc;
}

static void
check_name (const Check *check)
{
  static const char *const parts[] = { "host", "im", "target", "wire", "peers", "stack" };
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strcmp (check->part->name, parts[i]) == 0)
      lab_mistakes_add (check->mistakes, check->part->origin.loc,
                        "%s: a group cannot be called like a part; write another name",
                        check->path);
}

static void
check_via (const Check *check, const ConnectionGroup *group)
{
  if (group->paths > group->count)
    lab_mistakes_add (check->mistakes, place (check, "via.paths"),
                      "%s: %u paths for %u connections; write at most %u", check->path,
                      group->paths, group->count, group->count);
  if (group->neighbors > group->paths)
    lab_mistakes_add (check->mistakes, place (check, "via.neighbors"),
                      "%s: %u neighbors for %u paths; write at most %u", check->path,
                      group->neighbors, group->paths, group->paths);
}

static void
check_sizes (const Check *check, const ConnectionGroup *group)
{
  uint32_t headers = group->ip_version == 4 ? 40 : 60;
  if (group->timestamps)
    headers += TCP_TIMESTAMP_BYTES;
  uint32_t mtu_min = group->ip_version == 4 ? 68 : 1280;
  if (group->path_mtu_bytes < mtu_min)
    lab_mistakes_add (check->mistakes, place (check, "mtu"),
                      "%s: an MTU of %u B is below the %u B of IPv%u; write %u B or more",
                      check->path, group->path_mtu_bytes, mtu_min, group->ip_version, mtu_min);
  else if (group->mss_bytes + headers > group->path_mtu_bytes)
    lab_mistakes_add (check->mistakes, place (check, "mss"),
                      "%s: %u B and %u B of headers do not fit an MTU of %u B; write at most %u B",
                      check->path, group->mss_bytes, headers, group->path_mtu_bytes,
                      group->path_mtu_bytes - headers);
}

static void
check_windows (const Check *check, const ConnectionGroup *group)
{
  static const char *const names[] = { "receive_window", "peer_window" };
  const uint32_t windows[] = { group->receive_window_bytes, group->peer_window_bytes };
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (!group->window_scaling && windows[i] > WINDOW_UNSCALED_MAX)
      lab_mistakes_add (check->mistakes, place (check, names[i]),
                        "%s: %s of %u B needs window_scaling; write at most %d B or "
                        "window_scaling: true",
                        check->path, names[i], windows[i], WINDOW_UNSCALED_MAX);
}

/* Of short flows: what decides when they are opened; of a replay: whose flow is whose. */
static void
check_traffic (const Check *check, const ConnectionGroup *group)
{
  const TrafficSpec *spec = &group->traffic;

  if (spec->pattern == TRAFFIC_SHORT_FLOWS && (spec->every != NULL) == (spec->concurrent > 0))
    lab_mistakes_add (check->mistakes, place (check, "traffic"),
                      "%s.traffic: write concurrent or every, one of them", check->path);
  if (spec->pattern == TRAFFIC_SHORT_FLOWS && spec->pause != NULL && spec->every != NULL)
    lab_mistakes_add (check->mistakes, place (check, "traffic.pause"),
                      "%s.traffic: pause goes with concurrent; leave it out with every",
                      check->path);
  if (spec->pattern == TRAFFIC_REPLAY && spec->connects && spec->n_flows > 0
      && spec->n_flows != group->count)
    lab_mistakes_add (check->mistakes, place (check, "count"),
                      "%s: %u connections for %u flows; with connect write count: %u", check->path,
                      group->count, spec->n_flows, spec->n_flows);
}

/* Where a setting of the receive policy stands: the group's, else the host's. */
static SimLoc
receive_place (const Check *check, const char *name)
{
  g_autofree char *of_group = g_strdup_printf ("receive.%s", name);
  g_autofree char *of_host = g_strdup_printf ("host.receive.%s", name);
  const LabSetting *part = check->part;
  const LabSetting *own = lab_setting_find ((LabSetting *)part, of_group);
  const LabSetting *root = part->parent->parent;
  const LabSetting *common = lab_setting_find ((LabSetting *)root, of_host);

  if (lab_setting_is_set (own))
    return own->origin.loc;
  return common->origin.loc.file != NULL ? common->origin.loc : part->origin.loc;
}

/* What the rest of the policy would leave without effect. */
static void
check_receive (const Check *check, const ConnectionGroup *group)
{
  const HostReceivePolicy *receive = &group->receive;

  if (receive->prefilled && receive->push)
    lab_mistakes_add (check->mistakes, receive_place (check, "prefilled"),
                      "%s: receive.prefilled has no effect on requests that a push completes; "
                      "write receive.push: false",
                      check->path);
  if (receive->zero_length && receive->style != HOST_RECEIVE_INDICATE_AND_POST)
    lab_mistakes_add (check->mistakes, receive_place (check, "zero_length"),
                      "%s: receive.zero_length has no effect on requests that are always posted; "
                      "write receive.style: indicate_and_post",
                      check->path);
}

static void
build_mix (const Check *check, ConnectionGroup *group, LabStore *store)
{
  const LabSetting *of = lab_setting_find ((LabSetting *)check->part, "traffic.of");
  guint n = of != NULL ? of->children->len : 0;

  if (!lab_setting_is_set (of))
    return;
  if (n == 0 || n > WORLD_MIX_MAX) {
    lab_mistakes_add (check->mistakes, of->origin.loc, "%s.traffic.of: %u patterns; write 1 to %d",
                      check->path, n, WORLD_MIX_MAX);
    return;
  }
  TrafficSpec *mix = lab_store_keep (store, g_new0 (TrafficSpec, n));
  for (guint i = 0; i < n; i++)
    lab_bind (of->children->pdata[i], &mix[i], store);
  group->mix = mix;
  group->n_mix = n;
}

static void
build_group (const LabSetting *part, WorldConfig *config, LabStore *store, LabMistakes *mistakes)
{
  g_autofree char *path = lab_setting_path (part);
  Check check = { part, path, mistakes };
  ConnectionGroup *group = &config->group[config->n_groups];
  *group = (ConnectionGroup){ .name = part->name,
                              .first_id = config->n_connections,
                              .receive = config->host.receive };
  lab_bind (part, group, store);
  check_name (&check);
  build_mix (&check, group, store);
  if (group->count > 0) {
    check_traffic (&check, group);
    check_via (&check, group);
    check_sizes (&check, group);
    check_windows (&check, group);
    check_receive (&check, group);
  }
  config->n_groups++;
  if (group->count > WORLD_CONNECTIONS_MAX - config->n_connections) {
    lab_mistakes_add (mistakes, place (&check, "count"),
                      "%s: more than %d connections in all; write fewer", path,
                      WORLD_CONNECTIONS_MAX);
    group->count = WORLD_CONNECTIONS_MAX - config->n_connections;
  }
  config->n_connections += group->count;
}

void
lab_groups_build (const LabSetting *connections, WorldConfig *config, LabStore *store,
                  LabMistakes *mistakes)
{
  for (guint i = 0; i < connections->children->len; i++) {
    const LabSetting *part = connections->children->pdata[i];
    if (i == WORLD_GROUPS_MAX) {
      lab_mistakes_add (mistakes, part->origin.loc, "more than %d groups; join some of them",
                        WORLD_GROUPS_MAX);
      return;
    }
    build_group (part, config, store, mistakes);
  }
}

static const ConnectionGroup *
group_find (const WorldConfig *config, const char *name)
{
  for (uint32_t i = 0; i < config->n_groups; i++)
    if (strcmp (config->group[i].name, name) == 0)
      return &config->group[i];
  return NULL;
}

static void
report_unknown_group (const WorldConfig *config, const char *text, const char *group, LabSpot spot)
{
  const char *names[WORLD_GROUPS_MAX];
  for (uint32_t i = 0; i < config->n_groups; i++)
    names[i] = config->group[i].name;
  const char *nearest = lab_nearest (group, names, config->n_groups);
  if (nearest != NULL)
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: there is no group %s; write %s%s", spot.path,
                      group, nearest, text + strlen (group));
  else
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: there is no group %s; add it to connections",
                      spot.path, group);
}

bool
lab_groups_resolve_text (const WorldConfig *config, const char *text, LabSpot spot,
                         ConnectionSet *ret_set)
{
  LabAddress address;
  g_autofree char *why = NULL;
  if (!lab_address_read (text, &address, &why)) {
    lab_mistakes_add (spot.mistakes, spot.loc, "%s: %s", spot.path, why);
    return false;
  }
  const ConnectionGroup *group = group_find (config, address.group);
  if (group == NULL) {
    report_unknown_group (config, text, address.group, spot);
    return false;
  }
  if (group->count == 0)
    return false; /* the group has a mistake of its own */
  if (address.is_all)
    address.last = group->count - 1;
  if (address.last >= group->count) {
    lab_mistakes_add (spot.mistakes, spot.loc,
                      "%s: %s is not there; %s has %u connections, write 0 to %u", spot.path, text,
                      group->name, group->count, group->count - 1);
    return false;
  }
  *ret_set = (ConnectionSet){ group->first_id + address.first, group->first_id + address.last };
  return true;
}

bool
lab_groups_resolve (const WorldConfig *config, const LabSetting *setting, LabMistakes *mistakes,
                    ConnectionSet *ret_set)
{
  if (!lab_setting_is_set (setting))
    return false;
  g_autofree char *path = lab_setting_path (setting);
  LabSpot spot = { path, setting->origin.loc, mistakes };
  return lab_groups_resolve_text (config, setting->value.text, spot, ret_set);
}
