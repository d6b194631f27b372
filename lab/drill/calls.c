#include "lab/drill/calls.h"

#include <string.h>

#include "lab/drill/values.h"

#define FIRST_HOST_PORT 8080

static DrillSocket *
find_socket (DrillRunner *runner, int64_t fd)
{
  for (guint i = runner->sockets->len; i > 0; i--) {
    DrillSocket *socket = &g_array_index (runner->sockets, DrillSocket, i - 1);
    if (socket->fd == fd && socket->state != DRILL_SOCKET_CLOSED)
      return socket;
  }
  return NULL;
}

DrillSocket *
drill_socket_of (DrillRunner *runner, const DrillCall *call)
{
  return find_socket (runner, drill_value_integer_or (drill_argument (call, 0), -1));
}

const char *
drill_pending_error (DrillRunner *runner, DrillSocket *socket)
{
  if (socket->state != DRILL_SOCKET_OPEN || socket->error_told)
    return NULL;
  switch (host_socket_status (runner->host, socket->connection_id).error) {
  case HOST_SOCKET_OK:
    return NULL;
  case HOST_SOCKET_REFUSED:
    return "ECONNREFUSED";
  case HOST_SOCKET_RESET:
    return "ECONNRESET";
  case HOST_SOCKET_TIMED_OUT:
    return "ETIMEDOUT";
  }
  SIM_UNREACHABLE ();
}

/* Opening */

/* The number that the script gives to a new socket. */
static DrillOutcome
add_socket (DrillRunner *runner, const DrillCall *call, const DrillSocket *socket)
{
  DrillSocket copy = *socket;

  copy.fd = drill_value_integer_or (call->result, -1);
  if (copy.fd < 0 || find_socket (runner, copy.fd) != NULL)
    return drill_outcome (-2); /* a number that is taken is a failure of the script */
  g_array_append_val (runner->sockets, copy);
  return drill_outcome (copy.fd);
}

static DrillOutcome
call_socket (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket socket = {
    .connection_id = HOST_NO_SOCKET,
    .port = FIRST_HOST_PORT,
    .setup = drill_rig_setup (runner->rig),
    .receive_buffer_bytes = runner->settings->receive_buffer_bytes,
    .send_buffer_bytes = runner->settings->send_buffer_bytes,
    .nonblocking = drill_value_mentions (drill_argument (call, 1), "SOCK_NONBLOCK"),
    .keepidle_ms = runner->settings->tcp.keepalive_timeout_ticks,
    .keepintvl_ms = runner->settings->tcp.keepalive_interval_ticks,
    .keepcnt = runner->settings->tcp.keepalive_probes,
    .keepinit_ms = runner->settings->keepinit_ms,
  };
  return add_socket (runner, call, &socket);
}

static uint16_t
port_of (const DrillValue *address, uint16_t otherwise)
{
  const DrillValue *port = drill_value_member (address, "sin_port");

  if (port == NULL)
    port = drill_value_member (address, "sin6_port");
  if (port != NULL && port->kind == DRILL_VALUE_APPLIED && port->items->len == 1)
    port = port->items->pdata[0];
  return (uint16_t)drill_value_integer_or (port, otherwise);
}

static DrillOutcome
call_bind (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  socket->port = port_of (drill_argument (call, 1), socket->port);
  return drill_outcome (0);
}

static guint
count_listeners (const DrillRunner *runner)
{
  guint count = 0;

  for (guint i = 0; i < runner->sockets->len; i++)
    count += g_array_index (runner->sockets, DrillSocket, i).state == DRILL_SOCKET_LISTENING;
  return count;
}

static bool
somebody_listens (const DrillRunner *runner, uint16_t port)
{
  for (guint i = 0; i < runner->sockets->len; i++) {
    const DrillSocket *socket = &g_array_index (runner->sockets, DrillSocket, i);
    if (socket->state == DRILL_SOCKET_LISTENING && socket->port == port)
      return true;
  }
  return false;
}

static DrillOutcome
call_listen (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);
  int64_t backlog = drill_value_integer_or (drill_argument (call, 1), 1);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  runner->next_is_new = true;
  if (socket->state == DRILL_SOCKET_LISTENING)
    return drill_outcome (0);
  if (socket->state == DRILL_SOCKET_OPEN)
    return drill_outcome_error ("EINVAL");
  if (somebody_listens (runner, socket->port))
    return drill_outcome_error ("EADDRINUSE");
  if (count_listeners (runner) == HOST_LISTENERS_MAX)
    return drill_outcome_error ("ENOBUFS");
  HostSocketSetup setup = socket->setup;
  setup.tcp.tuple.source_port = socket->port;
  setup.tcp.ecn = runner->settings->ecn_accept;
  host_socket_listen (runner->host, &setup, (uint32_t)CLAMP (backlog, 1, 1 << 16));
  socket->state = DRILL_SOCKET_LISTENING;
  return drill_outcome (0);
}

static DrillOutcome
call_accept (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *listener = drill_socket_of (runner, call);

  if (listener == NULL || listener->state != DRILL_SOCKET_LISTENING)
    return drill_outcome_error (listener == NULL ? "EBADF" : "EINVAL");
  uint32_t id = host_socket_accept (runner->host, listener->port);
  if (id == HOST_NO_SOCKET)
    return listener->nonblocking ? drill_outcome_error ("EAGAIN") : drill_outcome_blocks ();
  DrillSocket child = *listener;
  child.state = DRILL_SOCKET_OPEN;
  child.connection_id = id;
  child.nonblocking = drill_value_mentions (drill_argument (call, 3), "SOCK_NONBLOCK")
                      || (runner->settings->system == DRILL_SYSTEM_BSD && listener->nonblocking);
  return add_socket (runner, call, &child);
}

