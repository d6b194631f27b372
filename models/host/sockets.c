#include "models/host/sockets.h"

#include <glib.h>

#include "models/host/demux.h"
#include "models/host/machine.h"
#include "models/host/options.h"
#include "models/host/switch.h"
#include "models/host/tcp_path.h"

#define ISN_STREAM "host.socket-isn"

struct HostListener {
  HostSocketSetup setup;
  uint32_t backlog;
};

void
sockets_init (Host *host)
{
  TrafficSpec idle = { .pattern = TRAFFIC_NONE };
  host->sockets.idle = traffic_of (&idle, sim_seed (host->sim), "sockets");
}

void
sockets_clear (Host *host)
{
  g_free (host->sockets.listener);
}

void
host_socket_watch (Host *host, HostSocketChanged changed, void *data)
{
  SIM_ASSERT (changed != NULL);
  host->sockets.changed = changed;
  host->sockets.data = data;
}

void
sockets_changed (Host *host, const Connection *c)
{
  if (c->app.by_hand)
    host->sockets.changed (host->sockets.data, c->id);
}

/* Opening */

/* The next connection that nobody has; NULL: none. */
static Connection *
take_slot (Host *host)
{
  HostSockets *sockets = &host->sockets;

  SIM_ASSERT (sockets->changed != NULL);
  while (sockets->next_id < host->config.n_connections && host->connection[sockets->next_id].added)
    sockets->next_id++;
  return sockets->next_id < host->config.n_connections ? &host->connection[sockets->next_id] : NULL;
}

typedef void (*TcpInit) (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now);

static Connection *
open_slot (Host *host, const HostSocketSetup *setup, TcpInit init)
{
  Connection *c = take_slot (host);
  if (c == NULL)
    return NULL;

  SimStream isn = sim_stream (sim_seed (host->sim), ISN_STREAM);
  HostConnectionSetup own = { .tcp = setup->tcp,
                              .path_index = setup->path_index,
                              .traffic = &host->sockets.idle };
  own.tcp.connection_id = (uint32_t)(c - host->connection);
  own.tcp.send_isn = (uint32_t)sim_draw (isn, own.tcp.connection_id, 0);
  host_init_connection (host, c, &own);
  init (&c->tcb, &host->config.tcp, &own.tcp, sim_now (host->sim));
  options_init_socket (host, c);
  c->app.by_hand = true;
  if (setup->options.mask != 0)
    options_apply (host, c, &setup->options);
  demux_add (host, c);
  return c;
}

static void
set_max_rt (Host *host, Connection *c, uint32_t ticks)
{
  HostOptions options = { .mask = HOST_OPTION_MAX_RT, .MaxRT = ticks };
  options_apply (host, c, &options);
}

uint32_t
host_socket_connect (Host *host, const HostSocketSetup *setup)
{
  Connection *c = open_slot (host, setup, tcp_init_connect);

  if (c == NULL)
    return HOST_NO_SOCKET;
  if (setup->handshake_ticks > 0) {
    c->app.limits_handshake = true;
    c->app.MaxRT_connected = c->tcb.MaxRT;
    set_max_rt (host, c, setup->handshake_ticks);
  }
  connection_settle (host, c);
  return c->id;
}

static HostListener *
find_listener (Host *host, uint16_t port)
{
  for (uint32_t i = 0; i < host->sockets.n_listeners; i++)
    if (host->sockets.listener[i].setup.tcp.tuple.source_port == port)
      return &host->sockets.listener[i];
  return NULL;
}

void
host_socket_listen (Host *host, const HostSocketSetup *setup, uint32_t backlog)
{
  HostSockets *sockets = &host->sockets;

  SIM_ASSERT (sockets->changed != NULL);
  SIM_ASSERT (sockets->n_listeners < HOST_LISTENERS_MAX);
  SIM_ASSERT (find_listener (host, setup->tcp.tuple.source_port) == NULL);
  sockets->listener = g_renew (HostListener, sockets->listener, sockets->n_listeners + 1);
  sockets->listener[sockets->n_listeners++] = (HostListener){ *setup, MAX (backlog, 1) };
}

/* A connection of |port| that no accept has taken. */
static bool
waits_at (const Connection *c, uint16_t port)
{
  return c->added && c->app.by_hand && c->app.is_child && !c->app.accepted
         && c->tcb.tuple.source_port == port;
}

