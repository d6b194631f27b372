#include "lab/drill/settings.h"

#include <string.h>

#include "lab/drill/lexer.h"
#include "models/host/config.h"
#include "sim/time.h"

#define MS_PER_S 1000
#define DEFAULT_MTU_BYTES 1500
#define WINDOW_SCALE_MAX 14
#define TOLERANCE_US 4000
#define TOLERANCE_PER_MILLE 125

/* Defaults */

static void
set_own (DrillSettings *s)
{
  HostConfig host = host_config_default ();

  s->tcp = host.tcp;
  s->ip_version = 4;
  s->mtu_bytes = DEFAULT_MTU_BYTES;
  s->receive_buffer_bytes = s->receive_buffer_max_bytes = 65535;
  s->send_buffer_bytes = 1 << 20;
  s->timestamps = s->sack = s->window_scaling = true;
  s->tolerance_ps = TOLERANCE_US * SIM_PS_PER_US;
  s->tolerance_per_mille = TOLERANCE_PER_MILLE;
}

/* The system behind net.ipv4.*: fast timers, CUBIC, ten segments to begin with. */
static void
set_linux (DrillSettings *s)
{
  s->host_changes++;
  s->system = DRILL_SYSTEM_LINUX;
  s->tcp.delayed_ack_ticks = 40;
  s->tcp.rto_initial_ticks = 1000;
  s->tcp.rto_min_ticks = s->tcp.rto_variance_min_ticks = 200;
  s->tcp.quick_acks = 16;
  s->tcp.keeps_window_when_idle = s->tcp.half_window_counts = true;
  s->tcp.rto_max_ticks = 120000;
  s->tcp.retransmissions_max = 15;
  s->tcp.initial_window_segments = 10;
  s->tcp.slow_start_limit_segments = UINT16_MAX;
  s->tcp.congestion = TCP_CONGESTION_CUBIC;
  s->tcp.fin_wait_2_ticks = 60000;
  s->tcp.time_wait_ticks = 60000;
  s->tcp.ttl = 64;
  s->receive_buffer_bytes = 540000;
  s->receive_buffer_max_bytes = 15 << 20;
  s->send_buffer_bytes = 4 << 20; /* it grows by itself up to this */
}

/* The system behind net.inet.*. */
static void
set_bsd (DrillSettings *s)
{
  s->host_changes++;
  s->system = DRILL_SYSTEM_BSD;
  s->tcp.delayed_ack_ticks = 40;
  s->tcp.rto_initial_ticks = 1000;
  s->tcp.rto_min_ticks = 230;
  s->tcp.rto_max_ticks = 64000;
  s->tcp.retransmissions_max = 12;
  s->tcp.initial_window_segments = 10;
  s->tcp.congestion = TCP_CONGESTION_CUBIC;
  s->tcp.window_follows = true;
  s->tcp.ignores_reset_in_time_wait = true;
  s->tcp.fin_wait_2_ticks = 60000;
  s->tcp.time_wait_ticks = 60000;
  s->tcp.ttl = 64;
  s->receive_buffer_bytes = 65536;
  s->receive_buffer_max_bytes = 2 << 20;
  s->send_buffer_bytes = 32768;
  s->ecn_accept = true;
}

void
drill_settings_note (DrillSettings *settings, unsigned line, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *name = g_strdup_vprintf (format, args);
  va_end (args);
  for (guint i = 0; i < settings->foreign->len; i++)
    if (g_str_has_prefix (settings->foreign->pdata[i], name))
      return;
  g_ptr_array_add (settings->foreign, g_strdup_printf ("%s (line %u)", name, line));
}

void
drill_settings_clear (DrillSettings *settings)
{
  g_clear_pointer (&settings->foreign, g_ptr_array_unref);
}

uint8_t
drill_window_scale (uint32_t bytes)
{
  uint8_t scale = 0;
  while (scale < WINDOW_SCALE_MAX && bytes >> scale > UINT16_MAX)
    scale++;
  return scale;
}

/* Sysctls */

