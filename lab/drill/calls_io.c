#include "lab/drill/calls.h"

#include <string.h>

#include "lab/drill/values.h"

#define READ_PS (20 * SIM_PS_PER_US) /* at most, of a request at the target */

/* Sizes */

/* The bytes of {..., n} elements in the list. */
static int64_t
vector_bytes (const DrillValue *list)
{
  int64_t bytes = 0;

  for (guint i = 0; list != NULL && list->items != NULL && i < list->items->len; i++) {
    const DrillValue *element = list->items->pdata[i];
    if (element->kind == DRILL_VALUE_RECORD && element->items->len == 2)
      bytes += drill_value_integer_or (element->items->pdata[1], 0);
  }
  return bytes;
}

static bool
is_call (const DrillCall *call, const char *name)
{
  return strcmp (call->name, name) == 0;
}

/* How many bytes the call is about. */
static int64_t
call_bytes (const DrillCall *call)
{
  if (is_call (call, "readv") || is_call (call, "writev"))
    return vector_bytes (drill_argument (call, 1));
  if (is_call (call, "recvmsg") || is_call (call, "sendmsg"))
    return vector_bytes (drill_value_member (drill_argument (call, 1), "msg_iov"));
  return drill_value_integer_or (drill_argument (call, 2), 0);
}

static const DrillValue *
call_flags (const DrillCall *call)
{
  bool is_message = is_call (call, "recvmsg") || is_call (call, "sendmsg");
  return drill_argument (call, is_message ? 2 : 3);
}

static bool
may_not_block (const DrillSocket *socket, const DrillCall *call)
{
  return socket->nonblocking || drill_value_mentions (call_flags (call), "MSG_DONTWAIT");
}

/* Reading */

/* A read of what the target holds is a request that goes down and comes back, and perhaps more of
 * them: until |wanted| bytes have come or nothing comes any more. */
static void
await_read (DrillRunner *runner, uint32_t id, uint64_t wanted)
{
  drill_rig_settle (runner->rig);
  HostSocketStatus status = host_socket_status (runner->host, id);
  uint64_t before = status.read - 1;

  while (status.read != before && status.read < wanted
         && host_owner (runner->host, id) == OWNER_TARGET) {
    before = status.read;
    drill_rig_run (runner->rig, sim_time_add (drill_rig_now (runner->rig), sim_ps (READ_PS)));
    status = host_socket_status (runner->host, id);
  }
}

/* What is there, up to |bytes|; with |peeks| it stays. */
static int64_t
take (DrillRunner *runner, const DrillSocket *socket, int64_t bytes, bool peeks)
{
  uint32_t id = socket->connection_id;
  HostSocketStatus status = host_socket_status (runner->host, id);

  if (peeks)
    return MIN (bytes, status.readable);
  host_socket_read (runner->host, id, (uint32_t)MIN (bytes, INT32_MAX));
  await_read (runner, id, status.read + (uint64_t)bytes);
  host_socket_stop_reading (runner->host, id);
  return (int64_t)(host_socket_status (runner->host, id).read - status.read);
}

DrillOutcome
drill_call_read (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state != DRILL_SOCKET_OPEN)
    return drill_outcome_error ("ENOTCONN");
  HostSocketStatus status = host_socket_status (runner->host, socket->connection_id);
  bool peeks = drill_value_mentions (call_flags (call), "MSG_PEEK");
  if (status.readable > 0) {
    DrillOutcome outcome = drill_outcome (take (runner, socket, call_bytes (call), peeks));
    /* The host knows of the target's data only what has been indicated. */
    outcome.is_least = peeks && host_owner (runner->host, socket->connection_id) == OWNER_TARGET;
    return outcome;
  }
  const char *error = drill_pending_error (runner, socket);
  if (error != NULL) {
    socket->error_told = true;
    return drill_outcome_error (error);
  }
  if (status.end_of_stream || socket->reads_no_more || status.error != HOST_SOCKET_OK)
    return drill_outcome (0);
  return may_not_block (socket, call) ? drill_outcome_error ("EAGAIN") : drill_outcome_blocks ();
}

/* Writing */

DrillOutcome
drill_call_write (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);
  int64_t bytes = call_bytes (call) - runner->room_taken;

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state != DRILL_SOCKET_OPEN)
    return drill_outcome_error ("EPIPE");
  const char *error = drill_pending_error (runner, socket);
  socket->error_told |= error != NULL;
  if (error != NULL)
    return drill_outcome_error (error);
  HostSocketStatus status = host_socket_status (runner->host, socket->connection_id);
  if (status.error != HOST_SOCKET_OK || status.is_shut)
    return drill_outcome_error ("EPIPE");
  if (!status.connected && may_not_block (socket, call))
    return drill_outcome_error ("EAGAIN");
  int64_t room = (int64_t)socket->send_buffer_bytes - (int64_t)status.queued;
  int64_t now = CLAMP (bytes, 0, MAX (room, 0));
  if (now > 0)
    host_socket_write (runner->host, socket->connection_id, (uint32_t)now);
  if (now == bytes)
    return drill_outcome (runner->room_taken + now);
  if (may_not_block (socket, call))
    return now > 0 ? drill_outcome (now) : drill_outcome_error ("EAGAIN");
  runner->room_taken += (uint32_t)now;
  return drill_outcome_blocks ();
}

/* ioctl: bytes in a queue */

DrillOutcome
drill_call_inquire (DrillRunner *runner, const DrillCall *call)
{
  DrillSocket *socket = drill_socket_of (runner, call);
  const DrillValue *what = drill_argument (call, 1);
  int64_t expected;

  if (socket == NULL)
    return drill_outcome_error ("EBADF");
  if (socket->state == DRILL_SOCKET_LISTENING)
    return drill_outcome_error ("EINVAL");
  int64_t actual = 0;
  if (socket->state == DRILL_SOCKET_OPEN) {
    HostSocketStatus status = host_socket_status (runner->host, socket->connection_id);
    bool is_in = drill_value_is (what, "SIOCINQ") || drill_value_is (what, "FIONREAD");
    actual = is_in ? status.readable : (int64_t)status.queued;
  }
  if (drill_value_integer (drill_argument (call, 2), &expected) && expected != actual)
    return (DrillOutcome){ .value = actual, .is_wrong = true };
  return drill_outcome (0);
}

void
drill_check_io (const DrillEvent *event, DrillSettings *settings)
{
  static const char *const known[] = { "MSG_PEEK", "MSG_DONTWAIT", "MSG_NOSIGNAL", "MSG_WAITALL",
                                       "SIOCINQ",  "FIONREAD",     "SIOCOUTQ" };
  const DrillCall *call = &event->call;
  bool is_ioctl = is_call (call, "ioctl");
  const DrillValue *value = is_ioctl ? drill_argument (call, 1) : call_flags (call);

  if (value == NULL || value->kind == DRILL_VALUE_INTEGER || value->kind == DRILL_VALUE_ANY)
    return;
  g_autofree char *text = drill_value_text (value);
  g_auto (GStrv) words = g_strsplit (text, " | ", -1);
  for (size_t i = 0; words[i] != NULL; i++) {
    bool is_known = false;
    for (size_t k = 0; k < G_N_ELEMENTS (known); k++)
      is_known |= strcmp (known[k], words[i]) == 0;
    if (!is_known && !g_ascii_isdigit (words[i][0]))
      drill_settings_note (settings, event->line, "%s %s", call->name, words[i]);
  }
  if (drill_value_member (drill_argument (call, 1), "msg_control") != NULL)
    drill_settings_note (settings, event->line, "%s with control data", call->name);
}