void
host_socket_unlisten (Host *host, uint16_t port)
{
  HostListener *listener = find_listener (host, port);

  SIM_ASSERT (listener != NULL);
  *listener = host->sockets.listener[--host->sockets.n_listeners];
  for (uint32_t id = 0; id < host->config.n_connections; id++)
    if (waits_at (&host->connection[id], port))
      app_abort (host, &host->connection[id]);
}

uint32_t
host_socket_accept (Host *host, uint16_t port)
{
  for (uint32_t id = 0; id < host->config.n_connections; id++) {
    Connection *c = &host->connection[id];
    if (waits_at (c, port) && c->app.connected) {
      c->app.accepted = true;
      return id;
    }
  }
  return HOST_NO_SOCKET;
}

static uint32_t
count_waiting (const Host *host, uint16_t port)
{
  uint32_t count = 0;
  for (uint32_t id = 0; id < host->config.n_connections; id++)
    count += waits_at (&host->connection[id], port) && !host->connection[id].app.gone;
  return count;
}

/* Segments */

/* The connection is over, or gives way to the one that |segment| opens. */
static bool
makes_room (const Connection *c, const TcpSegment *segment)
{
  return tcp_state (&c->tcb) == TcpConnectionClosed || tcp_time_wait_yields (&c->tcb, segment);
}