typedef enum SysctlKind {
  SYSCTL_PASS,    /* no meaning here, whatever it says */
  SYSCTL_CHECK,   /* the model does what the one number allowed stands for */
  SYSCTL_FLAG,    /* true unless 0 */
  SYSCTL_INVERSE, /* true if 0 */
  SYSCTL_NUMBER,
  SYSCTL_RFC1323, /* timestamps and scaling */
  SYSCTL_ECN,
  SYSCTL_ECN_RETRIES,
  SYSCTL_CONGESTION, /* a name */
} SysctlKind;

typedef struct Sysctl {
  const char *name; /* without the prefixes net.ipv4. and net.inet.tcp. */
  SysctlKind kind;
  size_t at, width; /* of the setting it is kept in */
  uint32_t least, most;
  bool of_host; /* a setting of the host, not of its sockets to come */
} Sysctl;

#define AT(member) \
  .at = offsetof (DrillSettings, member), .width = sizeof (((DrillSettings *)NULL)->member)
static const Sysctl sysctls[] = {
  { "tcp_timestamps", SYSCTL_FLAG, AT (timestamps), .most = UINT32_MAX },
  { "tcp_sack", SYSCTL_FLAG, AT (sack), .most = UINT32_MAX },
  { "sack.enable", SYSCTL_FLAG, AT (sack), .most = UINT32_MAX },
  { "tcp_window_scaling", SYSCTL_FLAG, AT (window_scaling), .most = UINT32_MAX },
  { "rfc1323", SYSCTL_RFC1323, .most = 3 },
  { "tcp_ecn", SYSCTL_ECN, .most = 2 },
  { "ecn.enable", SYSCTL_ECN, .most = 2 },
  { "recvspace", SYSCTL_NUMBER, AT (receive_buffer_bytes), .least = 1, .most = UINT32_MAX },
  { "sendspace", SYSCTL_NUMBER, AT (send_buffer_bytes), .least = 1, .most = UINT32_MAX },
  { "kern.ipc.maxsockbuf", SYSCTL_NUMBER, AT (receive_buffer_max_bytes), .least = 1,
    .most = UINT32_MAX },
  { "tcp_rmem", .kind = SYSCTL_PASS },
  { "tcp_wmem", .kind = SYSCTL_PASS },
  { "delacktime", SYSCTL_NUMBER, AT (tcp.delayed_ack_ticks), .most = UINT32_MAX, .of_host = true },
  { "rexmit_initial", SYSCTL_NUMBER, AT (tcp.rto_initial_ticks), .least = 1, .most = UINT32_MAX,
    .of_host = true },
  { "rexmit_slop", .kind = SYSCTL_PASS },
  { "keepidle", SYSCTL_NUMBER, AT (tcp.keepalive_timeout_ticks), .most = UINT32_MAX },
  { "keepintvl", SYSCTL_NUMBER, AT (tcp.keepalive_interval_ticks), .most = UINT32_MAX },
  { "keepcnt", SYSCTL_NUMBER, AT (tcp.keepalive_probes), .most = UINT8_MAX },
  { "tcp_congestion_control", .kind = SYSCTL_CONGESTION, .of_host = true },
  { "blackhole", SYSCTL_CHECK, .most = 0 },
  { "insecure_rst", SYSCTL_FLAG, AT (tcp.believes_reset_in_window), .most = UINT32_MAX,
    .of_host = true },
  { "insecure_syn", SYSCTL_FLAG, AT (tcp.resets_at_syn_in_window), .most = UINT32_MAX,
    .of_host = true },
  { "drop_synfin", SYSCTL_FLAG, AT (tcp.drops_syn_fin), .most = UINT32_MAX, .of_host = true },
  { "rexmit_drop_options", SYSCTL_CHECK, .most = 0 },
  { "syncookies_only", SYSCTL_CHECK, .most = 0 },
  { "icmp_may_rst", SYSCTL_INVERSE, AT (ignores_icmp), .most = UINT32_MAX },
  { "hostcache.purgenow", .kind = SYSCTL_PASS },
  { "hostcache.purge", .kind = SYSCTL_PASS },
  { "syncookies", .kind = SYSCTL_PASS },
  { "udp_tunneling_overhead", .kind = SYSCTL_PASS },
  { "fastopen.client_enable", .kind = SYSCTL_PASS },
  { "keepinit", SYSCTL_NUMBER, AT (keepinit_ms), .most = UINT32_MAX },
  { "ecn.maxretries", SYSCTL_ECN_RETRIES, .most = UINT8_MAX - 1, .of_host = true },
  { "tolerate_missing_ts", SYSCTL_CHECK, .most = 0 }, /* RFC 7323 3.2 */
  { "path_mtu_discovery", SYSCTL_CHECK, .least = 1, .most = 1 },
  { "tcp_slow_start_after_idle", SYSCTL_INVERSE, AT (tcp.keeps_window_when_idle),
    .most = UINT32_MAX, .of_host = true },
  { "tcp_fastopen", SYSCTL_PASS,
    .of_host = true }, /* calls and options of it are found where they stand */
  { "tcp_fastopen_key", .kind = SYSCTL_PASS },
  { "tcp_fastopen_blackhole_timeout_sec", .kind = SYSCTL_PASS },
  { "tcp_fastopen_cookies", .kind = SYSCTL_PASS },
  { "tcp_min_tso_segs", .kind = SYSCTL_PASS },
  { "tcp_tso_win_divisor", .kind = SYSCTL_PASS },
  { "tcp_pacing_ss_ratio", .kind = SYSCTL_PASS },
  { "tcp_pacing_ca_ratio", .kind = SYSCTL_PASS },
  { "tcp_early_retrans", SYSCTL_CHECK, .most = 0 },
  { "tcp_syncookies", .kind = SYSCTL_PASS },
};

