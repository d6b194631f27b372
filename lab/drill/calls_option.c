#include "lab/drill/calls.h"

#include <string.h>

#include "lab/drill/values.h"

#define MS_PER_S 1000

typedef enum Option {
  OPTION_PASS, /* taken, and without meaning here */
  OPTION_NODELAY,
  OPTION_MAXSEG,
  OPTION_USER_TIMEOUT,
  OPTION_KEEPALIVE,
  OPTION_KEEPIDLE,
  OPTION_KEEPINTVL,
  OPTION_KEEPCNT,
  OPTION_KEEPINIT,
  OPTION_NOOPT,
  OPTION_LINGER,
  OPTION_SEND_BUFFER,
  OPTION_RECEIVE_BUFFER,
  OPTION_ERROR,
  OPTION_TOS,
  OPTION_TTL,
} Option;

static const struct {
  const char *name;
  Option option;
  bool sets, gets;
} options[] = {
  { "SO_REUSEADDR", OPTION_PASS, true, false },
  { "SO_REUSEPORT", OPTION_PASS, true, false },
  { "IP_FREEBIND", OPTION_PASS, true, false },
  { "SO_KEEPALIVE", OPTION_KEEPALIVE, true, false },
  { "TCP_KEEPIDLE", OPTION_KEEPIDLE, true, true },
  { "TCP_KEEPINTVL", OPTION_KEEPINTVL, true, true },
  { "TCP_KEEPCNT", OPTION_KEEPCNT, true, true },
  { "TCP_KEEPINIT", OPTION_KEEPINIT, true, true },
  { "TCP_NOOPT", OPTION_NOOPT, true, false },
  { "SO_LINGER", OPTION_LINGER, true, false },
  { "SO_SNDBUF", OPTION_SEND_BUFFER, true, false },
  { "SO_RCVBUF", OPTION_RECEIVE_BUFFER, true, true },
  { "SO_ERROR", OPTION_ERROR, false, true },
  { "TCP_NODELAY", OPTION_NODELAY, true, false },
  { "TCP_MAXSEG", OPTION_MAXSEG, true, true },
  { "TCP_USER_TIMEOUT", OPTION_USER_TIMEOUT, true, false },
  { "IP_TOS", OPTION_TOS, true, false },
  { "IPV6_TCLASS", OPTION_TOS, true, false },
  { "IP_TTL", OPTION_TTL, true, false },
  { "IPV6_UNICAST_HOPS", OPTION_TTL, true, false },
};

static bool
find_option (const DrillCall *call, Option *ret_option)
{
  bool sets = strcmp (call->name, "setsockopt") == 0;
  const DrillValue *name = drill_argument (call, 2);

  for (size_t i = 0; i < G_N_ELEMENTS (options); i++)
    if (drill_value_is (name, options[i].name) && (sets ? options[i].sets : options[i].gets)) {
      *ret_option = options[i].option;
      return true;
    }
  return false;
}

/* Numbers that scripts give by name. */
static bool
named_number (const DrillValue *value, int64_t *ret_number)
{
  static const struct {
    const char *name;
    int64_t number;
  } names[] = {
    { "IPTOS_LOWDELAY", 0x10 }, { "IPTOS_THROUGHPUT", 0x08 }, { "IPTOS_RELIABILITY", 0x04 },
    { "IPTOS_DSCP_CS1", 0x20 }, { "IPTOS_DSCP_CS2", 0x40 },   { "IPTOS_DSCP_EF", 0xb8 },
  };

  if (drill_value_integer (value, ret_number))
    return true;
  if (value != NULL && value->kind == DRILL_VALUE_LIST && value->items->len == 1)
    value = value->items->pdata[0];
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (drill_value_is (value, names[i].name)) {
      *ret_number = names[i].number;
      return true;
    }
  return false;
}

/* Setting */

static void
set_linger (DrillSocket *socket, const DrillValue *record)
{
  if (record != NULL && record->kind == DRILL_VALUE_LIST && record->items->len == 1)
    record = record->items->pdata[0];
  socket->lingers = drill_value_integer_or (drill_value_member (record, "onoff"), 0) != 0;
  socket->linger_s = drill_value_integer_or (drill_value_member (record, "linger"), 0);
}

