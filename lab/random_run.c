#include "lab/random_run.h"

#include "lab/columns.h"
#include "lab/run.h"
#include "models/trace/trace_text.h"

#define COMPLAINTS_MAX 12

/* Which connections an application lost, seen from the trace. */
typedef struct Watch {
  bool *is_aborted; /* by connection */
  RandomHandoverReader *handovers;
} Watch;

static void
read_record (void *data, const SimRecord *record)
{
  Watch *watch = data;
  if (record->column[APP_EVENT_WHAT] == APP_ABORTED)
    watch->is_aborted[record->column[APP_EVENT_CONNECTION]] = true;
}

static void
observe (void *data, Sim *sim)
{
  static const uint16_t kinds[] = { TRACE_APP_EVENT };
  Watch *watch = data;

  sim_trace_add_reader (sim_trace (sim), read_record, data, kinds, G_N_ELEMENTS (kinds));
  random_handover_watch (watch->handovers, sim);
}

static void
complain_of_rules (const LabRun *run, GString *text)
{
  for (uint32_t i = 0; i < MIN (rule_book_n_violations (run->rules), COMPLAINTS_MAX); i++) {
    const RuleViolation *violation = rule_book_violation (run->rules, i);
    if (violation->severity != RULE_VIOLATION)
      continue;
    g_string_append_printf (text, "%s at %" G_GINT64_FORMAT " ps, connection %d, object %u: %s\n",
                            rule_info (violation->rule)->id, violation->when.ps,
                            (int)violation->connection_id, violation->object_id, violation->text);
    for (uint32_t r = 0; r < violation->n_records; r++) {
      g_string_append (text, "    ");
      trace_text_print (text, &violation->records[r], NULL);
      g_string_append_c (text, '\n');
    }
  }
}

/* How much the host may lack: a nonpush request keeps what does not fill it. */
static uint64_t
bytes_kept_back (const LabRun *run, uint32_t connection)
{
  const HostReceivePolicy *policy = &world_group_of (run->world, connection)->receive;
  return policy->push ? 0 : policy->request_bytes - 1;
}

/* What one side gave away and the other did not get. */
static void
complain_of_bytes (const LabRun *run, const Watch *watch, GString *text)
{
  const Host *host = world_host (run->world);
  const Peers *peers = world_peers (run->world);
  uint64_t broken = host_stats (host).broken_bytes + peers_stats (peers).broken_bytes;

  if (broken > 0 || !apps_all_in_order (run->apps))
    g_string_append_printf (text, "%" G_GUINT64_FORMAT " bytes came twice or out of order\n",
                            broken);
  for (uint32_t id = 0; id < world_config (run->world)->n_connections; id++) {
    uint64_t sent[2] = { host_sent_bytes (host, id), peers_sent_bytes (peers, id) };
    uint64_t got[2] = { peers_received_bytes (peers, id), host_delivered_bytes (host, id) };
    uint64_t kept[2] = { 0, bytes_kept_back (run, id) };
    for (int way = 0; way < 2; way++)
      if (got[way] > sent[way]
          || (got[way] + kept[way] < sent[way] && !watch->is_aborted[id]
              && run->stop == SIM_STOP_IDLE))
        g_string_append_printf (text,
                                "connection %u: the %s sent %" G_GUINT64_FORMAT
                                " bytes and the other side got %" G_GUINT64_FORMAT "\n",
                                id, way == 0 ? "host" : "peer", sent[way], got[way]);
  }
}

/* A driver with a quota resumes the host when connections leave, and they need not. */
static bool
may_be_held (const WorldConfig *config)
{
  for (uint32_t i = 0; i < config->n_ims; i++)
    if (config->im[i].resume_at > 0)
      return true;
  return false;
}

static bool
is_held (const LabRun *run)
{
  g_autofree char *breaches = host_check_rest (world_host (run->world));

  return may_be_held (world_config (run->world)) && g_strcmp0 (breaches, HOST_HELD_AT_REST) == 0;
}

static void
complain_of_rest (const LabRun *run, GString *text)
{
  g_autofree char *breaches = host_check_rest (world_host (run->world));

  if (breaches != NULL && !is_held (run))
    g_string_append_printf (text, "at rest: %s", breaches);
}

static void
complain_of_timeline (const LabRun *run, GString *text)
{
  const WorldConfig *config = world_config (run->world);

  for (uint32_t i = 0; i < config->n_events; i++)
    if (timeline_state (world_timeline (run->world), i) == TIMELINE_RUNNING && !is_held (run))
      g_string_append_printf (text, "event %s began and never ended\n", config->event[i].id);
}

static RandomTally
tally_of (const LabRun *run)
{
  HostStats host = host_stats (world_host (run->world));
  PeersStats peers = peers_stats (world_peers (run->world));

  return (RandomTally){ .events = sim_events_fired (world_sim (run->world)),
                        .segments = peers.segments_sent + peers.segments_received,
                        .initiated = host.initiated,
                        .refused = host.initiate_failures,
                        .terminated = host.terminated,
                        .aborted = host.aborted,
                        .delivered_bytes = host.delivered_bytes[0] + host.delivered_bytes[1]
                                           + peers.bytes_received,
                        .warnings = rule_book_n_broken (run->rules, RULE_WARNING) };
}

/* A policy goes on looking at the connections: such a run ends by its clock. */
static bool
is_endless (const WorldConfig *config)
{
  const HostChooser *policy = &config->host.offload.chooser;
  bool looks = policy->choice != HOST_CHOOSES_NONE && policy->choice != HOST_CHOOSES_EACH;

  return looks || policy->idle_max.ps > 0;
}

char *
lab_random_run (const WorldConfig *config, RandomTally *ret_tally)
{
  g_autofree bool *is_aborted = g_new0 (bool, config->n_connections);
  g_autoptr (RandomHandoverReader) handovers = random_handover_reader_new (config->n_connections);
  LabStrategy strategy = lab_strategy_random (config->seed);
  Watch watch = { is_aborted, handovers };
  LabRunRequest request = { .config = config,
                            .rules = true,
                            .observe = observe,
                            .observe_data = &watch,
                            .strategy = &strategy };
  g_autoptr (LabRun) run = lab_run (&request);
  GString *text = g_string_new (NULL);

  if (run->stop != SIM_STOP_IDLE && !(is_endless (config) && run->stop == SIM_STOP_TIME))
    g_string_append_printf (text, "did not come to rest: %s\n", sim_stop_name (run->stop));
  complain_of_rules (run, text);
  complain_of_bytes (run, &watch, text);
  g_string_append (text, random_handover_complaints (handovers));
  if (run->stop == SIM_STOP_IDLE) {
    complain_of_rest (run, text);
    complain_of_timeline (run, text);
  }
  *ret_tally = tally_of (run);
  ret_tally->handovers = *random_handovers (handovers);
  return g_string_free (text, text->len == 0);
}