static DrillOutcome
begin_connect (DrillRunner *runner, DrillSocket *socket)
{
  HostSocketSetup setup = socket->setup;
  uint16_t remote_port = runner->next_port++;
  uint16_t local_port = socket->port == FIRST_HOST_PORT ? runner->next_host_port++ : socket->port;

  setup.tcp.tuple.source_port = local_port;
  setup.tcp.tuple.destination_port = remote_port;
  setup.tcp.ecn = runner->settings->ecn_offer;
  setup.handshake_ticks = socket->keepinit_ms;
  setup.tcp.ecn_accept = runner->settings->ecn_accept;
  socket->connection_id = host_socket_connect (runner->host, &setup);
  if (socket->connection_id == HOST_NO_SOCKET)
    return drill_outcome_error ("ENOBUFS");
  socket->state = DRILL_SOCKET_OPEN;
  DrillFlow *flow = drill_runner_add_flow (runner, local_port, remote_port);
  flow->connection_id = socket->connection_id;
  return socket->nonblocking ? drill_outcome_error ("EINPROGRESS") : drill_outcome_blocks ();
}

static DrillOutcome
call_connect (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state == DRILL_SOCKET_LISTENING)
    return drill_outcome_error ("EOPNOTSUPP");
  if (socket->state == DRILL_SOCKET_FRESH)
    return begin_connect (runner, socket);
  const char *error = drill_pending_error (runner, socket);
  HostSocketStatus status = host_socket_status (runner->host, socket->connection_id);
  socket->error_told |= error != NULL;
  if (error != NULL)
    return drill_outcome_error (error);
  if (status.connected)
    return runner->open_call.event == NULL ? drill_outcome_error ("EISCONN") : drill_outcome (0);
  return socket->nonblocking ? drill_outcome_error ("EALREADY") : drill_outcome_blocks ();
}

/* Closing */

static DrillOutcome
call_shutdown (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state != DRILL_SOCKET_OPEN
      || host_socket_status (runner->host, socket->connection_id).error != HOST_SOCKET_OK)
    return drill_outcome_error ("ENOTCONN");
  socket->reads_no_more |= !drill_value_is (drill_argument (call, 1), "SHUT_WR");
  if (!drill_value_is (drill_argument (call, 1), "SHUT_RD"))
    host_socket_shutdown (runner->host, socket->connection_id);
  return drill_outcome (0);
}

static DrillOutcome
call_close (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state == DRILL_SOCKET_LISTENING)
    host_socket_unlisten (runner->host, socket->port);
  if (socket->state == DRILL_SOCKET_OPEN && socket->lingers && socket->linger_s == 0)
    host_socket_abort (runner->host, socket->connection_id);
  else if (socket->state == DRILL_SOCKET_OPEN)
    host_socket_close (runner->host, socket->connection_id);
  socket->state = DRILL_SOCKET_CLOSED;
  return drill_outcome (0);
}

/* The table */

static void
check_socket (const DrillEvent *event, DrillSettings *settings)
{
  const DrillValue *protocol = drill_argument (&event->call, 2);
  const DrillValue *type = drill_argument (&event->call, 1);

  if (protocol != NULL && protocol->kind == DRILL_VALUE_WORD
      && !drill_value_is (protocol, "IPPROTO_TCP") && !drill_value_is (protocol, "IPPROTO_IP"))
    drill_settings_note (settings, event->line, "socket of %s", protocol->text);
  if (!drill_value_mentions (type, "SOCK_STREAM"))
    drill_settings_note (settings, event->line, "socket that is no stream");
}

static const struct {
  const char *name;
  DrillCallFn run;
  void (*check) (const DrillEvent *event, DrillSettings *settings); /* may be NULL */
} calls[] = {
  { "socket", call_socket, check_socket },
  { "bind", call_bind, NULL },
  { "listen", call_listen, NULL },
  { "accept", call_accept, NULL },
  { "accept4", call_accept, NULL },
  { "connect", call_connect, NULL },
  { "shutdown", call_shutdown, NULL },
  { "close", call_close, NULL },
  { "read", drill_call_read, drill_check_io },
  { "readv", drill_call_read, drill_check_io },
  { "recv", drill_call_read, drill_check_io },
  { "recvfrom", drill_call_read, drill_check_io },
  { "recvmsg", drill_call_read, drill_check_io },
  { "write", drill_call_write, drill_check_io },
  { "writev", drill_call_write, drill_check_io },
  { "send", drill_call_write, drill_check_io },
  { "sendto", drill_call_write, drill_check_io },
  { "sendmsg", drill_call_write, drill_check_io },
  { "ioctl", drill_call_inquire, drill_check_io },
  { "fcntl", drill_call_fcntl, NULL },
  { "setsockopt", drill_call_setsockopt, drill_check_option },
  { "getsockopt", drill_call_getsockopt, drill_check_option },
};

DrillCallFn
drill_call_find (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].name, name) == 0)
      return calls[i].run;
  return NULL;
}

void
drill_call_check (const DrillEvent *event, DrillSettings *settings)
{
  if (g_strcmp0 (event->call.error, "EFAULT") == 0)
    drill_settings_note (settings, event->line, "addresses of memory in %s", event->call.name);
  for (size_t i = 0; i < G_N_ELEMENTS (calls); i++)
    if (strcmp (calls[i].name, event->call.name) == 0) {
      if (calls[i].check != NULL)
        calls[i].check (event, settings);
      return;
    }
  drill_settings_note (settings, event->line, "call %s", event->call.name);
}