/* The one option that |option| and |number| are, for the host. */
static HostOptions
host_options (const DrillRunner *runner, const DrillSocket *socket, Option option, int64_t number)
{
  HostOptions changed = { 0 };

  switch (option) {
  case OPTION_NODELAY:
    changed.mask = HOST_OPTION_NAGLE;
    changed.nagle = number == 0;
    break;
  case OPTION_KEEPALIVE:
    changed.mask = HOST_OPTION_KEEPALIVE;
    changed.keepalive = number != 0;
    break;
  case OPTION_USER_TIMEOUT:
    changed.mask = HOST_OPTION_MAX_RT;
    changed.MaxRT = (uint32_t)(number * runner->settings->tcp.ticks_per_s / MS_PER_S);
    break;
  case OPTION_TOS:
    changed.mask = HOST_OPTION_TOS;
    changed.TosOrTrafficClass = (uint8_t)number;
    break;
  case OPTION_TTL:
    changed.mask = HOST_OPTION_TTL;
    changed.TtlOrHopLimit = (uint8_t)number;
    break;
  case OPTION_RECEIVE_BUFFER:
    changed.mask = HOST_OPTION_RECEIVE_WINDOW;
    changed.InitialRcvWnd = (uint32_t)number;
    break;
  case OPTION_KEEPIDLE:
  case OPTION_KEEPINTVL:
  case OPTION_KEEPCNT:
    changed.mask = HOST_OPTION_KEEPALIVE_TIMES;
    changed.KaTimeout = socket->keepidle_ms;
    changed.KaInterval = socket->keepintvl_ms;
    changed.KaProbeCount = (uint8_t)socket->keepcnt;
    break;
  case OPTION_KEEPINIT:
  case OPTION_NOOPT:
  case OPTION_PASS:
  case OPTION_MAXSEG:
  case OPTION_LINGER:
  case OPTION_SEND_BUFFER:
  case OPTION_ERROR:
    break;
  }
  return changed;
}

/* For the connections that the socket will have. */
static void
merge_options (HostOptions *all, const HostOptions *changed)
{
  all->mask |= changed->mask & ~(uint32_t)HOST_OPTION_RECEIVE_WINDOW;
  if (changed->mask & HOST_OPTION_NAGLE)
    all->nagle = changed->nagle;
  if (changed->mask & HOST_OPTION_KEEPALIVE)
    all->keepalive = changed->keepalive;
  if (changed->mask & HOST_OPTION_MAX_RT)
    all->MaxRT = changed->MaxRT;
  if (changed->mask & HOST_OPTION_KEEPALIVE_TIMES) {
    all->KaTimeout = changed->KaTimeout;
    all->KaInterval = changed->KaInterval;
    all->KaProbeCount = changed->KaProbeCount;
  }
  if (changed->mask & HOST_OPTION_TOS)
    all->TosOrTrafficClass = changed->TosOrTrafficClass;
  if (changed->mask & HOST_OPTION_TTL)
    all->TtlOrHopLimit = changed->TtlOrHopLimit;
}

/* What the socket itself keeps. */
static void
note_option (DrillSocket *socket, Option option, uint32_t number)
{
  if (option == OPTION_KEEPIDLE)
    socket->keepidle_ms = number * MS_PER_S;
  if (option == OPTION_KEEPINTVL)
    socket->keepintvl_ms = number * MS_PER_S;
  if (option == OPTION_KEEPCNT)
    socket->keepcnt = number;
  if (option == OPTION_KEEPINIT)
    socket->keepinit_ms = number * MS_PER_S;
  if (option == OPTION_NOOPT)
    socket->setup.tcp.no_options = number != 0;
}

static void
set_option (DrillRunner *runner, DrillSocket *socket, Option option, int64_t number)
{
  note_option (socket, option, (uint32_t)number);
  HostOptions changed = host_options (runner, socket, option, number);

  bool doubles =
      runner->settings->system == DRILL_SYSTEM_LINUX; /* for what it keeps beside the data */
  if (option == OPTION_SEND_BUFFER)
    socket->send_buffer_bytes = (uint32_t)number * (doubles ? 2 : 1);
  if (option == OPTION_RECEIVE_BUFFER)
    socket->receive_buffer_bytes = socket->setup.tcp.receive_window_bytes = (uint32_t)number;
  if (option == OPTION_MAXSEG)
    socket->setup.tcp.local_mss = (uint16_t)number;
  merge_options (&socket->setup.options, &changed);
  if (socket->state != DRILL_SOCKET_OPEN || changed.mask == 0)
    return;
  HostSet set = { socket->connection_id, socket->connection_id };
  HostCaller nobody = { 0 };
  host_update (runner->host, set, HOST_AIM_CONNECTIONS, &changed, nobody);
  drill_rig_settle (runner->rig);
}