static const char *
without_prefix (const char *name)
{
  static const char *const prefixes[] = { "/proc/sys/net/ipv4/", "net.ipv4.", "net/ipv4/",
                                          "net.inet.tcp." };

  for (size_t i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return name + strlen (prefixes[i]);
  return name;
}

static void
set_rfc1323 (DrillSettings *s, uint32_t value)
{
  s->timestamps = value == 1 || value == 3;
  s->window_scaling = value == 1 || value == 2;
}

static void
store (DrillSettings *s, const Sysctl *sysctl, uint32_t value)
{
  uint8_t small = (uint8_t)value;

  if (sysctl->width == sizeof value) {
    memcpy ((char *)s + sysctl->at, &value, sizeof value);
  } else {
    SIM_ASSERT (sysctl->width == sizeof small);
    memcpy ((char *)s + sysctl->at, &small, sizeof small);
  }
}

/* False: the model cannot do so. */
static bool
set_number (DrillSettings *s, const Sysctl *sysctl, uint32_t value)
{
  if (value < sysctl->least || value > sysctl->most)
    return false;
  switch (sysctl->kind) {
  case SYSCTL_FLAG:
    store (s, sysctl, value > 0);
    break;
  case SYSCTL_INVERSE:
    store (s, sysctl, value == 0);
    break;
  case SYSCTL_NUMBER:
    store (s, sysctl, value);
    break;
  case SYSCTL_RFC1323:
    set_rfc1323 (s, value);
    break;
  case SYSCTL_ECN:
    s->ecn_offer = value == 1;
    s->ecn_accept = value > 0;
    break;
  case SYSCTL_ECN_RETRIES:
    s->tcp.ecn_syns_max = (uint8_t)(value + 1);
    break;
  case SYSCTL_PASS:
  case SYSCTL_CHECK:
  case SYSCTL_CONGESTION:
    break;
  }
  return true;
}

static bool
set_congestion (DrillSettings *s, const char *value)
{
  bool is_cubic = strcmp (value, "cubic") == 0;

  if (!is_cubic && strcmp (value, "reno") != 0)
    return false;
  s->tcp.congestion = is_cubic ? TCP_CONGESTION_CUBIC : TCP_CONGESTION_NEWRENO;
  return true;
}

/* False: not applicable. */
static bool
set_sysctl (DrillSettings *s, const Sysctl *sysctl, const char *value)
{
  guint64 number;

  s->host_changes += sysctl->of_host;
  if (sysctl->kind == SYSCTL_PASS)
    return true;
  if (sysctl->kind == SYSCTL_CONGESTION)
    return set_congestion (s, value);
  return g_ascii_string_to_unsigned (value, 10, 0, UINT32_MAX, &number, NULL)
         && set_number (s, sysctl, (uint32_t)number);
}

static void
apply_sysctl (DrillSettings *s, unsigned line, const char *name, const char *value)
{
  const char *own = without_prefix (name);

  for (size_t i = 0; i < G_N_ELEMENTS (sysctls); i++) {
    if (strcmp (sysctls[i].name, own) != 0)
      continue;
    if (!set_sysctl (s, &sysctls[i], value))
      drill_settings_note (s, line, "sysctl %s=%s", name, value);
    return;
  }
  drill_settings_note (s, line, "sysctl %s", name);
}

/* Commands */

/* Every NAME=VALUE of the words of |command|. */
static void
apply_assignments (DrillSettings *s, unsigned line, const char *command)
{
  g_auto (GStrv) words = g_strsplit_set (command, " \t\n\\;", -1);

  for (size_t i = 0; words[i] != NULL; i++) {
    char *equals = strchr (words[i], '=');
    bool is_name = g_ascii_isalpha (words[i][0]) || words[i][0] == '/';
    if (equals == NULL || !is_name)
      continue;
    *equals = '\0';
    g_autofree char *value = g_strdup (equals + 1);
    g_strdelimit (value, "\"'", ' ');
    apply_sysctl (s, line, words[i], g_strstrip (value));
  }
}

static bool
mentions (const char *text, const char *word)
{
  return strstr (text, word) != NULL;
}

bool
drill_command_census (const char *text, DrillCensus *ret_census)
{
  static const struct {
    const char *name;
    TCP_OFFLOAD_CONNECTION_STATE state;
  } states[] = {
    { "grep -c SYN_RCVD", TcpConnectionSynRcvd },
    { "grep -c TIME_WAIT", TcpConnectionTimeWait },
    { "grep -c CLOSED", TcpConnectionClosed },
    { "grep -c SYN_SENT", TcpConnectionSynSent },
    { "grep -c ESTABLISHED", TcpConnectionEstablished },
  };
  const char *last = strrchr (text, '|');
  guint64 count;

  if (!mentions (text, "sockstat") || last == NULL)
    return false;
  g_autofree char *number = g_strdup (last + 1);
  g_strstrip (number);
  if (!g_str_has_prefix (number, "grep ")
      || !g_ascii_string_to_unsigned (number + strlen ("grep "), 10, 0, 1000, &count, NULL))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (states); i++)
    if (mentions (text, states[i].name)) {
      *ret_census = (DrillCensus){ states[i].state, (uint32_t)count };
      return true;
    }
  return false;
}