static bool
opens (const TcpSegment *segment)
{
  return (segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

static Connection *
open_passively (Host *host, const HostListener *listener, const TcpSegment *syn)
{
  HostSocketSetup setup = listener->setup;

  setup.tcp.tuple = tcp_tuple_reversed (syn->tuple);
  Connection *c = open_slot (host, &setup, tcp_init_listen);
  if (c != NULL)
    c->app.is_child = true;
  return c;
}

Connection *
sockets_find (Host *host, const TcpSegment *segment, TcpSegment *ret_reset, bool *ret_refused)
{
  Connection *c = demux_find (host, segment->tuple);

  *ret_refused = false;
  bool shunned = host->config.tcp.drops_syn_fin && tcp_segment_is_syn_fin (segment);
  if (host->sockets.changed == NULL || (c != NULL && (shunned || !makes_room (c, segment))))
    return c;
  if (shunned)
    return NULL;
  HostListener *listener = find_listener (host, segment->tuple.destination_port);
  if (listener == NULL)
    return c != NULL ? c : (*ret_refused = tcp_refuse (segment, ret_reset), NULL);
  if (opens (segment))
    return count_waiting (host, segment->tuple.destination_port) < listener->backlog + 1
               ? open_passively (host, listener, segment)
               : NULL;
  /* RFC 9293 3.10.7.2: an ACK is refused, anything else dropped. */
  if ((segment->flags & TCP_ACK) != 0)
    *ret_refused = tcp_refuse (segment, ret_reset);
  return NULL;
}

/* RFC 1122 4.2.2.13: nobody will read what has come. */
static void
reset_unread (Host *host, Connection *c)
{
  tcp_abort (&c->tcb, sim_now (host->sim));
  c->una_offset = c->posted_offset = c->send_offset;
  app_gone (host, c);
}

void
sockets_news (Host *host, Connection *c, TcpNews news)
{
  App *app = &c->app;

  if (!app->by_hand)
    return;
  if (news.events & TCP_NEWS_CONNECTED) {
    app->connected = true;
    if (app->limits_handshake)
      set_max_rt (host, c, app->MaxRT_connected);
    app->limits_handshake = false;
    if (app_wants_room (app))
      processors_defer (host, c, HOST_JOB_APP);
  }
  if (news.events & TCP_NEWS_RESET)
    app->reset = true;
  if (news.events & TCP_NEWS_TIMED_OUT)
    app->timed_out = true;
  if (news.events & TCP_NEWS_DATA && app->abandoned && !app->gone
      && tcp_state (&c->tcb) != TcpConnectionClosed)
    reset_unread (host, c);
  sockets_changed (host, c);
}

/* From the host's TCP; what came by the chimney is delivered already. */
static void
deliver (Host *host, Connection *c, uint32_t bytes)
{
  switch_trace_route (host, c, NDIS_CALL_NdisOffloadTcpReceive, PATH_HOST);
  processors_charge (host, HOST_COST_COPY_RECEIVE, PART_HOST_COPY, WAY_HOST, bytes);
  switch_deliver (host, c, bytes, PATH_HOST);
  tcp_consume (&c->tcb, bytes, sim_now (host->sim));
  connection_settle (host, c);
}

void
sockets_take (Host *host, Connection *c)
{
  App *app = &c->app;
  uint64_t here = owner_host_runs (c->owner) ? c->received_offset : c->delivered_offset;
  uint64_t unread = here - app->read_offset;
  uint32_t bytes = (uint32_t)MIN (app->to_take, unread);

  if (bytes == 0)
    return;
  app->read_offset += bytes;
  app->to_take -= bytes;
  if (app->read_offset > c->delivered_offset)
    deliver (host, c, (uint32_t)(app->read_offset - c->delivered_offset));
  sockets_changed (host, c);
}

void
sockets_indicated (Host *host, Connection *c)
{
  if (!c->app.by_hand)
    return;
  if (c->app.abandoned && !c->app.gone)
    app_abort (host, c);
  sockets_changed (host, c);
}

bool
sockets_close (Host *host, Connection *c)
{
  TCP_OFFLOAD_CONNECTION_STATE state = tcp_state (&c->tcb);

  if (state != TcpConnectionSynSent && state != TcpConnectionSynRcvd)
    return switch_close (host, c);
  if (!(c->bits & (CONN_HOST_CLOSED | CONN_ABORTED))) {
    c->bits |= CONN_HOST_CLOSED | CONN_FIN_WITH_TCB;
    tcp_path_news (host, c, tcp_close (&c->tcb, sim_now (host->sim)));
    connection_settle (host, c);
  }
  return true;
}

/* Driving */

static Connection *
socket_of (Host *host, uint32_t connection_id)
{
  Connection *c = host_connection (host, connection_id);
  SIM_ASSERT (c->app.by_hand);
  return c;
}

void
host_socket_write (Host *host, uint32_t connection_id, uint32_t bytes)
{
  Connection *c = socket_of (host, connection_id);

  SIM_ASSERT (bytes > 0);
  SIM_ASSERT (!c->app.wants_close);
  app_send (host, c, bytes);
}

void
host_socket_read (Host *host, uint32_t connection_id, uint32_t bytes)
{
  Connection *c = socket_of (host, connection_id);

  c->app.to_take += bytes;
  processors_defer (host, c, HOST_JOB_APP);
  processors_defer (host, c, HOST_JOB_CHIMNEY);
}

void
host_socket_stop_reading (Host *host, uint32_t connection_id)
{
  socket_of (host, connection_id)->app.to_take = 0;
}

void
host_socket_shutdown (Host *host, uint32_t connection_id)
{
  app_close (host, socket_of (host, connection_id));
}

void
host_socket_close (Host *host, uint32_t connection_id)
{
  Connection *c = socket_of (host, connection_id);

  c->app.abandoned = true;
  if (host_socket_status (host, connection_id).readable > 0)
    app_abort (host, c);
  else
    app_close (host, c);
}

void
host_socket_abort (Host *host, uint32_t connection_id)
{
  app_abort (host, socket_of (host, connection_id));
}

void
host_socket_hard_error (Host *host, TcpTuple tuple, uint32_t seq)
{
  Connection *c = demux_find (host, tuple);

  if (c == NULL || !c->app.by_hand || !owner_host_runs (c->owner))
    return;
  tcp_path_news (host, c, tcp_hard_error (&c->tcb, seq));
  connection_settle (host, c);
}

/* Reading */

static HostSocketError
error_of (const App *app)
{
  if (app->timed_out)
    return HOST_SOCKET_TIMED_OUT;
  if (!app->reset && !app->gone)
    return HOST_SOCKET_OK;
  return app->connected ? HOST_SOCKET_RESET : HOST_SOCKET_REFUSED;
}

HostSocketStatus
host_socket_status (const Host *host, uint32_t connection_id)
{
  SIM_ASSERT (connection_id < host->config.n_connections);
  const Connection *c = &host->connection[connection_id];
  SIM_ASSERT (c->added);
  SIM_ASSERT (c->app.by_hand);
  bool is_here = owner_host_runs (c->owner);
  uint64_t end = is_here ? c->received_offset : c->delivered_offset + c->app.indicated_bytes;

  return (HostSocketStatus){
    .state = tcp_state (&c->tcb),
    .error = error_of (&c->app),
    .connected = c->app.connected,
    .is_shut = c->app.wants_close,
    .end_of_stream = (c->bits & CONN_FIN_RECEIVED) != 0,
    .readable = (uint32_t)(end - c->app.read_offset),
    .read = c->app.read_offset,
    .written = c->send_offset + c->app.to_write,
    .queued = c->send_offset - c->una_offset + c->app.to_write,
    .tcb = &c->tcb,
  };
}

uint32_t
host_socket_find (Host *host, TcpTuple tuple)
{
  const Connection *c = demux_find (host, tuple);
  return c == NULL ? HOST_NO_SOCKET : c->id;
}
