#include "models/tcp/tcp.h"

#include <glib.h>

#include "models/tcp/congestion.h"
#include "models/tcp/handshake.h"
#include "models/tcp/keepalive.h"
#include "models/tcp/options.h"
#include "models/tcp/plan.h"
#include "models/tcp/state.h"
#include "models/tcp/store.h"
#include "models/tcp/teardown.h"
#include "models/tcp/timer.h"
#include "models/tcp/window.h"
#include "sim/assert.h"

static uint8_t
flags_of_setup (const TcpConfig *config, const TcpSetup *setup)
{
  uint8_t flags = 0;
  if (setup->timestamps)
    flags |= TCP_FLAG_TIMESTAMP_ENABLED;
  if (setup->window_scaling)
    flags |= TCP_FLAG_WINDOW_SCALING_ENABLED;
  if (setup->sack && config->supports_sack)
    flags |= TCP_FLAG_SACK_ENABLED;
  return flags;
}

static void
set_cached_defaults (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup)
{
  if (setup->nagle)
    tcb->cached_flags |= TCP_FLAG_NAGLING_ENABLED;
  if (setup->keepalive)
    tcb->cached_flags |= TCP_FLAG_KEEP_ALIVE_ENABLED;
  tcb->KaProbeCount = (uint8_t)config->keepalive_probes;
  tcb->KaTimeout = config->keepalive_timeout_ticks;
  tcb->KaInterval = config->keepalive_interval_ticks;
  tcb->InitialRcvWnd = setup->receive_window_bytes;
  tcb->ttl = config->ttl;
  tcb->quick_acks_left = config->quick_acks;
}

static void
init (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  SIM_ASSERT (config->store != NULL);
  SIM_ASSERT (config->duplicate_ack_threshold > 0);
  SIM_ASSERT (config->retransmissions_max <= UINT8_MAX);
  SIM_ASSERT (config->keepalive_probes <= UINT8_MAX);
  SIM_ASSERT (setup->ip_version == 4 || setup->ip_version == 6);
  SIM_ASSERT (setup->receive_window_scale <= TCP_WINDOW_SCALE_MAX);

  int64_t tick = tcp_tick (config, now);
  *tcb = (Tcb){ .config = config,
                .connection_id = setup->connection_id,
                .tuple = setup->tuple,
                .ip_version = setup->ip_version,
                .path_mtu_bytes = setup->path_mtu_bytes,
                .local_mss = setup->local_mss,
                .const_flags = flags_of_setup (config, setup),
                .ts_recent_tick = tick - UINT32_MAX,
                .last_send_tick = tick };
  if (tcb->local_mss == 0)
    tcb->local_mss = tcp_options_mss_of_mtu (setup->path_mtu_bytes, setup->ip_version);
  if (setup->window_scaling)
    tcb->RcvWindScale = setup->receive_window_scale;
  set_cached_defaults (tcb, config, setup);
  tcp_timer_stop_all (tcb);
}

void
tcp_init_established (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  init (tcb, config, setup, now);
  if (setup->ecn && config->supports_ecn)
    tcb->bits |= TCP_BIT_ECN;
  if (setup->window_scaling)
    tcb->SndWindScale = setup->send_window_scale;
  tcb->RemoteMss = setup->remote_mss;
  tcp_options_size_segments (tcb);

  tcp_handshake_begin (tcb, setup->send_isn);
  tcb->SndUna++;
  tcb->SndNxt++;
  tcb->SndMax++;
  tcb->SndWnd = setup->peer_window_bytes;
  tcb->MaxSndWnd = setup->peer_window_bytes;
  tcb->RcvNxt = setup->receive_isn + 1;
  tcb->SendWL1 = setup->receive_isn;
  tcp_window_open_first (tcb);
  tcp_congestion_open (tcb, false);
  tcb->State = TcpConnectionEstablished;
  tcp_keepalive_restart (tcb, tcp_tick (config, now));
}

static void
init_unsynchronized (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  init (tcb, config, setup, now);
  if (setup->ecn && config->supports_ecn)
    tcb->bits |= TCP_BIT_ECN_OFFER;
  if (setup->no_options) {
    tcb->bits |= TCP_BIT_NO_OPTIONS;
    tcb->const_flags = 0;
    tcb->RcvWindScale = 0;
  }
  if (setup->ecn_accept && config->supports_ecn)
    tcb->bits |= TCP_BIT_ECN_ACCEPT;
  tcb->RemoteMss = tcb->local_mss;
  tcp_options_size_segments (tcb);
  tcp_handshake_begin (tcb, setup->send_isn);
  tcp_congestion_open (tcb, false);
}

void
tcp_init_closed (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  init_unsynchronized (tcb, config, setup, now);
}

void
tcp_connect (Tcb *tcb, SimTime now)
{
  int64_t tick = tcp_tick (tcb->config, now);

  tcb->ts_recent_tick = tick - UINT32_MAX;
  tcb->last_send_tick = tick;
  bool stepped = tcp_state_step (tcb, TCP_EVENT_ACTIVE_OPEN);
  SIM_ASSERT (stepped);
}

void
tcp_init_connect (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  tcp_init_closed (tcb, config, setup, now);
  tcp_connect (tcb, now);
}