DrillOutcome
drill_call_setsockopt (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);
  const DrillValue *value = drill_argument (call, 3);
  int64_t number = 0;
  Option option;

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (!find_option (call, &option))
    return drill_outcome_error ("ENOPROTOOPT");
  if (option == OPTION_LINGER) {
    set_linger (socket, value);
    return drill_outcome (0);
  }
  if (!named_number (value, &number) || number < 0 || number > INT32_MAX)
    return drill_outcome_error ("EINVAL");
  if (option >= OPTION_KEEPIDLE && option <= OPTION_KEEPINIT
      && (number == 0 || number > (option == OPTION_KEEPCNT ? UINT8_MAX : INT32_MAX / MS_PER_S)))
    return drill_outcome_error ("EINVAL");
  set_option (runner, socket, option, number);
  return drill_outcome (0);
}

/* Getting */

/* One suite's system rounds the buffer of a connection up to whole segments. */
static int64_t
receive_buffer_told (const DrillRunner *runner, const DrillSocket *socket)
{
  int64_t bytes = socket->receive_buffer_bytes;

  if (runner->settings->system != DRILL_SYSTEM_BSD || socket->state != DRILL_SOCKET_OPEN)
    return bytes;
  HostSocketStatus status = host_socket_status (runner->host, socket->connection_id);
  if (status.state == TcpConnectionSynSent || status.tcb->smss == 0)
    return bytes;
  return (bytes + status.tcb->smss - 1) / status.tcb->smss * status.tcb->smss;
}

static int64_t
value_told (DrillRunner *runner, DrillSocket *socket, Option option)
{
  if (option == OPTION_KEEPIDLE)
    return socket->keepidle_ms / MS_PER_S;
  if (option == OPTION_KEEPINTVL)
    return socket->keepintvl_ms / MS_PER_S;
  if (option == OPTION_KEEPCNT)
    return socket->keepcnt;
  if (option == OPTION_KEEPINIT)
    return socket->keepinit_ms / MS_PER_S;
  if (option == OPTION_RECEIVE_BUFFER)
    return receive_buffer_told (runner, socket);
  if (option == OPTION_MAXSEG && socket->state == DRILL_SOCKET_OPEN)
    return host_socket_status (runner->host, socket->connection_id).tcb->smss;
  return socket->setup.tcp.local_mss;
}

/* The value is a list with one word or number: is it the error that the socket has? */
static DrillOutcome
compare_error (DrillRunner *runner, DrillSocket *socket, const DrillValue *expected)
{
  const char *error = drill_pending_error (runner, socket);
  const DrillValue *only =
      expected != NULL && expected->kind == DRILL_VALUE_LIST && expected->items->len == 1
          ? expected->items->pdata[0]
          : expected;
  bool fits = error == NULL ? drill_value_integer_or (only, -1) == 0 : drill_value_is (only, error);

  socket->error_told |= error != NULL;
  if (only != NULL && only->kind == DRILL_VALUE_ANY)
    fits = true;
  return fits ? drill_outcome (0) : (DrillOutcome){ .is_wrong = true, .value = 0, .error = error };
}

DrillOutcome
drill_call_getsockopt (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);
  const DrillValue *value = drill_argument (call, 3);
  int64_t expected;
  Option option;

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (!find_option (call, &option))
    return drill_outcome_error ("ENOPROTOOPT");
  if (option == OPTION_ERROR)
    return compare_error (runner, socket, value);
  int64_t actual = value_told (runner, socket, option);
  if (drill_value_integer (value, &expected) && expected != actual)
    return (DrillOutcome){ .is_wrong = true, .value = actual };
  return drill_outcome (0);
}

DrillOutcome
drill_call_fcntl (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (!drill_value_is (drill_argument (call, 1), "F_SETFL"))
    return (DrillOutcome){ .is_any = true };
  socket->nonblocking = drill_value_mentions (drill_argument (call, 2), "O_NONBLOCK");
  return drill_outcome (0);
}

void
drill_check_option (const DrillEvent *event, DrillSettings *settings)
{
  const DrillValue *name = drill_argument (&event->call, 2);
  Option option;

  if (find_option (&event->call, &option))
    return;
  g_autofree char *text = name == NULL ? g_strdup ("?") : drill_value_text (name);
  drill_settings_note (settings, event->line, "%s %s", event->call.name, text);
}