/* True if the command cleans up behind the script, or looks at what drill looks at itself. */
static bool
is_housekeeping (const char *text)
{
  DrillCensus census;
  return mentions (text, "sysctl_restore") || mentions (text, "tcpdrop -s TIME_WAIT")
         || drill_command_census (text, &census);
}

static void
apply_command (DrillSettings *s, unsigned line, const char *text)
{
  bool is_sysctl = mentions (text, "sysctl");

  if (is_housekeeping (text))
    return;
  if (mentions (text, "common/defaults.sh") && s->system != DRILL_SYSTEM_LINUX)
    set_linux (s);
  if (is_sysctl && mentions (text, "net.inet.") && s->system == DRILL_SYSTEM_OWN)
    set_bsd (s);
  if (mentions (text, "set_sysctls.py") || is_sysctl)
    apply_assignments (s, line, text);
  else if (!mentions (text, "common/defaults.sh"))
    drill_settings_note (s, line, "command `%.*s`", (int)strcspn (text, "\n"), text);
}

/* A setting that is changed amid the script is followed by sockets to come, and by the host not at
 * all.  |after| goes through all of them. */
static void
check_late_command (DrillSettings *s, DrillSettings *after, unsigned line, const char *text)
{
  unsigned before = after->host_changes;

  apply_command (after, line, text);
  if (after->host_changes != before)
    drill_settings_note (s, line, "command `%.*s` while connections run", (int)strcspn (text, "\n"),
                         text);
}

void
drill_settings_command (DrillSettings *settings, unsigned line, const char *text)
{
  apply_command (settings, line, text);
}