void
tcp_init_listen (Tcb *tcb, const TcpConfig *config, const TcpSetup *setup, SimTime now)
{
  init_unsynchronized (tcb, config, setup, now);
  bool stepped = tcp_state_step (tcb, TCP_EVENT_PASSIVE_OPEN);
  SIM_ASSERT (stepped);
}

void
tcp_clear (Tcb *tcb)
{
  tcp_disorder_clear (tcb);
  tcp_timer_stop_all (tcb);
}

bool
tcp_take_received (Tcb *tcb, uint32_t limit_bytes, TcpRange *ret_range)
{
  if (tcb->ready.bytes == 0)
    return false;
  *ret_range = tcb->ready;
  if (limit_bytes > 0 && limit_bytes < tcb->ready.bytes) {
    ret_range->bytes = limit_bytes;
    tcb->ready.offset += limit_bytes;
    tcb->ready.bytes -= limit_bytes;
    return true;
  }
  tcb->ready = (TcpRange){ 0 };
  TcpDisorder *d = tcb->disorder;
  if (d != NULL && d->ready != NULL) {
    TcpBlock *block = d->ready;
    tcb->ready = block->range;
    d->ready = block->next;
    tcp_block_free (tcb, block);
    tcp_disorder_settle (tcb);
  }
  return true;
}

void
tcp_consume (Tcb *tcb, uint32_t bytes, SimTime now)
{
  SIM_ASSERT (bytes <= tcb->rcv_held_bytes);
  tcb->rcv_held_bytes -= bytes;
  if (tcp_state_can_receive (tcp_state (tcb)))
    tcp_window_review (tcb, tcp_tick (tcb->config, now));
}

void
tcp_send (Tcb *tcb, uint32_t bytes)
{
  SIM_ASSERT (tcp_state_can_send (tcp_state (tcb)));
  SIM_ASSERT ((tcb->bits & TCP_BIT_FIN_QUEUED) == 0);
  SIM_ASSERT (bytes < UINT32_C (1) << 31);
  SIM_ASSERT (tcb->send_end - tcb->SndUna + bytes < UINT32_C (1) << 31);
  tcb->send_end += bytes;
}

TcpNews
tcp_close (Tcb *tcb, G_GNUC_UNUSED SimTime now)
{
  SIM_ASSERT ((tcb->bits & TCP_BIT_FIN_QUEUED) == 0);
  if (tcp_state (tcb) == TcpConnectionSynSent) /* nothing has been agreed on */
    tcb->const_flags &= (uint8_t)~TCP_FLAG_TIMESTAMP_ENABLED;
  if (tcp_state (tcb) == TcpConnectionListen || tcp_state (tcb) == TcpConnectionSynSent)
    return tcp_teardown (tcb, TCP_EVENT_CLOSE, 0);
  tcb->bits |= TCP_BIT_FIN_QUEUED;
  if (tcp_state (tcb) == TcpConnectionSynRcvd)
    return (TcpNews){ 0 }; /* until Established */
  bool stepped = tcp_state_step (tcb, TCP_EVENT_CLOSE);
  SIM_ASSERT (stepped);
  return (TcpNews){ 0 };
}

TcpNews
tcp_abort (Tcb *tcb, G_GNUC_UNUSED SimTime now)
{
  /* DISC-02 asks a target for the RST that RFC 9293 3.10.5 spares in CLOSING and LAST_ACK. */
  bool resets = tcp_state_resets_on_abort (tcp_state (tcb))
                || (tcb->config->role == TCP_ROLE_TARGET && tcp_state (tcb) != TcpConnectionClosed);
  TcpNews news = tcp_teardown (tcb, TCP_EVENT_ABORT, 0);
  if (resets)
    tcp_reset_due_with_ack (tcb, tcp_plan_signal_seq (tcb), tcb->RcvNxt);
  return news;
}

void
tcp_set_path_mtu (Tcb *tcb, uint32_t path_mtu_bytes)
{
  uint16_t old_smss = tcb->smss;
  tcb->path_mtu_bytes = path_mtu_bytes;
  tcp_options_size_segments (tcb);
  tcp_congestion_set (tcb, tcb->CWnd);
  /* RFC 1191 6.5: what is outstanding was too large and goes again at once; nothing was
   * congested. */
  bool is_outstanding = tcb->SndNxt != tcb->SndUna;
  if (tcb->smss < old_smss && is_outstanding && tcp_state_is_synchronized (tcp_state (tcb)))
    tcb->SndNxt = tcb->SndUna;
}

uint32_t
tcp_unsent_bytes (const Tcb *tcb)
{
  int32_t bytes = tcp_seq_diff (tcb->send_end, tcb->SndMax);
  return bytes > 0 ? (uint32_t)bytes : 0;
}

uint32_t
tcp_unacked_bytes (const Tcb *tcb)
{
  /* Before our SYN is acknowledged SndUna stands at the SYN. */
  bool syn_is_out = tcp_state (tcb) == TcpConnectionSynSent
                    || tcp_state (tcb) == TcpConnectionSynRcvd
                    || tcp_state (tcb) == TcpConnectionListen;
  int32_t bytes = tcp_seq_diff (tcb->send_end, tcb->SndUna + (syn_is_out ? 1 : 0));
  return bytes > 0 ? (uint32_t)bytes : 0;
}
