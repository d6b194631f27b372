#include "models/host/options.h"

#include "models/host/machine.h"

uint16_t
options_commands (const HostOptions *options)
{
  uint16_t flags = options->commands;

  if (options->mask & HOST_OPTION_RECEIVE_WINDOW)
    flags |= TCP_FLAG_UPDATE_RCV_WND;
  if (options->mask & (HOST_OPTION_KEEPALIVE | HOST_OPTION_KEEPALIVE_TIMES))
    flags |= TCP_FLAG_KEEP_ALIVE_RESTART;
  if (options->mask & HOST_OPTION_MAX_RT)
    flags |= TCP_FLAG_MAX_RT_RESTART;
  return flags;
}

static void
set_flag (TCP_OFFLOAD_STATE_CACHED *cached, uint16_t flag, bool on)
{
  cached->Flags = (uint16_t)(on ? cached->Flags | flag : cached->Flags & ~flag);
}

static void
apply_keepalive (TCP_OFFLOAD_STATE_CACHED *cached, const HostOptions *options)
{
  if (options->mask & HOST_OPTION_KEEPALIVE)
    set_flag (cached, TCP_FLAG_KEEP_ALIVE_ENABLED, options->keepalive);
  if (options->mask & HOST_OPTION_KA_PROBES)
    cached->KaProbeCount = options->KaProbeCount;
  if (options->mask & HOST_OPTION_KA_TIMEOUT)
    cached->KaTimeout = options->KaTimeout;
  if (options->mask & HOST_OPTION_KA_INTERVAL)
    cached->KaInterval = options->KaInterval;
}

static void
apply_headers (Connection *c, TCP_OFFLOAD_STATE_CACHED *cached, const HostOptions *options)
{
  if (options->mask & HOST_OPTION_TTL)
    cached->TtlOrHopLimit = options->TtlOrHopLimit;
  if (options->mask & HOST_OPTION_TOS)
    cached->TosOrTrafficClass = options->TosOrTrafficClass;
  if (options->mask & HOST_OPTION_FLOW_LABEL)
    cached->FlowLabel = options->FlowLabel & 0xfffffU;
  if (options->mask & HOST_OPTION_PRIORITY)
    c->user_priority = options->UserPriority;
  cached->UserPriority = c->user_priority & 0x7u;
}

void
options_apply (Host *host, Connection *c, const HostOptions *options)
{
  TCP_OFFLOAD_STATE_CACHED cached = { 0 };

  tcp_export_cached (&c->tcb, &cached);
  if (options->mask & HOST_OPTION_RECEIVE_WINDOW)
    cached.InitialRcvWnd = options->InitialRcvWnd;
  if (options->mask & HOST_OPTION_NAGLE)
    set_flag (&cached, TCP_FLAG_NAGLING_ENABLED, options->nagle);
  if (options->mask & HOST_OPTION_MAX_RT)
    cached.MaxRT = options->MaxRT;
  if (options->mask & HOST_OPTION_INDICATION)
    cached.RcvIndicationSize = options->RcvIndicationSize;
  apply_keepalive (&cached, options);
  apply_headers (c, &cached, options);
  cached.Flags |= options_commands (options);
  tcp_update_cached (&c->tcb, &cached, sim_now (host->sim));
  TRACE (host->trace, host->config.actor_id, CHANGED, c->handle.object_id);
  connection_settle (host, c);
}

void
options_init_socket (Host *host, Connection *c)
{
  TCP_OFFLOAD_STATE_CACHED cached = { 0 };

  tcp_export_cached (&c->tcb, &cached);
  cached.RcvIndicationSize = c->receive->RcvIndicationSize;
  cached.TtlOrHopLimit = host->config.TtlOrHopLimit;
  cached.TosOrTrafficClass = host->config.TosOrTrafficClass;
  cached.MaxRT = host->config.keepalive.MaxRT;
  tcp_update_cached (&c->tcb, &cached, sim_now (host->sim));
}

void
options_init (Host *host, Connection *c)
{
  const HostKeepalive *keepalive = &host->config.keepalive;
  TCP_OFFLOAD_STATE_CACHED cached = { 0 };

  tcp_export_cached (&c->tcb, &cached);
  cached.RcvIndicationSize = c->receive->RcvIndicationSize;
  cached.KaTimeout = keepalive->KaTimeout;
  cached.KaInterval = keepalive->KaInterval;
  cached.KaProbeCount = keepalive->KaProbeCount;
  cached.MaxRT = keepalive->MaxRT;
  cached.TtlOrHopLimit = host->config.TtlOrHopLimit;
  cached.TosOrTrafficClass = host->config.TosOrTrafficClass;
  cached.UserPriority = c->user_priority & 0x7u;
  if (!host->config.send.nagle)
    set_flag (&cached, TCP_FLAG_NAGLING_ENABLED, false);
  if (keepalive->enabled)
    cached.Flags |= TCP_FLAG_KEEP_ALIVE_ENABLED | TCP_FLAG_KEEP_ALIVE_RESTART;
  tcp_update_cached (&c->tcb, &cached, sim_now (host->sim));
}