/* The index behind the last event that a setting could matter to. */
static guint
end_of_action (const DrillScript *script)
{
  guint end = script->events->len;

  while (end > 0) {
    const DrillEvent *event = script->events->pdata[end - 1];
    bool ends = event->kind == DRILL_CALL && strcmp (event->call.name, "close") == 0;
    if (event->kind != DRILL_COMMAND && !ends)
      break;
    end--;
  }
  return end;
}

static void
read_commands (DrillSettings *s, const DrillScript *script)
{
  guint end = end_of_action (script);
  DrillSettings after;
  bool is_running = false;

  for (guint i = 0; i < script->events->len; i++) {
    const DrillEvent *event = script->events->pdata[i];
    bool is_idle = i >= end && event->kind == DRILL_COMMAND && mentions (event->text, "sysctl");
    if (event->kind != DRILL_COMMAND) {
      if (!is_running)
        after = *s;
      is_running = true;
    } else if (!is_running) {
      apply_command (s, event->line, event->text);
    } else if (!is_idle) {
      check_late_command (s, &after, event->line, event->text);
    }
  }
}

/* Options */

static bool
number_of (const char *path, const DrillOption *option, uint32_t most, uint32_t *ret_number,
           GError **error)
{
  guint64 number;

  if (option->value == NULL
      || !g_ascii_string_to_unsigned (option->value, 10, 0, most, &number, NULL))
    return drill_error (error, path, option->line, "--%s needs a number up to %u", option->name,
                        most);
  *ret_number = (uint32_t)number;
  return true;
}

static void
set_ip_version (DrillSettings *s, const DrillOption *option)
{
  const char *value = option->value == NULL ? "" : option->value;

  if (strcmp (value, "ipv6") == 0)
    s->ip_version = 6;
  else if (strcmp (value, "ipv4") != 0)
    drill_settings_note (s, option->line, "--%s=%s", option->name, value);
}

/* Options of the tool that set up its own surroundings. */
static bool
is_surroundings (const char *name)
{
  static const char *const names[] = { "local_ip",       "remote_ip",         "netmask_ip",
                                       "gateway_ip",     "non_fatal",         "bind_port",
                                       "code_command",   "code_format",       "code_sockopt",
                                       "connect_port",   "verbose",           "speed",
                                       "live_bind_port", "init_scripts",      "define",
                                       "send_omit_free", "tcp_ts_ecr_scaled", "wire_client",
                                       "wire_server" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], name) == 0)
      return true;
  return false;
}

static bool
apply_option (DrillSettings *s, const char *path, const DrillOption *option, GError **error)
{
  uint32_t number;

  if (strcmp (option->name, "ip_version") == 0) {
    set_ip_version (s, option);
  } else if (strcmp (option->name, "tolerance_usecs") == 0) {
    if (!number_of (path, option, UINT32_MAX, &number, error))
      return false;
    s->tolerance_ps = number * SIM_PS_PER_US;
  } else if (strcmp (option->name, "tolerance_percent") == 0) {
    if (!number_of (path, option, 100, &number, error))
      return false;
    s->tolerance_per_mille = number * 10;
  } else if (strcmp (option->name, "tcp_ts_tick_usecs") == 0) {
    if (!number_of (path, option, 1000000, &s->ts_tick_us, error))
      return false;
  } else if (strcmp (option->name, "mtu") == 0) {
    if (!number_of (path, option, 65535, &s->mtu_bytes, error))
      return false;
  } else if (strcmp (option->name, "strict_segments") == 0) {
    s->strict_segments = true;
  } else if (!is_surroundings (option->name)) {
    drill_settings_note (s, option->line, "--%s", option->name);
  }
  return true;
}

bool
drill_settings_of (const DrillScript *script, DrillSettings *ret_settings, GError **error)
{
  DrillSettings s;

  memset (&s, 0, sizeof s);
  s.foreign = g_ptr_array_new_with_free_func (g_free);
  set_own (&s);
  for (guint i = 0; i < script->options->len; i++)
    if (!apply_option (&s, script->path, script->options->pdata[i], error)) {
      drill_settings_clear (&s);
      return false;
    }
  read_commands (&s, script);
  s.tcp.supports_ecn = true;
  *ret_settings = s;
  return true;
}
